"""How an attempt may end, what follows from it, and whether who speaks is who they say. Pure."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from app.contacts.lifecycle import Direction, HoldKind, Reach
from app.contacts.rules_law import DATA
from app.kernel.errors import Refused

AHEAD_DAYS = 366


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended: data/results.csv. spoke, right_party: what it implies, None when it is asked.

    asks: what the form asks for next (promise, plan, why, dispute, next_on, note); next_days: after how many
    days it comes back by itself, None when nothing follows; hold: the hold it places at once.
    """

    code: str
    label: str
    reaches: frozenset[Reach]
    direction: Direction | None
    spoke: bool | None
    right_party: bool | None
    asks: str
    next_days: int | None
    hold: HoldKind | None
    effective_from: date
    effective_to: date | None

    def fits(self, reach: Reach, direction: Direction, on: date) -> bool:
        """May it end an attempt of this kind on a day?"""
        held = self.effective_from <= on and (self.effective_to is None or on < self.effective_to)
        return held and reach in self.reaches and self.direction in (None, direction)


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for not paying: data/nonpayment.csv; next_step: what to offer."""

    code: str
    label: str
    next_step: str
    effective_from: date
    effective_to: date | None


def _days(row: Mapping[str, str]) -> tuple[date, date | None]:
    until = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
    return date.fromisoformat(row["effective_from"]), until


def _said(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


@lru_cache(maxsize=1)
def results() -> tuple[Result, ...]:
    """The shipped results, in the order of the form."""
    with (DATA / "results.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Result(
                row["code"], row["label"], frozenset(Reach(one) for one in row["reach"].split("|")),
                None if row["direction"] == "any" else Direction(row["direction"]), _said(row["spoke"]),
                _said(row["right_party"]), row["asks"],
                int(row["next_days"]) if row["next_days"] else None,
                HoldKind(row["hold"]) if row["hold"] else None, *_days(row),
            )
            for row in csv.DictReader(lines)
        )  # fmt: skip


@lru_cache(maxsize=1)
def nonpayment() -> tuple[Why, ...]:
    """The shipped reasons for not paying, in the order of the form."""
    with (DATA / "nonpayment.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Why(row["code"], row["label"], row["next_step"], *_days(row)) for row in csv.DictReader(lines)
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """Why somebody on hold is reached all the same: data/answers.csv. purpose, to: what it lets through,
    empty for any.
    """

    code: str
    label: str
    purpose: str
    to: str
    effective_from: date
    effective_to: date | None


@lru_cache(maxsize=1)
def answers() -> tuple[Answers, ...]:
    """The shipped reasons to reach somebody who is on hold, in the order of the form."""
    with (DATA / "answers.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Answers(row["code"], row["label"], row["purpose"], row["to"], *_days(row))
            for row in csv.DictReader(lines)
        )


def because(code: str, purpose: str, to: str, on: date) -> str:
    """The reason of an attempt that passes a hold, by its code; `Refused` when it fits neither the purpose
    nor whom it is to.
    """
    for one in answers():
        held = one.effective_from <= on and (one.effective_to is None or on < one.effective_to)
        if held and one.code == code and (one.purpose, one.to) in ((purpose, ""), ("", to)):
            return code
    raise Refused("Choose why they are reached all the same.", code="unknown_because", field="because")


def result(code: str, reach: Reach, direction: Direction, on: date) -> Result:
    """The result of this code; `Refused` when no such attempt ends so."""
    for one in results():
        if one.code == code and one.fits(reach, direction, on):
            return one
    raise Refused("Choose how it ended.", code="unknown_result", field="result")


def why(code: str, on: date) -> str:
    """A reason for not paying by its code, empty for none; `Refused` for one there is none of."""
    known = {one.code for one in nonpayment()
             if one.effective_from <= on and (one.effective_to is None or on < one.effective_to)}  # fmt: skip
    if code and code not in known:
        raise Refused("There is no such reason for not paying.", code="unknown_why", field="why")
    return code


def next_on(ended: Result, asked: date | None, today: date) -> date | None:
    """The day an account comes back: the one somebody chose, else what its result says."""
    if asked is not None:
        if not today <= asked <= today + timedelta(AHEAD_DAYS):
            raise Refused("Call back on a day from today, within a year.", code="bad_day", field="next_on")
        return asked
    return None if ended.next_days is None else today + timedelta(ended.next_days)


# ---------------------------------------------------------------- who speaks


MARKS = ("birth", "zip", "phone", "name", "number")
"""What somebody may be asked: day of birth, ZIP code, the last four digits of a phone on file, their full
name, the number of the account.
"""


@dataclass(frozen=True, slots=True)
class Person:
    """What we know of a guarantor to check who speaks; phones: whole numbers."""

    last: str
    first: str
    birth: date | None
    zip: str
    phones: tuple[str, ...]
    number: str


def fitting(person: Person, given: Mapping[str, str]) -> int:
    """How many of the marks given fit; -1 when one was given that does not: a wrong answer is no answer.

    A name alone never counts with a number alone printed on the same envelope: name and account number
    together count as one mark.
    """
    said = {name: given[name].strip() for name in MARKS if given.get(name, "").strip()}
    right = {name for name, text in said.items() if _fits(person, name, text)}
    if len(right) < len(said):
        return -1
    return len(right) - (1 if {"name", "number"} <= right else 0)


def _fits(person: Person, name: str, text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if name == "birth":
        return person.birth is not None and text == person.birth.isoformat()
    if name == "zip":
        return bool(digits) and len(digits) >= 5 and person.zip[:5] == digits[:5]
    if name == "phone":
        return len(digits) >= 4 and any(one[-4:] == digits[-4:] for one in person.phones)
    if name == "number":
        return text.upper() == person.number.upper()
    return _plain(text) in (_plain(f"{person.first} {person.last}"), _plain(f"{person.last} {person.first}"))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", " ", text.casefold()).split())
