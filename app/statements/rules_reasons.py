"""Why a run sends something to an account or does not: codes with words, who unblocks it and how. Pure."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from app.statements.lifecycle import Outcome

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of data/reasons.csv, in force `[effective_from, effective_to)`.

    who: whose move it is, `nobody` when it passes by itself. unblock: what ends it.
    """

    code: str
    outcome: str
    effective_from: date
    effective_to: date | None
    words: str
    who: str
    unblock: str


@lru_cache(maxsize=1)
def rows() -> tuple[Reason, ...]:
    """Every row as shipped, in order."""
    with (DATA / "reasons.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Reason(
                code=row["code"],
                outcome=Outcome(row["outcome"]).value,
                effective_from=date.fromisoformat(row["effective_from"]),
                effective_to=date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
                words=row["words"],
                who=row["who"],
                unblock=row["unblock"],
            )
            for row in csv.DictReader(lines)
        )


@lru_cache(maxsize=64)
def reasons(on: date) -> dict[str, Reason]:
    """The reasons of a day by their code."""
    return {
        one.code: one
        for one in rows()
        if one.effective_from <= on and (one.effective_to is None or on < one.effective_to)
    }


def reason(code: str, on: date) -> Reason:
    """One reason; a code the table lost keeps its name, so that old runs stay readable."""
    found = reasons(on).get(code)
    if found is not None:
        return found
    for one in rows():
        if one.code == code:
            return one
    return Reason(code, Outcome.HELD.value, on, None, code.replace("_", " "), "supervisor", "")


CODES = frozenset(one.code for one in rows())
