"""What a payer allowed, what is missing, how it is classed and why it probably is. Pure; cents throughout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.contracts.rules import Terms
from app.contracts.rules_price import AMBIGUOUS, Price
from app.kernel.money import ZERO, Money

PATIENT_PART = frozenset({"1", "2", "3", "66", "122", "142", "241", "247", "248"})
"""PR amounts that are part of what was allowed (section 5); PR-45 is not (RCON-12)."""
REDUCTIONS = frozenset({"253", "104", "105", "118", "143", "245"})
"""What lowers the payment after it was allowed, in any group."""
PRIOR_PAYER, CAPITATED = "23", "24"
EXACT, WITHIN, UNDERPAID, OVERPAID = "exact", "within_tolerance", "underpaid", "overpaid"
DENIED, NOT_PRICED, SECONDARY = "denied", "not_priced", "secondary"
CLASSES = (EXACT, WITHIN, UNDERPAID, OVERPAID, NOT_PRICED, AMBIGUOUS, DENIED, SECONDARY)
MISMATCH, PART_DENIED = "allowed_mismatch", "part_denied"
CAUSES = {
    "code_changed": "Paid under another code",
    "old_schedule": "Old fee schedule loaded",
    "setting": "POS or setting error",
    "npp": "NPP percentage applied",
    "reduced_half": "Multiple-procedure or 52/53 reduction",
    "assistant": "Assistant rate",
    "co_surgeon": "Co-surgeon rate",
    "component": "A component paid",
    "sequestration": "Sequestration inside allowed",
    "bilateral": "Bilateral not recognised",
    "units": "Units ignored",
    "lesser_of_charge": "Our charge is below the rate",
    "unknown": "Cause unknown",
    "": "",
}
_RATIOS = {
    "npp": ("0.85",), "reduced_half": ("0.50",), "assistant": ("0.16", "0.136", "0.20"),
    "co_surgeon": ("0.625",),
}  # fmt: skip
_LIKE = Decimal("0.005")
"""How near a ratio or an amount must come to a known one."""


class Adjusted(NamedTuple):
    """One adjustment of a line: the payer's sign, and whether its reason opens a denial."""

    group: str
    carc: str
    cents: int
    denies: bool
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a payer said of one billed line: summed over its remit lines when there are several (RCON-14).

    stated: AMT*B6, None when the payer stated none.
    """

    charge: int
    paid: int
    stated: int | None
    adjustments: tuple[Adjusted, ...]
    code_changed: bool = False

    def computed(self, rank: int = 1) -> int:
        """Allowed by the adjustments (section 5); what payers before paid counts for the later ones."""
        found = self.paid
        for one in self.adjustments:
            patient = one.group == "PR" and one.carc in PATIENT_PART
            prior = rank > 1 and one.group == "OA" and one.carc == PRIOR_PAYER
            if patient or prior or one.carc in REDUCTIONS:
                found += one.cents
        return found

    def allowed(self, rank: int = 1) -> int:
        """What the payer stated as allowed, else what its adjustments say (RCON-10)."""
        return self.computed(rank) if self.stated is None else self.stated

    @property
    def patient_share(self) -> int:
        """The patient's part of what was allowed."""
        return sum(one.cents for one in self.adjustments if one.group == "PR" and one.carc in PATIENT_PART)

    @property
    def denied(self) -> int:
        """What reasons that open a denial took off."""
        return sum(one.cents for one in self.adjustments if one.denies)

    @property
    def capitated(self) -> bool:
        """Covered by capitation: no cash is expected for the line."""
        return any(one.carc == CAPITATED for one in self.adjustments)


class Judged(NamedTuple):
    """The verdict on one line. `variance` None: none is told; + underpaid, - overpaid."""

    class_: str
    expected: Money | None
    actual: Money
    variance: Money | None
    cause: str
    reason: str
    flags: tuple[str, ...]


def judge(price: Price | None, answer: Answer, *, rank: int = 1) -> Judged:
    """Section 6: compare what is owed with what was allowed.

    A line refused whole is denied; of one refused in part only what the refusal does not explain is a
    variance (RCON-11). Payers after the first top up to rules of their own: their lines are told, not judged.
    """
    actual = Money(answer.allowed(rank))
    flags = (MISMATCH,) if answer.stated not in (None, answer.computed(rank)) else ()
    expected = price.expected if price is not None else None
    if rank > 1:
        return Judged(SECONDARY, expected, actual, None, "", "", flags)
    if answer.capitated:
        return Judged(NOT_PRICED, None, actual, None, "", "capitated", flags)
    if price is None or expected is None:
        status = AMBIGUOUS if price is not None and price.status == AMBIGUOUS else NOT_PRICED
        return Judged(status, None, actual, None, "", price.reason if price else "no_price", flags)
    missing = int(expected) - int(actual)
    if answer.denied > 0:
        flags = (*flags, PART_DENIED)
        if missing <= answer.denied or not actual:
            return Judged(DENIED, expected, actual, None, "", "", flags)
        missing -= answer.denied
    variance = Money(missing)
    class_ = classify(variance, expected, price.terms)
    cause = ""
    if class_ == UNDERPAID:
        cause = "code_changed" if answer.code_changed else fingerprint(price, int(expected) - missing, answer)
    return Judged(class_, expected, actual, variance, cause, "", flags)


def classify(variance: Money, expected: Money, terms: Terms) -> str:
    """exact to a cent, within tolerance, or one of the two that count."""
    if abs(variance) <= 1:
        return EXACT
    tolerance = max(int(terms.line_tolerance), int(expected.times(terms.line_tolerance_share)))
    if abs(variance) <= tolerance:
        return WITHIN
    return UNDERPAID if variance > 0 else OVERPAID


def workable(lines: Iterable[Judged], terms: Terms) -> str:
    """Whether a claim's lines beyond tolerance are work: `no` (the claim as a whole is within tolerance),
    `small`, or `yes`. A pattern makes small ones work.
    """
    total = sum(int(one.variance) for one in lines if one.variance is not None)
    if abs(total) <= terms.claim_tolerance:
        return "no"
    return "yes" if abs(total) >= terms.workable else "small"


def fingerprint(price: Price, actual: int, answer: Answer) -> str:
    """The likely cause of a shortfall: the first of section 6's table that fits within half a percent."""
    expected = int(price.expected or 0)
    if not actual:
        return "unknown"  # nothing was allowed: no rate tells why
    for cause in ("old_schedule", "setting"):
        if cause in price.others and _like(actual, int(price.others[cause])):
            return cause
    ratio = Decimal(actual) / Decimal(expected)
    for cause, values in _RATIOS.items():
        if any(abs(ratio - Decimal(value)) <= _LIKE * Decimal(value) for value in values):
            return cause
    if "component" in price.others and _like(actual, int(price.others["component"])):
        return "component"
    return _late_causes(price, actual, answer, ratio)


def _late_causes(price: Price, actual: int, answer: Answer, ratio: Decimal) -> str:
    if abs(ratio - Decimal("0.98")) <= _LIKE * Decimal("0.98"):
        return "sequestration"
    both = any("Both sides" in step for step in price.steps)
    if both and abs(ratio - Decimal(2) / 3) <= _LIKE:
        return "bilateral"
    if (
        price.fee is not None
        and _like(actual, price.fee.cents)
        and price.fee.cents * 2 <= int(price.expected or 0)
    ):
        return "units"
    return "lesser_of_charge" if actual == answer.charge else "unknown"


def _like(left: int, right: int) -> bool:
    return abs(left - right) <= max(1, int(Decimal(abs(right)) * _LIKE))


def dispute_limit(remit_on: date, terms: Terms) -> date:
    """The last day a payment may be disputed; the day of the remit is day 0."""
    return remit_on + timedelta(terms.dispute_days)


# ---------------------------------------------------------------- RCON-20


def disputed_contractual(charge: int, expected: Money | None, contractual: int) -> Money:
    """How much of a posted contractual adjustment exceeds the expected one (RCON-20)."""
    if expected is None:
        return ZERO
    return Money(max(0, contractual - (charge - int(expected))))


# ---------------------------------------------------------------- patterns


class Line(NamedTuple):
    """A judged line of the last 90 days, for patterns."""

    expected: int
    actual: int
    underpaid: bool
    cause: str


class Pattern(NamedTuple):
    """What lines alike have in common. `ratio` and `spread` are of the underpaid ones."""

    lines: int
    underpaid: int
    total: Money
    ratio: Decimal
    spread: Decimal
    cause: str
    systematic: bool


PATTERN_DAYS = 90
PATTERN_LINES = 5
PATTERN_SHARE = Decimal("0.80")
PATTERN_SPREAD = Decimal("0.02")


def pattern_of(lines: Iterable[Line]) -> Pattern | None:
    """The pattern of lines of one payer, code, modifiers and setting; None when none is underpaid."""
    listed = [one for one in lines if one.expected > 0]
    short = [one for one in listed if one.underpaid]
    if not short:
        return None
    ratios = [Decimal(one.actual) / Decimal(one.expected) for one in short]
    mean = sum(ratios, Decimal(0)) / len(ratios)
    spread = _spread(ratios, mean)
    causes: dict[str, int] = {}
    for one in short:
        causes[one.cause] = causes.get(one.cause, 0) + 1
    systematic = (
        len(listed) >= PATTERN_LINES
        and Decimal(len(short)) / len(listed) >= PATTERN_SHARE
        and spread <= PATTERN_SPREAD
    )
    return Pattern(
        len(listed),
        len(short),
        Money.of_sum(sum(one.expected - one.actual for one in short)),
        mean,
        spread,
        min(causes, key=lambda cause: (-causes[cause], cause)),
        systematic,
    )


def _spread(ratios: list[Decimal], mean: Decimal) -> Decimal:
    if not mean:
        return Decimal(0)
    square = sum(((one - mean) ** 2 for one in ratios), Decimal(0)) / len(ratios)
    return square.sqrt() / mean


def said(causes: Mapping[str, str], cause: str) -> str:
    """A cause in words."""
    return causes.get(cause, cause.replace("_", " ").capitalize())
