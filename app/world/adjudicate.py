"""What a payer decides about a claim: paid and adjustments that balance to the cent, line by line.

Signs are the payer's: a positive adjustment lowers the payment. Adjustments are (group, CARC, cents).
"""

from dataclasses import dataclass, field, replace
from random import Random

from app.world.claims import Claim, Line
from app.world.prices import Prices, share_of
from app.world.tables import Code, Payer, Reason

Cas = tuple[tuple[str, str, int], ...]
PRIMARY, SECONDARY, DENIED, CROSSED, REVERSED, FORWARDED, ESTIMATE = "1", "2", "4", "19", "22", "23", "25"
CONSUMED = ("1", "2", "3", "66")


@dataclass(frozen=True, slots=True)
class Answer:
    """One service as adjudicated. paid + every adjustment = charge; expected is what the schedule allows.

    paid_as: the code the payer put in place of the billed one, or None.
    """

    line: Line
    charge: int
    paid: int
    cas: Cas
    remarks: tuple[str, ...] = ()
    allowed: int = 0
    expected: int = 0
    paid_as: Code | None = None


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One CLP. With claim-level adjudication `answers` is empty and `cas` holds everything."""

    claim: Claim
    payer: Payer
    status: str
    number: str
    charge: int
    paid: int
    cas: Cas = ()
    answers: tuple[Answer, ...] = ()
    remarks: tuple[str, ...] = ()
    original: str = ""
    forwarded_to: Payer | None = None
    interest: int = 0
    allowed: int = 0
    expected: int = 0
    kinds: tuple[str, ...] = field(default=())

    def adjustments(self) -> Cas:
        """Every adjustment, claim level first."""
        return self.cas + tuple(part for answer in self.answers for part in answer.cas)

    @property
    def patient_responsibility(self) -> int:
        """Sum of all PR amounts."""
        return sum(cents for group, _, cents in self.adjustments() if group == "PR")


class PatientShare:
    """What the plan leaves to the patient of one claim: a deductible still open, coinsurance, one copay."""

    def __init__(self, rng: Random, claim: Claim, payer: Payer) -> None:
        open_deductible = rng.random() * 10_000 < payer.deductible_bp
        self.deductible = (2_000 + int(rng.random() * 14_000) // 100 * 100) if open_deductible else 0
        if claim.form in "ID":
            self.deductible *= 6
        self.copay = payer.copay if rng.random() < 0.5 else 0
        self.coinsurance_bp = 0 if self.copay and payer.copay else payer.coinsurance_bp

    def take(self, allowed: int) -> Cas:
        """The PR parts of one line; never more than the line allows."""
        parts = []
        rest = allowed
        deductible = min(self.deductible, rest)
        if deductible:
            self.deductible -= deductible
            rest -= deductible
            parts.append(("PR", "1", deductible))
        coinsurance = share_of(rest, self.coinsurance_bp)
        if coinsurance:
            rest -= coinsurance
            parts.append(("PR", "2", coinsurance))
        copay = min(self.copay, rest)
        if copay:
            self.copay -= copay
            parts.append(("PR", "3", copay))
        return tuple(parts)


def settle(line: Line, allowed: int, expected: int, payer: Payer, share: PatientShare) -> Answer:
    """A payable line: contractual down to allowed, patient share, sequestration, withhold, the rest paid."""
    pr = share.take(allowed)
    payable = allowed - sum(cents for _, _, cents in pr)
    cas: list[tuple[str, str, int]] = []
    if line.charge != allowed:
        cas.append(("CO", "45", line.charge - allowed))
    for carc, bp in (("253", payer.sequestration_bp), ("104", payer.withhold_bp)):
        cut = share_of(payable, bp)
        if cut:
            cas.append(("CO", carc, cut))
            payable -= cut
    return Answer(line, line.charge, payable, (*cas, *pr), (), allowed, expected)


def refuse(line: Line, reason: Reason, expected: int) -> Answer:
    """A line paid nothing for this reason."""
    remarks = (reason.rarc,) if reason.rarc else ()
    return Answer(line, line.charge, 0, ((reason.group, reason.carc, line.charge),), remarks, 0, expected)


def reduce_partly(answer: Answer, reason: Reason, part_bp: int) -> Answer:
    """Take part of what was paid back off the line for a partial denial."""
    cut = share_of(answer.paid, part_bp)
    if not cut:
        return answer
    remarks = (reason.rarc,) if reason.rarc else ()
    return replace(answer, paid=answer.paid - cut, cas=(*answer.cas, (reason.group, reason.carc, cut)),
                   remarks=remarks, allowed=answer.allowed - cut)  # fmt: skip


def assemble(
    claim: Claim, payer: Payer, status: str, answers: list[Answer], *, kinds: tuple[str, ...]
) -> Adjudication:
    """The claim of these lines under its first payer claim number."""
    return Adjudication(
        claim, payer, status, f"{payer.payer_id}{claim.number:08d}", claim.charge,
        sum(answer.paid for answer in answers), (), tuple(answers),
        allowed=sum(answer.allowed for answer in answers),
        expected=sum(answer.expected for answer in answers), kinds=kinds,
    )  # fmt: skip


def expected_fee(prices: Prices, payer: Payer, line: Line, year: int) -> int:
    """The schedule's amount for the line in that year's version; never above the charge."""
    return min(prices.fee(payer.key, line.code, line.setting, year) * line.units, line.charge)


def pay_by_drg(claim: Claim, payer: Payer, prices: Prices, share: PatientShare) -> Adjudication:
    """An inpatient stay at its DRG rate, with claim-level adjustments only."""
    if claim.drg is None:
        raise ValueError("a stay without a DRG is priced by its lines")
    allowed = prices.fee(payer.key, claim.drg, "inpatient", claim.service_to.year)
    whole = Line(1, claim.drg, "", 1, claim.charge, "inpatient", claim.service_from)
    answer = settle(whole, allowed, allowed, payer, share)
    return Adjudication(
        claim, payer, PRIMARY, f"{payer.payer_id}{claim.number:08d}", claim.charge, answer.paid, answer.cas,
        allowed=allowed, expected=allowed, kinds=("drg",),
    )  # fmt: skip


def reverse(adjudication: Adjudication) -> Adjudication:
    """The same facts negated under status 22, with the original groups and reasons."""

    def turned(cas: Cas) -> Cas:
        return tuple((group, carc, -cents) for group, carc, cents in cas)

    answers = tuple(
        replace(answer, charge=-answer.charge, paid=-answer.paid, cas=turned(answer.cas), remarks=())
        for answer in adjudication.answers
    )
    return replace(adjudication, status=REVERSED, charge=-adjudication.charge, paid=-adjudication.paid,
                   cas=turned(adjudication.cas), answers=answers, remarks=(), forwarded_to=None,
                   interest=-adjudication.interest)  # fmt: skip


def corrected(adjudication: Adjudication, answers: list[Answer], *, suffix: str = "A") -> Adjudication:
    """The decision that replaces one that was reversed, under a new payer claim number."""
    return replace(
        adjudication, number=adjudication.number + suffix, original=adjudication.number,
        answers=tuple(answers),
        paid=sum(answer.paid for answer in answers) - sum(cents for _, _, cents in adjudication.cas),
        allowed=sum(answer.allowed for answer in answers), remarks=(), forwarded_to=None, interest=0,
        status=PRIMARY if adjudication.status == CROSSED else adjudication.status,
    )  # fmt: skip


def pay_second(first: Adjudication, payer: Payer, prices: Prices) -> Adjudication:
    """The next payer's answer: OA-23 for what the first payer settled, then its own share of the PR.

    Medicaid pays at most up to its own fee and writes the rest off; other plans pay all but the deductible.
    """
    number = f"{payer.payer_id}{first.claim.number:08d}S"
    if not first.answers:
        paid, cas = _second_part(first.claim.charge, first.cas, payer, 0)
        return replace(first, payer=payer, status=SECONDARY, number=number, paid=paid, cas=cas,
                       forwarded_to=None, interest=0, allowed=0, expected=0, remarks=())  # fmt: skip
    answers = []
    for answer in first.answers:
        own = 0
        if payer.key == "medicaid":
            own = expected_fee(prices, payer, answer.line, answer.line.day.year)
        paid, cas = _second_part(answer.charge, answer.cas, payer, max(0, own - answer.paid))
        answers.append(Answer(answer.line, answer.charge, paid, cas))
    return replace(
        first, payer=payer, status=SECONDARY, number=number, cas=(),
        paid=sum(answer.paid for answer in answers),
        answers=tuple(answers), forwarded_to=None, interest=0, allowed=0, expected=0, remarks=(),
    )  # fmt: skip


def _second_part(charge: int, first: Cas, payer: Payer, room: int) -> tuple[int, Cas]:
    patient = [(carc, cents) for group, carc, cents in first if group == "PR"]
    open_part = sum(cents for _, cents in patient)
    cas: list[tuple[str, str, int]] = []
    if charge != open_part:
        cas.append(("OA", "23", charge - open_part))
    if payer.key == "medicaid":
        paid = min(open_part, room)
        if open_part != paid:
            cas.append(("CO", "45", open_part - paid))
        return paid, tuple(cas)
    kept = [("PR", carc, cents) for carc, cents in patient if carc == "1"]
    return open_part - sum(cents for _, _, cents in kept), (*cas, *kept)
