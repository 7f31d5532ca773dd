"""How a payer comes to its answer: by the fee schedule, or by one of the ways of getting it wrong."""

from copy import copy
from dataclasses import replace
from random import Random

from app.world import adjudicate
from app.world.adjudicate import Adjudication, Answer, PatientShare
from app.world.claims import Claim, Line, pick
from app.world.prices import Prices, share_of
from app.world.tables import Code, Reason, codes, payers, reasons

REASON_KIND = {
    "denied_claim": "claim", "denied_patient": "patient", "denied_unknown_member": "unknown_member",
    "zero_pay": "claim",
}  # fmt: skip
LOWER = {"99215": "99214", "99214": "99213", "99204": "99203", "99284": "99283"}
BUNDLED = Reason("line", "CO", "97", "M15", "bundling", 1)


class Adjuster:
    """Decides claims. Every decision balances, also a wrong one."""

    def __init__(self, rng: Random, prices: Prices) -> None:
        self._rng, self._prices = rng, prices

    def share(self, claim: Claim, *, deductible: bool = True) -> PatientShare:
        """What the plan leaves to the patient on this claim."""
        drawn = PatientShare(self._rng, claim, claim.payer)
        if not deductible:
            drawn.deductible = 0
        return drawn

    def decide(self, claim: Claim, fault: str, share: PatientShare | None = None) -> Adjudication:
        """The payer's first answer. share: what the patient bears; drawn when None, left as it was given."""
        open_share = copy(share) if share else self.share(claim)
        if claim.form == "D":
            decided = adjudicate.pay_by_drg(claim, claim.payer, self._prices, open_share)
        elif fault in REASON_KIND:
            decided = self._refused(claim, fault)
        elif fault in ("estimate", "forwarded", "capitated"):
            decided = self._unpaid(claim, fault)
        else:
            decided = self._priced(claim, fault, open_share)
        if fault == "interest" and decided.paid > 0:
            decided = replace(decided, interest=max(share_of(decided.paid, 90), 1))
        if fault == "claim_deductible" and decided.paid > 100:
            part = decided.paid // 2
            decided = replace(decided, paid=decided.paid - part, cas=(("PR", "1", part),))
        return decided

    def again(self, first: Adjudication, part_bp: int, share: PatientShare) -> Adjudication:
        """The decision that replaces the first one: this part of the schedule's price for every line."""
        claim, open_share = first.claim, copy(share)
        return adjudicate.corrected(
            first, [self._settle(claim, line, open_share, part_bp) for line in claim.lines]
        )

    def again_refused(self, first: Adjudication) -> Adjudication:
        """The decision that replaces the first one by refusing the last line."""
        answers = list(first.answers)
        answers[-1] = adjudicate.refuse(
            answers[-1].line, pick(self._rng, reasons()["line"]), answers[-1].expected
        )
        return adjudicate.corrected(first, answers)

    def second(self, first: Adjudication) -> Adjudication:
        """The second plan's answer to what the first left open."""
        if first.claim.secondary is None:
            raise ValueError("the claim has one plan only")
        return adjudicate.pay_second(first, first.claim.secondary, self._prices)

    def _expected(self, claim: Claim, line: Line) -> int:
        return adjudicate.expected_fee(self._prices, claim.payer, line, line.day.year)

    def _settle(self, claim: Claim, line: Line, share: PatientShare, part_bp: int) -> Answer:
        expected = self._expected(claim, line)
        return adjudicate.settle(line, share_of(expected, part_bp), expected, claim.payer, share)

    def _priced(self, claim: Claim, fault: str, share: PatientShare) -> Adjudication:
        rng, count = self._rng, len(claim.lines)
        chosen = 1 + int(rng.random() * count) if fault in ("denied_line", "over_charge") else 0
        answers = []
        for line in claim.lines:
            if line.number == chosen and fault == "denied_line":
                answers.append(
                    adjudicate.refuse(line, pick(rng, reasons()["line"]), self._expected(claim, line))
                )
            elif line.number == chosen:
                answers.append(self._above(claim, line))
            elif fault == "bundled" and line.number == count:
                answers.append(self._bundled(claim, line))
            elif fault == "downcoded" and line.code.code in LOWER:
                answers.append(self._lower(claim, line, share))
            elif fault == "underpaid_old_fee":
                answers.append(self._old_fee(claim, line, share))
            else:
                answers.append(
                    self._settle(claim, line, share, 8_500 if fault == "underpaid_percent" else 10_000)
                )
        if fault == "denied_partial":
            best = max(range(count), key=lambda place: answers[place].paid)
            answers[best] = adjudicate.reduce_partly(answers[best], pick(rng, reasons()["partial"]), 3_500)
        return adjudicate.assemble(
            claim, claim.payer, adjudicate.PRIMARY, answers, kinds=(fault,) if fault else ()
        )

    def _old_fee(self, claim: Claim, line: Line, share: PatientShare) -> Answer:
        allowed = adjudicate.expected_fee(self._prices, claim.payer, line, line.day.year - 1)
        return adjudicate.settle(line, allowed, self._expected(claim, line), claim.payer, share)

    def _above(self, claim: Claim, line: Line) -> Answer:
        """Paid above the charge: a negative OA-94 raises the payment."""
        more = max(line.charge // 10, 1)
        return Answer(line, line.charge, line.charge + more, (("OA", "94", -more),), (), line.charge + more,
                      self._expected(claim, line))  # fmt: skip

    def _bundled(self, claim: Claim, line: Line) -> Answer:
        """Folded into the first line: returned under that line's code, with the billed code beside it."""
        folded = adjudicate.refuse(line, BUNDLED, self._expected(claim, line))
        return replace(folded, paid_as=claim.lines[0].code)

    def _lower(self, claim: Claim, line: Line, share: PatientShare) -> Answer:
        """Paid at the fee of a lower code than billed."""
        code = _code(LOWER[line.code.code], line.code.used_by)
        lower = replace(line, code=code)
        allowed = self._expected(claim, lower)
        settled = adjudicate.settle(line, allowed, self._expected(claim, line), claim.payer, share)
        return replace(settled, paid_as=code)

    def _refused(self, claim: Claim, fault: str) -> Adjudication:
        reason = pick(self._rng, reasons()[REASON_KIND[fault]])
        answers = [adjudicate.refuse(line, reason, self._expected(claim, line)) for line in claim.lines]
        status = adjudicate.DENIED if fault == "denied_unknown_member" else adjudicate.PRIMARY
        return adjudicate.assemble(claim, claim.payer, status, answers, kinds=(fault,))

    def _unpaid(self, claim: Claim, fault: str) -> Adjudication:
        """Nothing paid and nothing refused: an estimate, a claim sent on, or one covered by capitation."""
        status, group, carc = {
            "estimate": (adjudicate.ESTIMATE, "OA", "101"),
            "forwarded": (adjudicate.FORWARDED, "CO", "B11"),
            "capitated": (adjudicate.PRIMARY, "CO", "24"),
        }[fault]
        answers = [Answer(line, line.charge, 0, ((group, carc, line.charge),)) for line in claim.lines]
        decided = adjudicate.assemble(claim, claim.payer, status, answers, kinds=(fault,))
        if fault != "forwarded":
            return decided
        return replace(
            decided, forwarded_to=payers()["larkspur" if claim.payer.key == "summit" else "summit"]
        )


def _code(code: str, used_by: str) -> Code:
    return next(row for row in codes()[used_by] if row.code == code)


__all__ = ["LOWER", "Adjuster"]
