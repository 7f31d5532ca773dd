"""What a person does to one submission or to many with the same verb."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.rebill.lifecycle import HoldReason

MOST = 500
"""So many submissions in one act; a set is narrowed by its filters."""


class Act(StrEnum):
    """The verbs of the list."""

    ASSIGN = "assign"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act and what it needs. until: the last day of a hold; owner_id absent: nobody."""

    act: Act
    owner_id: int | None = None
    hold: HoldReason | None = None
    until: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A submission an act did not fit, and why."""

    public_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act."""

    done: int
    skipped: tuple[Skipped, ...] = ()
