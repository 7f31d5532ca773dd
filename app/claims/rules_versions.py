"""What the versions of a claim come to, taken in one after the other: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.claims.rules import ADDS, VOIDS, Line, changed_lines


class Told(NamedTuple):
    """A version as it was taken in; `state` as it stands now, age as `rules.age_of` says."""

    id: int
    frequency: str
    rank: int
    cents: int
    lines: tuple[Line, ...]
    age: tuple[int, str, int]
    ours: bool
    state: str


@dataclass
class Replayed:
    """Where these versions leave the claim: the one in force, its charge, the lines on the books."""

    current: int = 0
    cents: int = 0
    age: tuple[int, str, int] = (-1, "", 0)
    lines: list[Line] = field(default_factory=list)
    added: list[Told] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)


def replayed(versions: Sequence[Told]) -> Replayed:
    """The claim by these versions alone, in the order they were taken in, as `service.receive` decides."""
    at = Replayed()
    for one in versions:
        at.states[one.id] = _taken(at, one)
    return at


def _taken(at: Replayed, one: Told) -> str:
    """Take one more version in; returns its state."""
    if one.frequency == VOIDS:
        return one.state
    whole = sum(line.cents for line in one.lines) == one.cents
    if not at.current:
        at.current, at.cents, at.age, at.lines = one.id, one.cents, one.age, list(one.lines)
        return "current"
    if one.frequency == ADDS:
        if one.age < at.age:
            return "superseded"
        at.lines += one.lines
        at.cents += one.cents
        at.added.append(one)
        return "added"
    by_line = sum(line.cents for line in at.lines) == at.cents
    newer = [late for late in at.added if late.age > one.age]
    kept = {line.id for late in newer for line in late.lines}
    gone, added = changed_lines([line for line in at.lines if line.id not in kept], one.lines)
    plain = whole and one.rank == 1
    takes_over = one.ours and plain and one.age > at.age and (by_line or not at.added)
    if not takes_over and (not by_line or not plain or (not gone and not added)):
        return "same"
    if one.age < at.age:
        return "superseded"
    if not by_line:
        gone, added = at.lines, list(one.lines)
    for key in (at.current, *(late.id for late in at.added if late not in newer)):
        at.states[key] = "superseded"
    at.lines = [*(line for line in at.lines if line not in gone), *added]
    at.current, at.age, at.added = one.id, one.age, newer
    at.cents = one.cents + sum(late.cents for late in newer)
    return "current"
