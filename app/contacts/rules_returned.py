"""What each reason of the post office means for an address, and where a new one is looked for. Pure."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from app.contacts.lifecycle import ReturnMove, ReturnState
from app.contacts.rules_law import DATA
from app.kernel.errors import Refused

SOURCES: Mapping[str, str] = {
    "post_office": "Change of address at the post office",
    "phone": "Called the numbers we have",
    "electronic": "E-mail or portal",
    "relative": "Emergency contact or relative",
    "employer": "Employer on the registration",
    "payer": "The insurance's address",
    "skip_trace": "Skip tracing service",
    "records": "Public records",
}
"""Where somebody may look; each counts once."""


class Action(StrEnum):
    """What a reason asks for."""

    UPDATE = "update"
    HOLD = "hold"
    BAD = "bad"
    DECEASED = "deceased"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Code:
    """A reason of the post office, in force `[from, to)`."""

    code: str
    meaning: str
    deliverable: str
    action: Action
    effective_from: date
    effective_to: date | None
    source: str


@lru_cache(maxsize=1)
def codes() -> tuple[Code, ...]:
    """Every row of data/returned.csv, in its order."""
    with (DATA / "returned.csv").open(newline="", encoding="utf-8") as file:
        return tuple(
            Code(
                row["code"], row["meaning"], row["deliverable"], Action(row["action"]),
                date.fromisoformat(row["effective_from"]),
                date.fromisoformat(row["effective_to"]) if row["effective_to"] else None, row["source"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def on_day(day: date) -> dict[str, Code]:
    """The reasons in force on a day."""
    return {
        one.code: one for one in codes()
        if one.effective_from <= day and (one.effective_to is None or day < one.effective_to)
    }  # fmt: skip


def code_of(text: str, day: date) -> Code:
    """A reason by its letter, as stamped on the envelope; `Refused` for one there is none of."""
    found = on_day(day).get(text.strip().upper())
    if found is None:
        raise Refused("The post office has no such reason.", code="unknown_code", field="code")
    return found


def tried(sources: list[str], source: str) -> None:
    """Refuse a source there is none of, or one that was asked already: it would count twice."""
    if source not in SOURCES:
        raise Refused("Choose where you looked.", code="unknown_source", field="source")
    if source in sources:
        raise Refused("You looked there already.", code="same_source", field="source")


ACT_WORDS: Mapping[ReturnMove, str] = {
    ReturnMove.SEARCH: "Looked, found nothing",
    ReturnMove.FIND: "Found an address",
    ReturnMove.VERIFY: "Looks right",
    ReturnMove.REJECT: "Not theirs",
    ReturnMove.RESUME: "Mail again",
    ReturnMove.GIVE_UP: "Give up",
}
STATE_WORDS: Mapping[ReturnState, str] = {
    ReturnState.RETURNED: "Came back",
    ReturnState.STOPPED: "Mail stopped",
    ReturnState.SEARCHING: "Looking for an address",
    ReturnState.CANDIDATE: "Address found, look again",
    ReturnState.VERIFIED: "Address looks right",
    ReturnState.RESUMED: "Mailing again",
    ReturnState.EXHAUSTED: "No address to be found",
}
OPEN = frozenset(ReturnState) - {ReturnState.RESUMED}
