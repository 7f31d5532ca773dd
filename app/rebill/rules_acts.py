"""What a person does to one submission or to many with the same verb."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST = 500
"""So many submissions in one act; a set is narrowed by its filters."""


class Act(StrEnum):
    """The verbs of the list."""

    ASSIGN = "assign"
    FINISH = "finish"
    HOLD = "hold"
    LIFT = "lift"
    CANCEL = "cancel"


SHOWN_FIRST = frozenset({Act.FINISH, Act.HOLD, Act.LIFT, Act.CANCEL})
"""Of several at once these are shown with count, dollars and the first rows before anything is done."""

DONE = {
    Act.ASSIGN: "assigned",
    Act.FINISH: "finished: they wait for the next batch",
    Act.HOLD: "held",
    Act.LIFT: "released from their holds",
    Act.CANCEL: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act and what it needs. until: the day a held one goes again; owner_id absent: nobody."""

    act: Act
    owner_id: int | None = None
    hold: str = ""
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
