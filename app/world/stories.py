"""What happens to one claim, told step by step: billed, answered, reversed, billed again.

A story yields Bill and Send steps and is resumed with what became of each. A step that ends held, cut or
after the last day of the world is never resumed.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from app.world import adjudicate
from app.world.adjudicate import Adjudication, Answer, PatientShare
from app.world.claims import Claim, pick
from app.world.people import Entity
from app.world.prices import Prices, share_of
from app.world.tables import Payer, payers, reasons
from app.world.write835 import NOTHING, PARK, Leg, Plb
from app.world.write837 import Billed


@dataclass(frozen=True, slots=True)
class Bill:
    """Send this claim; resumed with the day it was submitted. ready: not before this day."""

    billed: Billed
    ready: date


@dataclass(frozen=True, slots=True)
class Send:
    """Put these claims and provider adjustments into the payer's next payment; resumed with Paid.

    skip: how many payments of this payer to wait. own: a payment of its own. plain: a first answer
    nothing else depends on yet, so its file may be held or cut.
    """

    entity: Entity
    payer: Payer
    ready: date
    legs: tuple[Leg, ...]
    plb: tuple[Plb, ...] = field(default=())
    skip: int = 0
    own: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """Where a Send went."""

    day: date
    trace: str


Step = Bill | Send
Story = Generator[Step, object, None]
REASON_KIND = {"denied_claim": "claim", "denied_patient": "patient", "denied_unknown_member": "unknown_member",
               "zero_pay": "claim"}  # fmt: skip


class Teller:
    """Tells the story of each claim."""

    def __init__(self, rng: Random, prices: Prices) -> None:
        self._rng, self._prices = rng, prices

    def tell(self, claim: Claim, fault: str) -> Story:
        """The whole life of one claim with this fault, or an ordinary one when empty."""
        submitted = yield Bill(Billed(claim), claim.service_to + timedelta(days=1 + int(self._rng.random() * 4)))
        if fault == "unanswered" or not isinstance(submitted, date):
            return
        ready = submitted + timedelta(days=claim.payer.lag_days + int(self._rng.random() * 6))
        if fault in _PARKED:
            yield from self._parked(claim, fault, ready)
        elif fault in _LATER:
            yield from self._later(claim, fault, ready)
        else:
            yield from self._ordinary(claim, fault, ready)

    def _ordinary(self, claim: Claim, fault: str, ready: date) -> Iterator[Step]:
        first = self.decide(claim, fault)
        second = claim.secondary if _left_for_second(first) else None
        if second and second.key == "tidewater" and self._rng.random() < 0.6:
            first = replace(first, status=adjudicate.CROSSED, forwarded_to=second)
        effect = NOTHING if fault in ("estimate", "forwarded") else "post"
        flaw = fault if fault == "patient_share_differs" else ""
        plb: tuple[Plb, ...] = (("L6", "", -first.interest),) if first.interest else ()
        plain = not plb and not second and fault != "zero_pay"
        paid = yield Send(claim.entity, claim.payer, ready, (Leg(first, effect, flaw),), plb,
                          own=fault == "zero_pay", plain=plain)  # fmt: skip
        if not second or not isinstance(paid, Paid):
            return
        ready = paid.day + timedelta(days=6)
        if first.status != adjudicate.CROSSED:
            submitted = yield Bill(Billed(claim, first, paid.day), paid.day + timedelta(days=2))
            if not isinstance(submitted, date):
                return
            ready = submitted
        ready += timedelta(days=second.lag_days + int(self._rng.random() * 6))
        yield Send(claim.entity, second, ready, (Leg(adjudicate.pay_second(first, second, self._prices)),), plain=True)

    def _parked(self, claim: Claim, fault: str, ready: date) -> Iterator[Step]:
        good = self.decide(claim, "")
        if fault == "unmatched":
            stranger = replace(claim, patient=replace(claim.patient, last="NOBODYS", number=claim.patient.number + 7))
            lost = replace(good, claim=stranger, number=good.number + "U")
            yield self._send(claim, ready, Leg(good), Leg(lost, PARK, fault, f"OLD{claim.number:08d}"))
        elif fault == "reversal_without_original":
            stranger = replace(claim, patient=replace(claim.patient, last="NOBODYS", number=claim.patient.number + 9))
            lost = replace(adjudicate.reverse(good), claim=stranger, number=good.number + "R")
            yield self._send(claim, ready, Leg(good), Leg(lost, PARK, fault, f"OLR{claim.number:08d}"))
        elif fault == "same_adjudication":
            paid = yield self._send(claim, ready, Leg(good))
            if isinstance(paid, Paid):
                yield self._send(claim, paid.day + timedelta(days=7), Leg(good, PARK, fault), skip=1)
        else:
            yield self._send(claim, ready, Leg(good, PARK, fault))

    def _later(self, claim: Claim, fault: str, ready: date) -> Iterator[Step]:
        first = self.decide(claim, "generous" if fault != "reversed_corrected" else "underpaid_percent")
        paid = yield self._send(claim, ready, Leg(first))
        if not isinstance(paid, Paid):
            return
        ready = paid.day + timedelta(days=7 + int(self._rng.random() * 14))
        back, again = Leg(adjudicate.reverse(first)), Leg(self._second_thought(first, fault))
        if fault == "reversed_only":
            yield self._send(claim, ready, back, skip=1)
        elif fault == "forward_balance":
            yield Send(claim.entity, claim.payer, ready, (back, again), skip=1, own=True)
        elif fault == "reversed_split":
            paid = yield self._send(claim, ready, back, skip=1)
            if isinstance(paid, Paid):
                yield self._send(claim, paid.day + timedelta(days=8), again, skip=1)
        elif fault == "takeback_deferred":
            net = again.adjudication.paid - first.paid
            reference = first.number
            paid = yield Send(claim.entity, claim.payer, ready, (back, again), (("WO", reference, net),), skip=1)
            if isinstance(paid, Paid):
                day = paid.day + timedelta(days=10)
                yield Send(claim.entity, claim.payer, day, (), (("WO", reference, -net),), skip=1)
        else:
            yield self._send(claim, ready, back, again, skip=1)

    def _send(self, claim: Claim, ready: date, *legs: Leg, skip: int = 0) -> Send:
        return Send(claim.entity, claim.payer, ready, legs, skip=skip)

    def _second_thought(self, first: Adjudication, fault: str) -> Adjudication:
        """The decision after a reversal: the schedule's price, a line bundled away, or less allowed."""
        claim = first.claim
        if fault == "reversed_corrected":
            share = PatientShare(self._rng, claim, claim.payer)
            answers = [self._settle(claim, line.number, share, 10_000) for line in claim.lines]
        elif fault == "denied_after_payment":
            reason = pick(self._rng, reasons()["line"])
            answers = list(first.answers)
            last = answers[-1]
            answers[-1] = adjudicate.refuse(last.line, reason, last.expected)
        else:
            share = PatientShare(self._rng, claim, claim.payer)
            answers = [self._settle(claim, line.number, share, 7_000) for line in claim.lines]
        return adjudicate.corrected(first, answers)

    def _settle(self, claim: Claim, number: int, share: PatientShare, part_bp: int) -> Answer:
        line = claim.lines[number - 1]
        expected = adjudicate.expected_fee(self._prices, claim.payer, line, line.day.year)
        return adjudicate.settle(line, share_of(expected, part_bp), expected, claim.payer, share)

    def decide(self, claim: Claim, fault: str) -> Adjudication:
        """The payer's first answer to a claim."""
        payer, rng = claim.payer, self._rng
        share = PatientShare(rng, claim, payer)
        if fault == "generous":
            share.deductible = 0
        if claim.form == "D":
            decided = adjudicate.pay_by_drg(claim, payer, self._prices, share)
        elif fault in REASON_KIND:
            decided = self._refused(claim, fault)
        elif fault == "estimate":
            answers = [Answer(line, line.charge, 0, (("OA", "101", line.charge),)) for line in claim.lines]
            return adjudicate.assemble(claim, payer, adjudicate.ESTIMATE, answers, kinds=(fault,))
        elif fault == "forwarded":
            answers = [Answer(line, line.charge, 0, (("CO", "B11", line.charge),)) for line in claim.lines]
            decided = adjudicate.assemble(claim, payer, adjudicate.FORWARDED, answers, kinds=(fault,))
            return replace(decided, forwarded_to=payers()["larkspur" if payer.key == "summit" else "summit"])
        elif fault == "capitated":
            answers = [Answer(line, line.charge, 0, (("CO", "24", line.charge),)) for line in claim.lines]
            decided = adjudicate.assemble(claim, payer, adjudicate.PRIMARY, answers, kinds=(fault,))
        else:
            decided = self._priced(claim, fault, share)
        if fault == "interest" and decided.paid > 0:
            decided = replace(decided, interest=max(share_of(decided.paid, 90), 1))
        return decided

    def _priced(self, claim: Claim, fault: str, share: PatientShare) -> Adjudication:
        payer, rng = claim.payer, self._rng
        part_bp = 8_500 if fault == "underpaid_percent" else 10_000
        answers = []
        refused_line = 1 + int(rng.random() * len(claim.lines)) if fault == "denied_line" else 0
        for line in claim.lines:
            expected = adjudicate.expected_fee(self._prices, payer, line, line.day.year)
            if line.number == refused_line:
                answers.append(adjudicate.refuse(line, pick(rng, reasons()["line"]), expected))
                continue
            allowed = share_of(expected, part_bp)
            if fault == "underpaid_old_fee":
                allowed = adjudicate.expected_fee(self._prices, payer, line, line.day.year - 1)
            answers.append(adjudicate.settle(line, allowed, expected, payer, share))
        if fault == "denied_partial":
            best = max(range(len(answers)), key=lambda n: answers[n].paid)
            answers[best] = adjudicate.reduce_partly(answers[best], pick(rng, reasons()["partial"]), 3_500)
        return adjudicate.assemble(claim, payer, adjudicate.PRIMARY, answers, kinds=(fault,) if fault else ())

    def _refused(self, claim: Claim, fault: str) -> Adjudication:
        reason = pick(self._rng, reasons()[REASON_KIND[fault]])
        answers = [
            adjudicate.refuse(line, reason, adjudicate.expected_fee(self._prices, claim.payer, line, line.day.year))
            for line in claim.lines
        ]
        status = adjudicate.DENIED if fault == "denied_unknown_member" else adjudicate.PRIMARY
        return adjudicate.assemble(claim, claim.payer, status, answers, kinds=(fault,))


def _left_for_second(first: Adjudication) -> bool:
    """Whether deductible, coinsurance or copay is left for the next payer, and nothing is denied."""
    return any(group == "PR" and carc in adjudicate.CONSUMED for group, carc, _ in first.adjustments())


_PARKED = ("unmatched", "reversal_without_original", "same_adjudication", "line_unbalanced", "claim_unbalanced",
           "three_decimals", "unknown_status")  # fmt: skip
_LATER = ("reversed_corrected", "reversed_split", "reversed_only", "denied_after_payment", "takeback_deferred",
          "forward_balance")  # fmt: skip
