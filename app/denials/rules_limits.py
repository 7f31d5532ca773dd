"""Limits of the desk: dated rows, shipped in data/limits.csv, over which a clinic's own rows win. Pure."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from app.kernel.errors import Refused

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: how much is still allowed, from a day until (exclusive) another. `role` empty: for everybody.

    The unit is the last word of the name: cents, days, minutes, bytes, or a count.
    """

    name: str
    role: str
    amount: int
    effective_from: date
    effective_to: date | None


@lru_cache(maxsize=1)
def shipped() -> tuple[Limit, ...]:
    """The rows of data/limits.csv."""
    with (DATA / "limits.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_limit(row) for row in csv.DictReader(lines))


def _limit(row: Mapping[str, str]) -> Limit:
    until = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
    since = date.fromisoformat(row["effective_from"])
    return Limit(row["name"], row["role"], int(row["amount"]), since, until)


def limit(own: Sequence[Limit], name: str, on: date, *, role: str = "") -> int | None:
    """What holds on a day: the newest row of our own, else the newest shipped; None when nobody set one."""
    for rows in (own, shipped()):
        fits = [
            one
            for one in rows
            if one.name == name
            and one.role == role
            and one.effective_from <= on
            and (one.effective_to is None or on < one.effective_to)
        ]
        if fits:
            return max(fits, key=lambda one: one.effective_from).amount
    return None


def most(own: Sequence[Limit], name: str, on: date) -> int:
    """A limit everybody has; it is always set."""
    return limit(own, name, on) or 0


def may_write_off(own: Sequence[Limit], roles: Iterable[str], on: date) -> int:
    """The cents somebody with these roles may approve (RDEN-12); 0 for those without such a role."""
    return max((limit(own, "writeoff_cents", on, role=role) or 0 for role in roles), default=0)


def check_new(name: str, role: str, amount: int) -> None:
    """Refuse a row of our own that names what nobody reads, or is below zero."""
    if (name, role) not in {(one.name, one.role) for one in shipped()}:
        raise Refused("There is no such limit.", code="unknown_limit", field="name")
    if not 0 <= amount <= 10**13:
        raise Refused("A limit is a whole number from 0.", code="bad_limit", field="amount")
