"""What a payer is called, which kind it is, its terms on a day, and by when things are due. Pure.

A deadline carries its proof (N12): the rule, the event and day it started from, the days presumed for the
mail, and the holidays that moved it.
"""

import re
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.kernel.money import ZERO, Money

DATA = Path(__file__).parent / "data"


class PayerClass(StrEnum):
    """The kind of payer; it chooses the default terms."""

    COMMERCIAL = "commercial"
    BCBS = "bcbs"
    MEDICARE = "medicare"
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICAID = "medicaid"
    MEDICAID_MANAGED = "medicaid_managed"
    TRICARE = "tricare"
    FEDERAL = "federal"
    WORKERS_COMP = "workers_comp"
    AUTO = "auto"
    LIABILITY = "liability"
    UNKNOWN = "unknown"


# ---------------------------------------------------------------- names and numbers

KIND_OF = {"trn03": "trn03", "2U": "plan", "n104": "plan", "nm109": "plan", "NF": "naic", "name": "name"}
"""How a number seen in a file is kept. 837 NM109 and 835 N104 and REF*2U are one kind, so that they meet."""
STRENGTH = {"trn03": 0, "plan": 1, "naic": 2, "name": 3}
"""Order in which kinds decide who it is (x12-835 section 3: TRN03, REF*2U, N104, name)."""

_NOISE = re.compile(r"[^A-Z0-9]+")
_LEGAL_FORMS = frozenset(
    {"INC", "LLC", "CORP", "CORPORATION", "CO", "COMPANY", "THE", "OF", "AND", "LTD", "INCORPORATED"}
)


def normal_value(kind: str, value: str) -> str:
    """A number or name as it is compared: upper case.

    Numbers without blanks or dashes, names without legal forms.
    """
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().upper()
    if kind != "name":
        return _NOISE.sub("", plain)[:80]
    words = _NOISE.sub(" ", plain).split()
    return " ".join([word for word in words if word not in _LEGAL_FORMS] or words)[:80]


_CLASS_OF_FILING = {
    **dict.fromkeys(("12", "13", "14", "15", "HM", "CI", "17", "DS"), PayerClass.COMMERCIAL),
    "BL": PayerClass.BCBS,
    "16": PayerClass.MEDICARE_ADVANTAGE,
    "MA": PayerClass.MEDICARE,
    "MB": PayerClass.MEDICARE,
    "MC": PayerClass.MEDICAID,
    "CH": PayerClass.TRICARE,
    "VA": PayerClass.FEDERAL,
    "OF": PayerClass.FEDERAL,
    "FI": PayerClass.FEDERAL,
    "TV": PayerClass.FEDERAL,
    "WC": PayerClass.WORKERS_COMP,
    "AM": PayerClass.AUTO,
    "LM": PayerClass.LIABILITY,
}


def class_of(filing: str) -> PayerClass:
    """The kind of payer a filing indicator names (CLP06 or SBR09; x12-835 section 4.2)."""
    return _CLASS_OF_FILING.get(filing, PayerClass.UNKNOWN)


def class_from(filings: Iterable[str]) -> PayerClass:
    """The kind most of these filing indicators name.

    A tie goes to the first in the alphabet, whatever the order.
    """
    counts: dict[PayerClass, int] = {}
    for filing in filings:
        if (kind := class_of(filing)) is not PayerClass.UNKNOWN:
            counts[kind] = counts.get(kind, 0) + 1
    return min(counts, key=lambda kind: (-counts[kind], kind.value), default=PayerClass.UNKNOWN)


# ---------------------------------------------------------------- business days


@lru_cache(maxsize=256)
def holidays(year: int) -> dict[date, str]:
    """The days federal offices keep as holidays in a year, by the rules of data/holidays.toml."""
    kept: dict[date, str] = {}
    for of_year in (
        year,
        year + 1,
    ):  # New Year's Day on a Saturday is kept on the last day of the year before
        for rule in _holiday_rules():
            if rule.get("from", 0) <= of_year:
                day = _observed(rule, of_year)
                if day.year == year:
                    kept[day] = rule["name"]
    return kept


@lru_cache(maxsize=1)
def _holiday_rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = tomllib.loads((DATA / "holidays.toml").read_text("utf-8"))["holiday"]
    return rules


def _observed(rule: Mapping[str, Any], year: int) -> date:
    month = rule["month"]
    if "day" in rule:
        day = date(year, month, rule["day"])
        return day + timedelta({5: -1, 6: 1}.get(day.weekday(), 0))
    if rule["week"] > 0:
        first = date(year, month, 1)
        return first + timedelta((rule["weekday"] - first.weekday()) % 7 + 7 * (rule["week"] - 1))
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta((last.weekday() - rule["weekday"]) % 7)


def is_business_day(day: date) -> bool:
    """Monday to Friday and no federal holiday."""
    return day.weekday() < 5 and day not in holidays(day.year)


def roll(day: date, step: int) -> date:
    """The day itself when it is a business day, else the next (step 1) or the one before (step -1)."""
    while not is_business_day(day):
        day += timedelta(step)
    return day


def add_business_days(day: date, count: int) -> date:
    """Count business days forward, or back when negative; day 0 is the day itself."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = roll(day + timedelta(step), step)
    return day


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day when it is shorter (RDEN-20)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# ---------------------------------------------------------------- deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A rule about time: so many days, or months, after an event. `minimum`: amount in dispute it takes, in
    cents.

    basis: remit_date, notice_date, demand_date, final_internal_denial_date, service_date,
    negotiation_end_date. day_type: calendar or business. variant: empty for the usual rule of a level.
    decision_days: 0 when none is set.
    """

    rule: str
    basis: str
    days: int = 0
    months: int = 0
    day_type: str = "calendar"
    presumption_days: int = 0
    level: int = 0
    name: str = ""
    variant: str = ""
    decision_days: int = 0
    follow_up_days: int = 0
    minimum: Money = ZERO
    needs_consent: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due day with its proof. `rolled` is `legal_due` moved forward to a business day; people work to
    `internal_due`.

    `holidays` are the federal holidays that were counted over or moved a day; weekends speak for themselves.
    """

    rule: str
    level: int
    event: str
    start: date
    presumption_days: int
    days: int
    months: int
    day_type: str
    legal_due: date
    rolled: date
    internal_due: date
    margin_days: int
    holidays: tuple[date, ...]

    def proof(self) -> dict[str, Any]:
        """The deadline as plain values, to be kept beside it."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("start", "legal_due", "rolled", "internal_due"):
            values[name] = values[name].isoformat()
        values["holidays"] = [day.isoformat() for day in self.holidays]
        return values


def due(clock: Clock, event: str, start: date, *, margin_days: int) -> Deadline:
    """By when, under a rule and from an event (RDEN-20, RDEN-21). The day of the event is day 0.

    margin_days: business days kept in hand before the last business day on or before the raw date.
    """
    received = start + timedelta(clock.presumption_days)
    if clock.months:
        legal = add_months(received, clock.months)
    elif clock.day_type == "business":
        legal = add_business_days(received, clock.days)
    else:
        legal = received + timedelta(clock.days)
    rolled = roll(legal, 1)
    last = roll(legal, -1)
    internal = add_business_days(last, -margin_days)
    counted_from = received if clock.day_type == "business" else internal
    used = tuple(_holidays_between(min(counted_from, internal), rolled))
    return Deadline(
        rule=clock.rule,
        level=clock.level,
        event=event,
        start=start,
        presumption_days=clock.presumption_days,
        days=clock.days,
        months=clock.months,
        day_type=clock.day_type,
        legal_due=legal,
        rolled=rolled,
        internal_due=internal,
        margin_days=margin_days,
        holidays=used,
    )


def _holidays_between(first: date, last: date) -> list[date]:
    found = [day for year in range(first.year, last.year + 1) for day in holidays(year)]
    return sorted(day for day in found if first <= day <= last)


@dataclass(frozen=True, slots=True)
class RecoupmentLimit:
    """Section 935: a request by `file_by` stops the recoupment that otherwise starts on `starts`."""

    file_by: date
    starts: date


def recoupment(demand: date, *, rebuttal_days: int = 30, starts_day: int = 41) -> RecoupmentLimit:
    """When Medicare may take money back after a demand; the day of the demand is day 0."""
    return RecoupmentLimit(demand + timedelta(rebuttal_days), demand + timedelta(starts_day))


# ---------------------------------------------------------------- terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a payer grants and takes, in force on one day. Ratios are exact decimals, days calendar days.

    `source` names the layers that made it, strongest last.
    """

    payer_class: str
    plan: str = ""
    allowed_ratio: Decimal = Decimal("0.45")
    margin_mailed_days: int = 10
    margin_portal_days: int = 3
    follow_up_days: int = 30
    follow_up_rebill_days: int = 21
    follow_up_records_days: int = 30
    follow_up_appeal_days: int = 45
    initial_filing_days: int = 180
    initial_filing_basis: str = "service_date"
    corrected_filing_days: int = 180
    corrected_filing_basis: str = "remit_date"
    secondary_filing_days: int = 90
    crossover_wait_days: int = 30
    corrected_claim_restarts: bool = False
    late_charges: bool = False
    pr_denial_review: bool = True
    prompt_pay_days: int = 45
    recoupment_rebuttal_days: int = 0
    recoupment_starts_day: int = 0
    reopening_days: int = 0
    appeal_variant: str = ""
    levels: tuple[Clock, ...] = field(default=())
    source: tuple[str, ...] = ()

    def level(self, number: int) -> Clock | None:
        """The rule of an appeal level, of this payer's variant when it has one.

        None when there is no such level.
        """
        found = [clock for clock in self.levels if clock.level == number]
        chosen = [clock for clock in found if clock.variant == self.appeal_variant]
        usual = [clock for clock in found if not clock.variant]
        return next(iter(chosen or usual), None)

    def filing(self, kind: str) -> Clock:
        """The filing limit of an initial, corrected or secondary claim."""
        if kind == "secondary":
            return Clock(rule="secondary_filing", basis="remit_date", days=self.secondary_filing_days)
        days, basis = (
            (self.corrected_filing_days, self.corrected_filing_basis)
            if kind == "corrected"
            else (self.initial_filing_days, self.initial_filing_basis)
        )
        return Clock(rule=f"{self.payer_class}:{kind}_filing", basis=basis, days=days)


NAMES = frozenset(one.name for one in fields(Terms)) - {"payer_class", "levels", "source"}
"""The terms a row of our own may set, beside `level`."""
PLANS = ("erisa", "surprise_billing")


def shipped_terms(payer_class: str, on: date) -> dict[str, Any]:
    """The dated entry of a class in force on a day, over the defaults of every payer."""
    return {**_entry("default", on), **_entry(payer_class, on)}


@lru_cache(maxsize=32)
def _entries(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))["entry"]
    return sorted(entries, key=lambda entry: entry["from"])


def _entry(name: str, on: date) -> dict[str, Any]:
    known = [entry for entry in _entries(name) if entry["from"] <= on]
    # A day before the first entry reads the first: old claims have deadlines too.
    chosen = known[-1] if known else _entries(name)[0]
    return {key: value for key, value in chosen.items() if key != "from"}


def make_terms(payer_class: str, on: date, *rows: tuple[str, Mapping[str, Any]]) -> Terms:
    """Terms from the shipped entries and rows of our own, the strongest last.

    Each row is (its name, what differs).
    """
    values = shipped_terms(payer_class, on)
    plan = next((str(row["plan"]) for _, row in reversed(rows) if row.get("plan")), "")
    if plan in PLANS:
        values |= _entry(plan, on)
    for _, row in rows:
        values |= row
    levels = tuple(_clock(level) for level in values.pop("level", ()))
    known = {name: value for name, value in values.items() if name in NAMES}
    known["allowed_ratio"] = Decimal(str(known.get("allowed_ratio", "0.45")))
    source = ("default", payer_class, *([plan] if plan else []), *(name for name, _ in rows))
    return Terms(payer_class=payer_class, levels=levels, source=source, **known)


def _clock(level: Mapping[str, Any]) -> Clock:
    values = dict(level)
    values["minimum"] = Money.parse(str(values.get("minimum", "0")))
    return Clock(**values)


def class_entry(name: str, on: date) -> dict[str, Any]:
    """What the shipped rows of one class (or `default`) say by themselves on a day."""
    return dict(_entry(name, on))
