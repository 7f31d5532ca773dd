"""Limits of law and of the house: dated rows of data/law.csv, over which a clinic's own rows win. Pure.

A rule has a row for everywhere (no state) and may have rows of single states. The law of a state wins over
what holds everywhere, whoever wrote it: a clinic that changes the general row has not changed New York's.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from app.kernel.errors import Broken, Refused
from app.kernel.money import Money

DATA = Path(__file__).parent / "data"
UNITS = ("usd", "percent", "days", "business_days", "hours", "months", "years", "count", "yes_no", "time",
         "list", "text")  # fmt: skip
WHOLE = frozenset({"days", "business_days", "hours", "months", "years", "count"})
STATES = frozenset(
    re.findall(
        "..",
        "ALAKAZARCACOCTDEDCFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCND"
        "OHOKORPARISCSDTNTXUTVTVAWAWVWIWYPRVIGUASMPAAAEAP",
    )
)
VALUE_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class LawRow:
    """One row: a rule's value in a state (empty: everywhere), from a day until (exclusive) another.

    value is text; unit says how to read it: usd as 25.00, a list split by |, yes_no, a time of day as 08:00.
    own: a clinic wrote it.
    """

    code: str
    state: str
    effective_from: date
    effective_to: date | None
    value: str
    unit: str
    label: str
    source: str
    own: bool = False

    def holds_on(self, day: date) -> bool:
        """Is it in force on a day?"""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


@lru_cache(maxsize=1)
def shipped() -> tuple[LawRow, ...]:
    """The rows of data/law.csv, and what data/holds.csv says of each kind of hold."""
    found = [_row(one) for one in _lines("law.csv")]
    for one in _lines("holds.csv"):
        parts = (("hold_stops", "list", one["stops"]), ("hold_days", "days", one["days"] or "0"),
                 ("hold_review_days", "days", one["review_days"] or "0"))  # fmt: skip
        words = {"hold_stops": "what it stops", "hold_days": "days it holds (0: until lifted)",
                 "hold_review_days": "days until a person looks again (0: never)"}  # fmt: skip
        for name, unit, value in parts:
            label = f"Hold “{one['label']}”: {words[name]}"
            row = {**one, "code": f"{name}.{one['kind']}", "state": "", "value": value, "unit": unit}
            found.append(_row({**row, "label": label}))
    return tuple(found)


def _lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _row(one: Mapping[str, str]) -> LawRow:
    until = date.fromisoformat(one["effective_to"]) if one["effective_to"] else None
    since = date.fromisoformat(one["effective_from"])
    return LawRow(one["code"], one["state"], since, until, one["value"], one["unit"], one["label"],
                  one["source"])  # fmt: skip


@lru_cache(maxsize=1)
def known() -> Mapping[str, LawRow]:
    """Every rule there is, by code, with the shipped row that names its unit and label."""
    found: dict[str, LawRow] = {}
    for one in shipped():
        if one.code not in found or not one.state:
            found[one.code] = one
    return found


class Law:
    """What holds on a day: the rows in force, by rule and state."""

    def __init__(self, on: date, own: Iterable[LawRow] = ()):
        self.on = on
        self._rows: dict[tuple[str, str], LawRow] = {}
        for row in (*_newest(shipped(), on), *_newest(own, on)):
            self._rows[row.code, row.state] = row

    def row(self, code: str, state: str = "") -> LawRow:
        """The row that decides in a state; `Broken` for a rule nobody wrote."""
        found = self._rows.get((code, state)) or self._rows.get((code, ""))
        if found is None and code not in known():
            raise Broken(f"there is no rule {code}")
        if found is None:
            raise Refused(f"The rule {code} has no row for {self.on}.", code="rule_missing", field="code")
        return found

    def text(self, code: str, state: str = "") -> str:
        """A rule's value as written."""
        return self.row(code, state).value

    def number(self, code: str, state: str = "") -> int:
        """A count, or a number of days, hours, months or years."""
        return int(self.text(code, state))

    def numbers(self, code: str) -> dict[str, int]:
        """The number of each state that has a row of its own, and of all others under ""."""
        return {state: int(row.value) for (rule, state), row in self._rows.items() if rule == code}

    def decimal(self, code: str, state: str = "") -> Decimal:
        """A percentage, e.g. 95 or 2.00."""
        return Decimal(self.text(code, state))

    def cents(self, code: str, state: str = "") -> Money:
        """An amount of dollars."""
        return Money.parse(self.text(code, state))

    def yes(self, code: str, state: str = "") -> bool:
        """A yes or a no."""
        return self.text(code, state) == "yes"

    def time(self, code: str, state: str = "") -> time:
        """A time of day."""
        return time.fromisoformat(self.text(code, state))

    def listed(self, code: str, state: str = "") -> tuple[str, ...]:
        """The parts of a list."""
        return tuple(one for one in self.text(code, state).split("|") if one)

    def in_force(self) -> list[LawRow]:
        """Every row that decides somewhere, by rule and state."""
        return sorted(self._rows.values(), key=lambda row: (row.code, row.state))


def _newest(rows: Iterable[LawRow], on: date) -> list[LawRow]:
    """Those in force, older ones first, so that the newest is read last."""
    return sorted((row for row in rows if row.holds_on(on)), key=lambda row: row.effective_from)


def read(code: str, state: str, value: str) -> LawRow:
    """A row of our own out of what was typed, in its rule's unit; its days are the caller's.

    Refused: a rule nobody reads, a state there is none of, a value that is not of the rule's unit.
    """
    rule = known().get(code.strip().lower())
    if rule is None:
        raise Refused("There is no such rule.", code="unknown_rule", field="code")
    where = state.strip().upper()
    if where and where not in STATES:
        raise Refused("Name a state by its two letters, or none for everywhere.", code="unknown_state",
                      field="state")  # fmt: skip
    return replace(rule, state=where, value=_checked(rule, value.strip()), own=True)


def _checked(rule: LawRow, value: str) -> str:
    if not value or len(value) > VALUE_CHARACTERS:
        raise Refused(f"A value has 1 to {VALUE_CHARACTERS} characters.", code="bad_value", field="value")
    try:
        return _normal(rule.unit, value)
    except (ValueError, InvalidOperation, Refused):
        words = {"usd": "dollars like 25.00", "yes_no": "yes or no", "time": "a time like 08:00",
                 "percent": "a percentage like 25"}.get(rule.unit, "a whole number from 0")  # fmt: skip
        raise Refused(f"This rule is {words}.", code="bad_value", field="value") from None


def _normal(unit: str, value: str) -> str:
    if unit == "usd":
        amount = Money.parse(value.replace(",", "").lstrip("$"))
        if amount < 0:
            raise ValueError
        return str(amount)
    if unit == "yes_no":
        return {"yes": "yes", "no": "no", "y": "yes", "n": "no"}.get(value.lower()) or _wrong()
    if unit == "time":
        return time.fromisoformat(value if len(value) > 4 else f"0{value}").strftime("%H:%M")
    if unit == "percent":
        part = Decimal(value.removesuffix("%").strip())
        return str(part) if part.is_finite() and 0 <= part <= 1000 else _wrong()
    if unit in WHOLE:
        return str(int(value)) if value.isascii() and value.isdigit() and len(value) <= 6 else _wrong()
    return "|".join(one.strip() for one in value.split("|")) if unit == "list" else value


def _wrong() -> str:
    raise ValueError


def differing(rows: Sequence[LawRow], on: date) -> list[tuple[LawRow, LawRow | None]]:
    """The clinic's own rows in force, each beside what would hold without it."""
    plain = {(row.code, row.state): row for row in _newest(shipped(), on)}
    return [
        (row, plain.get((row.code, row.state)) or plain.get((row.code, "")))
        for row in {(one.code, one.state): one for one in _newest(rows, on)}.values()
    ]
