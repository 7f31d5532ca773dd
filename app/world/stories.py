"""What happens to one claim, told step by step: billed, answered, reversed, billed again.

A story yields Bill and Send steps and is resumed with what became of each. A step that ends held, cut or
after the last day of the world is never resumed.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from app.world.adjudicate import CONSUMED, CROSSED, Adjudication, reverse
from app.world.claims import Claim
from app.world.deciding import Adjuster
from app.world.people import Entity
from app.world.prices import Prices
from app.world.tables import Payer
from app.world.write835 import NOTHING, PARK, POST, Leg, Plb
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
PARKED = ("unmatched", "reversal_without_original", "same_adjudication", "line_unbalanced",
          "claim_unbalanced", "three_decimals", "unknown_status")  # fmt: skip
LATER = ("reversed_corrected", "reversed_split", "reversed_only", "denied_after_payment", "takeback_deferred",
         "forward_balance")  # fmt: skip


class Teller:
    """Tells the story of each claim. leaves_second: the office sends nothing on to second payers itself."""

    def __init__(self, rng: Random, prices: Prices, *, leaves_second: bool = False) -> None:
        self._rng, self._adjuster, self._leaves_second = rng, Adjuster(rng, prices), leaves_second

    def tell(self, claim: Claim, fault: str) -> Story:
        """The whole life of one claim with this fault, or an ordinary one when empty."""
        submitted = yield Bill(Billed(claim), claim.service_to + self._days(1, 4))
        if fault == "unanswered" or not isinstance(submitted, date):
            return
        ready = submitted + self._days(claim.payer.lag_days, 6)
        if fault in PARKED:
            yield from self._parked(claim, fault, ready)
        elif fault in LATER:
            yield from self._later(claim, fault, ready)
        elif fault == "rebilled":
            yield from self._rebilled(claim, ready)
        else:
            yield from self._ordinary(claim, fault, ready)

    def _ordinary(self, claim: Claim, fault: str, ready: date) -> Iterator[Step]:
        """Answered once by each plan."""
        first = self._adjuster.decide(claim, fault)
        second = claim.secondary if _left_for_second(first) else None
        if second and second.key == "tidewater" and self._rng.random() < 0.6:
            first = replace(first, status=CROSSED, forwarded_to=second)
        leg = Leg(
            first, NOTHING if fault == "estimate" else POST, fault if fault == "patient_share_differs" else ""
        )
        plb: tuple[Plb, ...] = (("L6", "", -first.interest),) if first.interest else ()
        own = fault == "zero_pay"
        paid = yield Send(
            claim.entity, claim.payer, ready, (leg,), plb, own=own, plain=not (plb or second or own)
        )
        if not second or not isinstance(paid, Paid):
            return
        ready = paid.day + timedelta(days=6)
        if first.status != CROSSED and self._leaves_second:
            return
        if first.status != CROSSED:
            submitted = yield Bill(Billed(claim, first, paid.day), paid.day + timedelta(days=2))
            if not isinstance(submitted, date):
                return
            ready = submitted
        answer = Leg(self._adjuster.second(first))
        yield Send(claim.entity, second, ready + self._days(second.lag_days, 6), (answer,), plain=True)

    def _parked(self, claim: Claim, fault: str, ready: date) -> Iterator[Step]:
        """Answered in a way that cannot be posted; for some kinds beside the good answer."""
        good = self._adjuster.decide(claim, "")
        if fault in ("unmatched", "reversal_without_original"):
            nobody = replace(claim.patient, last="NOBODYS", number=claim.patient.number + 7)
            answer = good if fault == "unmatched" else reverse(good)
            lost = replace(answer, claim=replace(claim, patient=nobody), number=good.number + "U")
            yield self._send(claim, ready, Leg(good), Leg(lost, PARK, fault, f"OLD{claim.number:08d}"))
        elif fault == "same_adjudication":
            paid = yield self._send(claim, ready, Leg(good))
            if isinstance(paid, Paid):
                yield self._send(claim, paid.day + timedelta(days=7), Leg(good, PARK, fault), skip=1)
        else:
            yield self._send(claim, ready, Leg(good, PARK, fault))

    def _later(self, claim: Claim, fault: str, ready: date) -> Iterator[Step]:
        """Paid, then reversed; mostly with a correction, in the same payment or a later one."""
        share = self._adjuster.share(claim, deductible=fault == "reversed_corrected")
        first = self._adjuster.decide(
            claim, "underpaid_percent" if fault == "reversed_corrected" else "", share
        )
        paid = yield self._send(claim, ready, Leg(first))
        if not isinstance(paid, Paid):
            return
        ready = paid.day + self._days(7, 14)
        if fault == "denied_after_payment":
            changed = self._adjuster.again_refused(first)
        else:
            changed = self._adjuster.again(first, 10_000 if fault == "reversed_corrected" else 7_000, share)
        back, again = Leg(reverse(first)), Leg(changed)
        net = changed.paid - first.paid
        if fault == "reversed_only":
            yield self._send(claim, ready, back, skip=1)
        elif fault == "forward_balance":
            yield Send(claim.entity, claim.payer, ready, (back, again), skip=1, own=True)
        elif fault == "reversed_split":
            paid = yield self._send(claim, ready, back, skip=1)
            if isinstance(paid, Paid):
                yield self._send(claim, paid.day + timedelta(days=8), again, skip=1)
        elif fault == "takeback_deferred" and net < 0:
            deferred, collected = ("WO", first.number, net), ("WO", first.number, -net)
            paid = yield Send(claim.entity, claim.payer, ready, (back, again), (deferred,), skip=1)
            if isinstance(paid, Paid):
                yield Send(claim.entity, claim.payer, paid.day + timedelta(days=10), (), (collected,), skip=1)
        else:
            yield self._send(claim, ready, back, again, skip=1)

    def _rebilled(self, claim: Claim, ready: date) -> Iterator[Step]:
        """Answered, then billed again with a unit more; the payer takes its answer back and decides anew."""
        share = self._adjuster.share(claim)
        first = self._adjuster.decide(claim, "", share)
        paid = yield self._send(claim, ready, Leg(first))
        if not isinstance(paid, Paid):
            return
        fuller = one_unit_more(claim)
        submitted = yield Bill(Billed(fuller, replaces=first.number), paid.day + self._days(4, 10))
        if not isinstance(submitted, date):
            return
        anew = self._adjuster.decide(fuller, "", share)
        anew = replace(anew, number=first.number + "A", original=first.number)
        yield self._send(
            claim, submitted + self._days(claim.payer.lag_days, 6), Leg(reverse(first)), Leg(anew), skip=1
        )

    def _send(self, claim: Claim, ready: date, *legs: Leg, skip: int = 0) -> Send:
        return Send(claim.entity, claim.payer, ready, legs, skip=skip)

    def _days(self, least: int, spread: int) -> timedelta:
        return timedelta(days=least + int(self._rng.random() * spread))


def one_unit_more(claim: Claim) -> Claim:
    """The claim with one more unit on its first line."""
    first = claim.lines[0]
    each = first.charge // first.units
    more = replace(first, units=first.units + 1, charge=first.charge + each)
    return replace(claim, lines=(more, *claim.lines[1:]), charge=claim.charge + each)


def _left_for_second(first: Adjudication) -> bool:
    """Whether deductible, coinsurance or copay is left for the next payer."""
    return any(group == "PR" and carc in CONSUMED for group, carc, _ in first.adjustments())
