"""How long a payer may be silent before somebody asks: by its own habit, else by the usual days. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

LAG, DEFAULT = "lag", "default"


@dataclass(frozen=True, slots=True)
class Habit:
    """How many days a payer took from claim to remit: of so many cases, the middle and the long wait."""

    cases: int
    middle_days: int
    long_days: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a claim is expected to be answered, by which basis, and when a supervisor looks."""

    expected_by: date
    escalate_on: date
    basis: str
    days: int


def habit(days: Mapping[int, int], percent: int) -> Habit:
    """The habit in a count of cases by days. The long wait is the fewest days in which at least `percent` of
    100 were answered.
    """
    cases = sum(days.values())
    return Habit(cases, _within(days, cases, 50), _within(days, cases, percent))


def _within(days: Mapping[int, int], cases: int, percent: int) -> int:
    seen = 0
    for day, count in sorted(days.items()):
        seen += count
        if seen * 100 >= cases * percent:
            return day
    return 0


def wait(
    sent: date, accepted: date | None, known: Habit | None, *, least: int, first: int, escalate: int
) -> Wait:
    """How long to wait for a claim. least: fewer cases say nothing about a payer; first: days after
    acceptance (else sending) when nothing is known of it; escalate: days after sending.
    """
    if known is not None and known.cases >= least:
        late = max(known.long_days, 1)
        return Wait(sent + timedelta(late), sent + timedelta(max(escalate, late)), LAG, late)
    start = max(accepted or sent, sent)
    return Wait(start + timedelta(first), sent + timedelta(max(escalate, first)), DEFAULT, first)
