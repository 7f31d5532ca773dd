"""The tests a scrub rule may apply to a field: each reads the values a claim has there and its own setting.

A test answers whether all is well. What is not there is well for every test but `required` and its kin.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from app.kernel.errors import Refused
from app.rebill.rules_facts import DATA

SHAPE_MOST, VALUE_MOST = 160, 200
LOOSE_MOST = 4
"""So many parts of a shape may stretch: no more work than a clerk's form ever needs."""


class Around(NamedTuple):
    """What a test may look at beside its field: the other fields of the line (or claim), and the day."""

    values: Callable[[str], Sequence[str]]
    today: date


class Test(NamedTuple):
    """One test: what it asks, in words; its decision; the check of its setting (`Refused` when unusable)."""

    words: str
    passes: Callable[[Sequence[str], str, Around], bool]
    setting: Callable[[str], object]


def _filled(values: Sequence[str]) -> list[str]:
    return [one for one in values if one.strip()]


def _each(test: Callable[[str, str], bool]) -> Callable[[Sequence[str], str, Around], bool]:
    return lambda values, setting, _: all(test(one, setting) for one in _filled(values))


# ---------------------------------------------------------------- settings


@lru_cache(maxsize=1_024)
def words_of(setting: str) -> tuple[str, ...]:
    """A list of values as a rule writes it: `a|b|c`."""
    return tuple(one.strip() for one in setting.split("|") if one.strip())


def _nothing(setting: str) -> None:
    if setting.strip():
        raise Refused("This test takes no value.", code="bad_setting", field="value")


def _some(setting: str) -> tuple[str, ...]:
    if not words_of(setting):
        raise Refused("Write the values, separated by |.", code="bad_setting", field="value")
    return words_of(setting)


_PIECE = re.compile(r"(?:\[[^\[\]\\]+\]|\\d|[A-Za-z0-9 ./:_-])(\{\d{1,2}(?:,\d{1,2})?\}|\?)?")


@lru_cache(maxsize=512)
def shape(setting: str) -> re.Pattern[str]:
    """A shape: characters, [sets], \\d, each with ? or {m,n}; alternatives apart by |. `Refused` otherwise.

    A small part of regular expressions on purpose: whatever is written, a value is read in no time.
    """
    bad = Refused("A shape is characters, [A-Z] or \\d, each with ? or {m,n}; alternatives apart by |.",
                  code="bad_setting", field="value")  # fmt: skip
    if not setting or len(setting) > SHAPE_MOST:
        raise bad
    for one in setting.split("|"):
        pieces = list(_PIECE.finditer(one))
        loose = [piece for piece in pieces if "," in (piece[1] or "") or piece[1] == "?"]
        if "".join(piece[0] for piece in pieces) != one or not one or len(loose) > LOOSE_MOST:
            raise bad
    try:
        return re.compile(setting, re.ASCII)
    except re.error as problem:
        raise bad from problem


@lru_cache(maxsize=512)
def limits(setting: str) -> tuple[Decimal | None, Decimal | None]:
    """A range as a rule writes it: `1..20`, `0.01..`, `..9`; one number alone is both ends."""
    low, dots, high = setting.strip().partition("..")
    try:
        ends = (Decimal(low) if low else None, Decimal(high) if high else None)
    except InvalidOperation:
        ends = (None, None)
    if ends == (None, None):
        raise Refused("Write a range as 1..20, 0.01.. or ..9.", code="bad_setting", field="value")
    return ends if dots else (ends[0], ends[0])


def _within(number: Decimal | int, setting: str) -> bool:
    low, high = limits(setting)
    return (low is None or number >= low) and (high is None or number <= high)


@lru_cache(maxsize=1)
def books() -> Mapping[str, Mapping[str, tuple[str, date, date | None]]]:
    """The code books of data/code_sets.csv: book -> code -> (label, from, until)."""
    found: dict[str, dict[str, tuple[str, date, date | None]]] = {}
    with (DATA / "code_sets.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            until = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
            since = date.fromisoformat(row["effective_from"] or "1900-01-01")
            found.setdefault(row["book"], {})[row["code"]] = (row["label"], since, until)
    return found


def _book(setting: str) -> Mapping[str, tuple[str, date, date | None]]:
    if setting not in books():
        raise Refused(f"Write one of {', '.join(sorted(books()))}.", code="bad_setting", field="value")
    return books()[setting]


# ---------------------------------------------------------------- decisions


def npi_is_valid(number: str) -> bool:
    """The check digit of an NPI: Luhn over 80840 and the ten digits (45 CFR 162.406)."""
    if not re.fullmatch(r"[12]\d{9}", number, re.ASCII):
        return False
    doubled = [int(one) * (2 - at % 2) for at, one in enumerate("80840" + number, start=1)]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def days_of(value: str) -> tuple[date, date] | None:
    """First and last day of CCYYMMDD, CCYYMMDD-CCYYMMDD or CCYYMMDDHHMM; None when it is none of them."""
    if len(value) == 8:
        return _one_day(value)
    first, _, last = value.partition("-")
    texts = (first[:8], (last or first)[:8])
    if not all(len(one) == 8 and one.isascii() and one.isdigit() for one in texts):
        return None
    try:
        return date.fromisoformat(texts[0]), date.fromisoformat(texts[1])
    except ValueError:
        return None


def _one_day(value: str) -> tuple[date, date] | None:
    if not (value.isascii() and value.isdigit()):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day, day


def _days(values: Sequence[str]) -> list[tuple[date, date]]:
    return [days for one in _filled(values) if (days := days_of(one)) is not None]


def _not_after(values: Sequence[str], setting: str, around: Around) -> bool:
    """No day of the field lies after the last day of the other field, or after today."""
    others = [around.today] if setting == "today" else [last for _, last in _days(around.values(setting))]
    return not others or all(last <= max(others) for _, last in _days(values))


def _not_before(values: Sequence[str], setting: str, around: Around) -> bool:
    others = [first for first, _ in _days(around.values(setting))]
    return not others or all(first >= min(others) for first, _ in _days(values))


def _in_book(values: Sequence[str], setting: str, around: Around) -> bool:
    book = _book(setting)
    for one in _filled(values):
        known = book.get(one)
        if known is None or not known[1] <= around.today or (known[2] and known[2] <= around.today):
            return False
    return True


def _is_number(value: str, setting: str) -> bool:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and _within(number, setting)


def _is_date(value: str, _: str) -> bool:
    days = days_of(value)
    return days is not None and days[0] <= days[1]


def _points(values: Sequence[str], setting: str, around: Around) -> bool:
    held = len(_filled(around.values(setting)))
    return all(one.isascii() and one.isdigit() and 1 <= int(one) <= held for one in _filled(values))


@lru_cache(maxsize=256)
def _beginnings(setting: str) -> tuple[str, ...]:
    return tuple(re.sub(r"[^A-Z0-9]+", " ", one.upper()) + " " for one in words_of(setting))


def _starts(value: str, setting: str) -> bool:
    plain = re.sub(r"[^A-Z0-9]+", " ", value.upper()).strip() + " "
    return plain.startswith(_beginnings(setting))


TESTS: Mapping[str, Test] = {
    "required": Test("must be there", lambda values, *_: bool(_filled(values)), _nothing),
    "forbidden": Test("must not be there", lambda values, *_: not _filled(values), _nothing),
    "pattern": Test("has the shape", _each(lambda one, like: shape(like).fullmatch(one) is not None), shape),
    "length": Test("has as many characters", _each(lambda one, span: _within(len(one), span)), limits),
    "one_of": Test("is one of", _each(lambda one, some: one in words_of(some)), _some),
    "not_in": Test("is none of", _each(lambda one, some: one not in words_of(some)), _some),
    "any_of": Test(
        "has one of among its values",
        lambda values, some, _: bool(set(_filled(values)) & set(words_of(some))),
        _some,
    ),
    "exactly_one_of": Test(
        "has exactly one of",
        lambda values, some, _: sum(one in words_of(some) for one in _filled(values)) == 1,
        _some,
    ),
    "not_together": Test(
        "has at most one of",
        lambda values, some, _: len(set(_filled(values)) & set(words_of(some))) < 2,
        _some,
    ),
    "not_starting": Test("does not begin with", _each(lambda one, some: not _starts(one, some)), _some),
    "unique": Test(
        "has no value twice",
        lambda values, *_: len(_filled(values)) == len(set(_filled(values))),
        _nothing,
    ),
    "max_count": Test(
        "stands so many times", lambda values, span, _: _within(len(_filled(values)), span), limits
    ),
    "numeric_range": Test("is a number in the range", _each(_is_number), limits),
    "date": Test("is a date, or two in order", _each(_is_date), _nothing),
    "not_after": Test("is not after (a field, or today)", _not_after, _some),
    "not_before": Test("is not before (a field)", _not_before, _some),
    "inside": Test(
        "lies within the days of",
        lambda values, other, around: (
            _not_after(values, other, around) and _not_before(values, other, around)
        ),
        _some,
    ),
    "required_with": Test(
        "must be there when there is",
        lambda values, other, around: (
            bool(_filled(values)) or not any(_filled(around.values(one)) for one in words_of(other))
        ),
        _some,
    ),
    "points_to": Test("counts one of", _points, _some),
    "npi_check_digit": Test("is a valid NPI", _each(lambda one, _: npi_is_valid(one)), _nothing),
    "code_in_book": Test("is in the book of codes", _in_book, _book),
}
"""Every test by its name; a rule of our own may use each of them."""
OTHER_FIELDS = frozenset({"not_after", "not_before", "inside", "required_with", "points_to"})
"""Tests whose setting names fields."""
NEEDS_VALUE = frozenset({"required", "any_of", "exactly_one_of", "required_with"})
"""Tests that complain where there is nothing."""
QUIET = frozenset(TESTS) - NEEDS_VALUE - {"max_count"}
"""Tests that never complain where there is nothing, so that they need not be asked there."""
