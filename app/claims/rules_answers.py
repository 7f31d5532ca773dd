"""What answers before payment mean: which claim they speak of, and where its facts leave a claim. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from app.claims.lifecycle import REJECTED_STATES, Move, State, after

MOVES = {
    "forwarded": Move.RECEIVE,
    "received": Move.RECEIVE,
    "accepted": Move.ACCEPT,
    "accepted_split": Move.ACCEPT,
    "rejected": Move.REJECT,
    "not_found": Move.NOT_FIND,
    "pending": Move.PEND,
    "pending_review": Move.PEND,
    "info_requested": Move.ASK,
    "patient_info_requested": Move.ASK,
}
"""`claim_state` of the list of status categories -> what it does to a claim; finalized_* all finalize."""

REFUSES = (Move.REJECT, Move.NOT_FIND)
_WEIGHT = {
    Move.NOTE: 0,
    Move.RECEIVE: 1,
    Move.ACCEPT: 2,
    Move.ACCEPT_SOME: 3,
    Move.PEND: 4,
    Move.ASK: 5,
    Move.FINALIZE: 6,
    Move.NOT_FIND: 7,
    Move.REJECT: 8,
}
"""Several statuses of one level: any rejection wins over an acceptance, a decision over a step before it."""

_ORDER = {
    Move.SEND: 0,
    Move.REPLACE: 0,
    Move.VOID: 0,
    Move.REFUSE_INTERCHANGE: 1,
    Move.REFUSE_SYNTAX: 2,
    Move.ACCEPT_SYNTAX: 2,
    **{move: weight + 3 for move, weight in _WEIGHT.items()},
    Move.REMIT: 20,
    Move.REVERSE: 20,
    Move.CONFIRM_VOID: 21,
}
"""How facts of one day follow each other: as a claim travels, refusals after acceptances."""

SET_MOVES = {"A": Move.ACCEPT_SYNTAX, "E": Move.ACCEPT_SYNTAX, "P": Move.ACCEPT_SYNTAX}
FIRST = date.min
"""The day of the first sending, whatever it says: nothing is answered before it was sent."""


class Said(NamedTuple):
    """One status of an STC: category, status code, entity code."""

    category: str
    status: str
    entity_code: str


def move_of(claim_state: str) -> Move:
    """What a status category does to a claim, by the `claim_state` of the list; unknown ones move nothing."""
    if claim_state.startswith("finalized"):
        return Move.FINALIZE
    return MOVES.get(claim_state, Move.NOTE)


def headline(said: Sequence[tuple[Said, Move]]) -> tuple[Said, Move]:
    """The status that decides among those of one level; the first of the weightiest."""
    if not said:
        return Said("", "", ""), Move.NOTE
    return max(said, key=lambda one: _WEIGHT.get(one[1], 0))


def with_lines(claim: Move, lines: Iterable[Move]) -> Move:
    """An accepted claim of which a line is refused is accepted with line rejects."""
    if claim in (Move.ACCEPT, Move.RECEIVE) and any(move in REFUSES for move in lines):
        return Move.ACCEPT_SOME
    return claim


def set_move(level: str, code: str) -> Move:
    """What a TA1 (interchange) or a 999 (group, set) does to the claims it speaks of."""
    if code in SET_MOVES:
        # A TA1 or a group that is taken says nothing yet about the transactions inside.
        return Move.ACCEPT_SYNTAX if level == "set" else Move.NOTE
    return Move.REFUSE_INTERCHANGE if level == "interchange" else Move.REFUSE_SYNTAX


class Candidate(NamedTuple):
    """A claim of ours with the control number an answer names."""

    claim_id: int
    entity_id: int
    last: str
    service_from: date | None
    cents: int
    provider: str


class Asked(NamedTuple):
    """What an answer tells of its claim besides the control number."""

    last: str
    service_from: date | None
    cents: int | None
    provider: str


def whose(asked: Asked, found: Sequence[Candidate]) -> Candidate | None:
    """The claim an answer speaks of; None when there is none, or several that it does not tell apart.

    The control number is ours and comes back as sent, so one claim that carries it is the claim, unless
    name, day and amount all say otherwise.
    """
    if len(found) == 1:
        return found[0] if _agreeing(asked, found[0]) or not _contradicts(asked, found[0]) else None
    best = max((_agreeing(asked, one) for one in found), default=0)
    nearest = [one for one in found if _agreeing(asked, one) == best]
    return nearest[0] if len(nearest) == 1 and best else None


def _agreeing(asked: Asked, one: Candidate) -> int:
    told = (
        bool(asked.last) and asked.last.upper() == one.last.upper(),
        asked.service_from is not None and asked.service_from == one.service_from,
        asked.cents is not None and asked.cents == one.cents,
        bool(asked.provider) and asked.provider == one.provider,
    )
    return sum(told)


def _contradicts(asked: Asked, one: Candidate) -> bool:
    told = (
        bool(asked.last) and asked.last.upper() != one.last.upper(),
        asked.service_from is not None and asked.service_from != one.service_from,
        asked.cents is not None and asked.cents != one.cents,
    )
    return all(told)


class Fact(NamedTuple):
    """Something a document says of one claim. key: the address of its place; codes are empty outside 277s.

    turn: orders facts of one day: a reversal comes after the answer it takes back, a correction after both.
    """

    day: date
    key: int
    move: Move
    kind: str
    source_id: int | None
    category: str = ""
    status: str = ""
    entity_code: str = ""
    origin: str = ""
    answer_id: int | None = None
    turn: int = 0


class Step(NamedTuple):
    """A fact in the life of a claim. state: where it left the claim; moved: False when it came too late."""

    fact: Fact
    state: State
    moved: bool


class Standing(NamedTuple):
    """Where a claim stands, since the fact that moved it last; resubmitted: the day it went out again after
    a rejection, as long as nobody has taken it.
    """

    state: State
    fact: Fact | None
    resubmitted: date | None


def steps(facts: Iterable[Fact]) -> list[Step]:
    """The facts of a claim in the order they count, each with the state it left; any order of arrival ends
    the same (R837-30).
    """
    state, told = State.TRANSMITTED, []
    for fact in sorted(facts, key=lambda one: (one.day, one.turn, _ORDER[one.move], one.key)):
        to = after(state, fact.move)
        told.append(Step(fact, to or state, to is not None))
        state = to or state
    return told


def standing(facts: Iterable[Fact]) -> Standing:
    """Where the facts leave a claim."""
    state, deciding, again = State.TRANSMITTED, None, None
    for step in steps(facts):
        if not step.moved:
            continue
        if step.fact.move in (Move.SEND, Move.REPLACE) and state in REJECTED_STATES:
            again = step.fact.day
        elif step.state not in (State.TRANSMITTED, State.SYNTAX_ACCEPTED, State.RECEIVED):
            again = None
        state, deciding = step.state, step.fact
    return Standing(state, deciding, again)


class Way(NamedTuple):
    """A TA1 or 999 about a transaction of ours: its day, place, level, verdict."""

    day: date
    key: int
    level: str
    code: str


def way_state(ways: Iterable[Way]) -> tuple[State, Way] | None:
    """Where a transaction of ours stands by all that answers it; None when only an acceptance of the whole
    interchange or group is known.
    """
    found: tuple[State, Way] | None = None
    for way in sorted(ways, key=_in_turn):
        to = after(found[0] if found else State.TRANSMITTED, set_move(way.level, way.code))
        if to is not None:
            found = (to, way)
    return found


def _in_turn(way: Way) -> tuple[date, int, bool, int]:
    """By day; of one 999 the verdict on the transaction before that on its group, which names no errors."""
    return way.day, _ORDER[set_move(way.level, way.code)], way.level != "set", way.key


def answered(sent: Sequence[tuple[date, int]], on: date) -> int | None:
    """Which of several transactions with the same control numbers an answer of a day speaks of: the last one
    sent until then, the first one when all were sent later. Pairs are (day sent, key).
    """
    before = [one for one in sent if one[0] <= on]
    if before:
        return max(before)[1]
    return min(sent)[1] if sent else None
