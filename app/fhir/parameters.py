"""Search parameters of FHIR into conditions. What is not known is refused, never silently ignored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement

from app.kernel.errors import Refused

MOST, USUAL = 100, 50
PREFIXES = ("eq", "ge", "gt", "le", "lt")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ID = re.compile(r"[0-9a-f]{20}")
COMMON = ("_count", "_after", "_id", "_format")
FORMATS = ("json", "application/json", "application/fhir+json")


class BadParameter(Refused):
    """A search parameter that is unknown, or whose value cannot be read."""

    status = 400

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}", code="invalid", field=name)


@dataclass(frozen=True)
class Asked:
    """A search: conditions, how many, and behind which id the page begins."""

    conditions: tuple[ColumnElement[bool], ...]
    count: int
    after: str


def asked(given: Mapping[str, list[str]], known: Mapping[str, Any]) -> Asked:
    """Read a query string. known: parameter -> function from a value to a condition."""
    conditions: list[ColumnElement[bool]] = []
    for name, values in given.items():
        if name not in known and name not in COMMON:
            raise BadParameter(name[:40], f"is not one of {', '.join(sorted((*known, *COMMON)))}")
        if name in known:
            conditions += [known[name](value) for value in values]
    form = given.get("_format", ["json"])[-1]
    if form not in FORMATS:
        raise BadParameter("_format", "only JSON is given")
    return Asked(
        tuple(conditions), count(given.get("_count", [""])[-1]), after(given.get("_after", [""])[-1])
    )


def count(text: str) -> int:
    """How many resources a page holds: 1 to 100."""
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text)):
        raise BadParameter("_count", "is a number from 1 to 100")
    return min(int(text), MOST)


def after(text: str) -> str:
    """The id behind which a page begins; "" for the first."""
    if text and not ID.fullmatch(text):
        raise BadParameter("_after", "is not one of ours")
    return text


def token(name: str, text: str) -> str:
    """The value of a token parameter, with or without its system."""
    value = text.rpartition("|")[2].strip()
    if not value or len(value) > 80:
        raise BadParameter(name, "needs a value")
    return value


def days(name: str, text: str, column: Any) -> ColumnElement[bool]:
    """A date parameter on a date column: prefix eq, ge, gt, le, lt and a day."""
    prefix, day = _day(name, text)
    return {
        "eq": column == day, "ge": column >= day, "gt": column > day, "le": column <= day, "lt": column < day
    }[prefix]  # fmt: skip


def instants(name: str, text: str, column: Any) -> ColumnElement[bool]:
    """A date parameter on a column of instants: a day is the whole day, UTC."""
    prefix, day = _day(name, text)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1)
    return {
        "eq": (column >= start) & (column < end), "ge": column >= start, "gt": column >= end,
        "le": column < end, "lt": column < start,
    }[prefix]  # fmt: skip


def _day(name: str, text: str) -> tuple[str, date]:
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    try:
        day = date.fromisoformat(rest[:10]) if DAY.fullmatch(rest[:10]) else None
    except ValueError:
        day = None
    if day is None or day.year < 2 or day.year > 9000:
        raise BadParameter(name, "is a day like 2026-01-31, with eq, ge, gt, le or lt before it")
    return prefix, day
