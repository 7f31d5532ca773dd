"""From the adjudication of one line (or of the claim) to a payment and adjustments: the steps of RFHIR-10.

Nothing is guessed: what the categories do not explain stays as a residual, and a residual above a cent holds.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edi.eob.model import EXACT, OF_SEVERAL, WORKED_OUT, Amount
from edi.x835.model import Adjustment

PATIENT = (("deductible", "1"), ("coinsurance", "2"), ("copay", "3"))
NONCOVERED, TO_PATIENT, PRIOR_PAYER, CONTRACTUAL = "96", "100", "23", "45"
PENNY = 1
Level = Mapping[str, Sequence[Amount]]


class Balanced(NamedTuple):
    """A level worked out. residual: cents nobody explains; penny: the one that was put into CO-45."""

    paid: int
    adjustments: list[Adjustment]
    residual: int
    penny: int
    patient: int


def total(level: Level, category: str) -> int:
    """Cents of a category, every amount of it."""
    return sum(one.cents for one in level.get(category, ()))


def paid_of(level: Level, *, to_provider: bool) -> int:
    """What came to the provider: paidtoprovider, else benefit less what went to the patient, else nothing."""
    if level.get("paidtoprovider"):
        return total(level, "paidtoprovider")
    if not to_provider:
        return 0
    return total(level, "benefit") - total(level, "paidtopatient") if level.get("benefit") else 0


class _Level:
    """The steps over one level; slots: how many adjustments already stand at a byte."""

    def __init__(self, level: Level, charge: Amount) -> None:
        self.level, self.charge = level, charge
        self.basis = WORKED_OUT if charge.parts == 1 else OF_SEVERAL
        self.made: list[Adjustment] = []
        self.slots: dict[int, int] = {}

    def add(self, group: str, reason: str, cents: int, byte: int, basis: int = EXACT) -> None:
        slot = self.slots[byte] = self.slots.get(byte, 0) + 1
        if slot <= 7:
            self.made.append(Adjustment(group, reason, cents, None, byte + 1, byte, 3 * slot + basis))

    def each(self, group: str, reason: str, category: str) -> None:
        for one in self.level.get(category, ()):
            if one.cents > 0 or (one.cents and category == "discount"):
                self.add(group, reason, one.cents, one.byte)

    def work_out(self, group: str, reason: str, cents: int) -> None:
        if cents > 0:
            self.add(group, reason, cents, self.charge.byte, self.basis)

    @property
    def adjusted(self) -> int:
        return sum(one.cents for one in self.made)


def balance(level: Level, charge: Amount, reasons: Sequence[str], *, to_provider: bool = True) -> Balanced:
    """Work one level out.

    reasons: the CARCs beside the amounts; to_provider: False when the member was paid (RFHIR-11).
    """
    at = _Level(level, charge)
    paid = paid_of(level, to_provider=to_provider)
    for category, carc in PATIENT:
        at.each("PR", carc, category)
    explained = at.adjusted
    at.each("OA", PRIOR_PAYER, "priorpayerpaid")
    if level.get("paidtopatient"):
        at.each("PR", TO_PATIENT, "paidtopatient")
    elif not to_provider:
        at.each("PR", TO_PATIENT, "benefit")
    liable = total(level, "memberliability") - explained
    refused = _refused(at, reasons, liable)
    _contractual(at, refused)
    if reasons and not level.get("noncovered"):
        rest = charge.cents - paid - at.adjusted
        at.work_out("PR" if 0 < rest <= liable else "CO", reasons[0], rest)
    residual, penny = charge.cents - paid - at.adjusted, 0
    if 0 < abs(residual) <= PENNY:
        at.add("CO", CONTRACTUAL, residual, charge.byte, at.basis)
        residual, penny = 0, residual
    patient = sum(one.cents for one in at.made if one.group == "PR" and one.reason != TO_PATIENT)
    return Balanced(paid, at.made, residual, penny, patient)


def _refused(at: _Level, reasons: Sequence[str], liable: int) -> int:
    """Step 3: what is not covered, under its own CARC, else the one beside it, else 96; returns its cents."""
    refused = 0
    for one in at.level.get("noncovered", ()):
        # A negative one pays more than was billed; only a reason of its own says that it is meant so.
        if not one.cents or (one.cents < 0 and not one.reason):
            continue
        carc = one.reason or (reasons[0] if reasons else NONCOVERED)
        group = "PR" if 0 < one.cents <= liable else "CO"
        if group == "PR":
            liable -= one.cents
        at.add(group, carc, one.cents, one.byte)
        refused += one.cents
    return refused


def _contractual(at: _Level, refused: int) -> None:
    """Step 4: the discount the payer states, else what lies between charge and allowed amount."""
    if at.level.get("discount"):
        at.each("CO", CONTRACTUAL, "discount")
    elif at.level.get("eligible"):
        at.work_out("CO", CONTRACTUAL, at.charge.cents - total(at.level, "eligible") - refused)
