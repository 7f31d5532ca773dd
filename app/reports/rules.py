"""The measures, defined once; ages and how they are grouped. A rate keeps what it was made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

KEPT, SHOWN = Decimal("0.0001"), Decimal("0.1")
DAYS = 90
"""Revenue of so many days makes one day of it."""


class Unit(StrEnum):
    """How a measure is read."""

    PERCENT = "percent"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure is called and what it is made of, in words."""

    key: str
    name: str
    above: str
    below: str
    unit: Unit = Unit.PERCENT
    money: bool = True


MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        Measure("denial_claims", "Initial denial rate, claims", "claims denied on their first remit",
                "claims remitted for the first time", money=False),
        Measure("denial_dollars", "Initial denial rate, dollars", "charges of denied lines",
                "charges of claims remitted for the first time"),
        Measure("overturn", "Denial overturn rate", "denials closed with a payment", "denials closed",
                money=False),
        Measure("overturn_dollars", "Denial overturn rate, dollars", "dollars recovered",
                "dollars denied, of denials closed"),
        Measure("net_days", "Net days in A/R", "open receivable, credits included",
                "net patient service revenue of 90 days", Unit.DAYS),
        Measure("net_days_debit", "Net days in A/R, credit balances excluded",
                "open receivable without credits", "net patient service revenue of 90 days", Unit.DAYS),
        Measure("gross_days", "Gross days in A/R", "open receivable, credits included",
                "gross charges of 90 days", Unit.DAYS),
        Measure("aged", "Aged A/R over 90 days", "open longer than 90 days", "everything open"),
        Measure("net_collection", "Net collection rate", "payments",
                "charges less contractual adjustments"),
        Measure("gross_collection", "Gross collection rate", "payments", "charges"),
        Measure("rejection", "Rejection rate", "claims rejected by a 999 or 277CA", "claims submitted",
                money=False),
        Measure("recovery", "Underpayment recovery", "variance recovered", "variance identified"),
        Measure("cost", "Cost to collect", "cost of the revenue cycle", "patient service cash collected"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """A measure of now: cents over cents, or counts over counts. Days are counted of 90 days' revenue."""

    measure: Measure
    numerator: int
    denominator: int

    @property
    def kept(self) -> Decimal | None:
        """To four decimals, half away from zero; None when there is nothing to divide by."""
        if not self.denominator:
            return None
        factor = DAYS if self.measure.unit is Unit.DAYS else 1
        return (Decimal(self.numerator * factor) / Decimal(self.denominator)).quantize(KEPT, ROUND_HALF_UP)

    @property
    def text(self) -> str:
        """To one decimal, as people read it: `12.0 %`, `60.0 days`, `n/a`."""
        if self.kept is None:
            return "n/a"
        if self.measure.unit is Unit.DAYS:
            return f"{self.kept.quantize(SHOWN, ROUND_HALF_UP)} days"
        return f"{(self.kept * 100).quantize(SHOWN, ROUND_HALF_UP)} %"


def rate(key: str, numerator: int, denominator: int) -> Rate:
    """A measure by its key."""
    return Rate(MEASURES[key], int(numerator), int(denominator))


# ---------------------------------------------------------------- ages


@dataclass(frozen=True, slots=True)
class Bucket:
    """Ages that are shown together: days from `first` to `last`, both inclusive; None: no end."""

    key: str
    label: str
    first: int | None = None
    last: int | None = None


BUCKETS = (
    Bucket("0-30", "0-30", 0, 30),
    Bucket("31-60", "31-60", 31, 60),
    Bucket("61-90", "61-90", 61, 90),
    Bucket("91-120", "91-120", 91, 120),
    Bucket("121", "over 120", 121),
    Bucket("undated", "no date"),
    Bucket("credit", "credits"),
)
"""What is owed by age; what has no date, and credit balances, stand beside the ages."""
AGED = tuple(one for one in BUCKETS if one.first is not None)
OVER_90 = ("91-120", "121")


def bounds(on: date) -> list[tuple[str, date | None]]:
    """The first day that belongs to each bucket, youngest bucket first; None: every earlier day.

    What lies after `on` is not older than zero days.
    """
    return [(one.key, on - timedelta(one.last) if one.last is not None else None) for one in AGED]


def ends(on: date, key: str) -> tuple[date | None, date | None]:
    """The days of a bucket as [from, until); None: open on that side."""
    one = next(each for each in AGED if each.key == key)
    first = on - timedelta(one.last) if one.last is not None else None
    until = on - timedelta(one.first - 1) if one.first else None
    return first, until


# ---------------------------------------------------------------- days that pass


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something takes: the middle and the slow tail, in days; None without any."""

    count: int
    median: Decimal | None
    p90: int | None


def spread(days: Mapping[int, int]) -> Spread:
    """The median and the 90th percentile of a histogram {days: how many}.

    The median of an even number is the mean of the middle two; P90 is the least number of days that 90 %
    do not exceed.
    """
    count = sum(days.values())
    if not count:
        return Spread(0, None, None)
    ordered = sorted(days.items())
    low, high = _at(ordered, (count - 1) // 2), _at(ordered, count // 2)
    return Spread(count, Decimal(low + high) / 2, _at(ordered, -(-count * 9 // 10) - 1))


def _at(ordered: Sequence[tuple[int, int]], place: int) -> int:
    """The value at a place of the sorted values, from 0."""
    seen = 0
    for value, count in ordered:
        seen += count
        if place < seen:
            return value
    return ordered[-1][0]


def months_back(on: date, count: int) -> date:
    """The first day of the month so many months before the one of `on`."""
    number = on.year * 12 + on.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def month_of(text: str) -> tuple[date, date] | None:
    """`2026-01` as [first day, first day of the next month); None when it is no month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first, months_back(first, -1)
