"""What holds with a payer on a day: terms, settings, modifiers, sequestration. Pure; every table is dated."""

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from app.kernel.money import ZERO, Money

DATA = Path(__file__).parent / "data"
SETTINGS = ("facility", "nonfacility", "outpatient", "inpatient", "")
CODE_TYPES = ("HC", "NU", "AD", "DRG")
METHODS = ("fee_schedule", "percent_of_charge")
LESSER_OF = ("none", "line", "claim")


# ---------------------------------------------------------------- terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed with a payer on one day. Shares are exact decimals; money is in cents.

    `unlisted_percent` None: a code the schedule does not list is not priced. `source` names the row that
    decided, empty for the usual terms.
    """

    method: str
    percent: Decimal
    unlisted_percent: Decimal | None
    lesser_of: str
    multiple: tuple[Decimal, ...]
    npp: Decimal
    assistant: Decimal
    assistant_npp: Decimal
    co_surgeon: Decimal
    sequestration: bool
    withhold: Decimal
    dispute_days: int
    line_tolerance: Money
    line_tolerance_share: Decimal
    claim_tolerance: Money
    workable: Money
    pattern_workable: Money
    dispute_approval: Money
    chase_days: int
    chase_answer_days: int
    post_contractual_up_to_expected: bool
    source: str = ""


NAMES = frozenset(one.name for one in fields(Terms)) - {"source"}
_MONEY = {"line_tolerance", "claim_tolerance", "workable", "pattern_workable", "dispute_approval"}
_SHARES = {
    "percent", "npp", "assistant", "assistant_npp", "co_surgeon", "withhold", "line_tolerance_share",
}  # fmt: skip
_DAYS = {"dispute_days", "chase_days", "chase_answer_days"}
_FLAGS = {"sequestration", "post_contractual_up_to_expected"}
_CHOICES = {"method": METHODS, "lesser_of": LESSER_OF}
MOST_DAYS = 3_660


class TermRow(NamedTuple):
    """A row of our own: for a payer number, or for every payer when it is empty; in force `[start, end)`."""

    id: int
    payer_number: str
    start: date
    end: date | None
    terms: Mapping[str, Any]


@lru_cache(maxsize=1)
def _usual() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads((DATA / "terms.toml").read_text("utf-8"))["entry"]
    return sorted(entries, key=lambda entry: entry["from"])


def usual_terms(on: date) -> dict[str, Any]:
    """The shipped entry in force on a day, as written."""
    known = [entry for entry in _usual() if entry["from"] <= on] or _usual()[:1]
    return {name: value for name, value in known[-1].items() if name != "from"}


def make_terms(on: date, rows: Iterable[TermRow] = ()) -> Terms:
    """The usual terms of a day, then our rows for every payer, then those of the payer; the later wins.

    Raises ValueError for a value that is none of its kind.
    """
    values, source = usual_terms(on), ""
    in_force = [row for row in rows if row.start <= on and (row.end is None or on < row.end)]
    for row in sorted(in_force, key=lambda row: (row.payer_number != "", row.start, row.id)):
        values |= row.terms
        source = f"contract term {row.id}"
    return Terms(**{name: _term(name, value) for name, value in values.items()}, source=source)


def _term(name: str, value: Any) -> Any:
    if name in _MONEY:
        return Money.parse(str(value))
    if name == "unlisted_percent":
        return _share(value) if value not in ("", None) else None
    if name in _SHARES:
        return _share(value)
    if name == "multiple":
        return tuple(_share(one) for one in value)
    if name in _DAYS:
        days = int(value)
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"{name} is 1 to {MOST_DAYS}")
        return days
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")
        return value
    if value not in _CHOICES[name]:
        raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}")
    return value


def _share(value: Any) -> Decimal:
    if isinstance(value, float):
        raise ValueError("a share is written as text, like 0.85")
    share = Decimal(str(value))
    if not share.is_finite() or not 0 <= share <= 10:
        raise ValueError("a share is 0 to 10")
    return share


# ---------------------------------------------------------------- settings and modifiers


@lru_cache(maxsize=4)
def _table(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        return tuple(csv.DictReader(source))


def _in_force(row: Mapping[str, str], on: date) -> bool:
    end = row["to"]
    return date.fromisoformat(row["from"]) <= on and (not end or on < date.fromisoformat(end))


@lru_cache(maxsize=4_096)
def setting_of(kind: str, facility: str, on: date) -> str:
    """The setting a claim's place names: place of service (kind P), type of bill (I), nothing else (D)."""
    rows = [row for row in _table("settings") if row["kind"] == kind and _in_force(row, on)]
    exact = [row["setting"] for row in rows if row["code"] == facility[:2]]
    return next(iter(exact), next((row["setting"] for row in rows if row["code"] == "*"), ""))


class Modifier(NamedTuple):
    """What a modifier does to a price: its kind (component, bilateral, role, factor, report, excluded)."""

    modifier: str
    kind: str
    factor: str
    words: str


@lru_cache(maxsize=512)
def modifiers_on(on: date) -> dict[str, Modifier]:
    """The modifiers that touch a price on a day; every other one does not."""
    return {
        row["modifier"]: Modifier(row["modifier"], row["kind"], row["factor"], row["words"])
        for row in _table("modifiers")
        if _in_force(row, on)
    }


# ---------------------------------------------------------------- what the payer should pay


def sequestration_on(on: date) -> Decimal:
    """The share Medicare takes off its payments for services of a day; zero before it began."""
    rows = [row for row in _table("sequestration") if _in_force(row, on)]
    return Decimal(rows[0]["percent"]) if rows else Decimal(0)


class ExpectedPayment(NamedTuple):
    """What should be on the check for a line (section 4); cents."""

    allowed: Money
    contractual: Money
    patient_share: Money
    payable: Money
    sequestration: Money
    withhold: Money
    paid: Money


def expected_payment(
    charge: Money, allowed: Money, patient_share: Money, on: date, terms: Terms, *, prior: Money = ZERO
) -> ExpectedPayment:
    """From the price to the check: less the patient's share, what payers before took over, sequestration
    and withhold.
    """
    payable = Money(max(0, int(allowed) - int(patient_share) - int(prior)))
    cut = payable.times(sequestration_on(on)) if terms.sequestration else ZERO
    held = payable.times(terms.withhold)
    return ExpectedPayment(allowed, charge - allowed, patient_share, payable, cut, held, payable - cut - held)


def secondary_payment(primary_share: Money, allowed: Money, primary_paid: Money) -> Money:
    """A payer that tops up to its own fee (lesser-of, as Medicaid does) after the first."""
    return Money(max(0, min(int(primary_share), int(allowed) - int(primary_paid))))


def fee_key(payer_number: str, code_type: str, code: str) -> str:
    """How rows of one code of one payer are found together."""
    return f"{payer_number}|{code_type}|{code}"


def joined(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
