"""What judged lines mean for the underpayments people work: opened, followed, recovered, withdrawn. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app.contracts.rules import Terms
from app.kernel.money import Money
from app.underpayments.lifecycle import OPEN, Move, State
from app.underpayments.rules import DENIED, OVERPAID, UNDERPAID, Judged, dispute_limit, workable

Key = tuple[int, int, int]
"""Claim, payer's rank, line."""
REVERSED, REPRICED, RECOVERED, REFUSED, UNPRICED = "reversed", "repriced", "recovered", "denied", "not_priced"


class Fact(NamedTuple):
    """A standing judged line, with the answer it is of and the row it is kept in."""

    key: Key
    variance_id: int
    remit_claim_id: int
    remit_id: int
    payer_id: int | None
    remit_on: date
    service_on: date
    code: str
    modifiers: str
    setting: str
    schedule_id: int | None
    judged: Judged
    terms: Terms | None


class Change(NamedTuple):
    """What becomes of a case. `known` None: it is opened. `move` None: only its figures are renewed."""

    fact: Fact | None
    known: Any
    move: Move | None
    state: State
    outcome: str | None
    identified: int
    recovered: int
    pattern_id: int | None = None


Patterns = Mapping[tuple[int | None, str, str, str], tuple[int, int]]


def decide(facts: Sequence[Fact], known: Mapping[Key, Any], patterns: Patterns) -> list[Change]:
    """The changes a batch of claims needs; none for what stands as it should."""
    by_claim: dict[int, list[Fact]] = {}
    for fact in facts:
        by_claim.setdefault(fact.key[0], []).append(fact)
    wanted: dict[Key, tuple[Fact, bool, int | None]] = {}
    for lines in by_claim.values():
        for fact, small, pattern in _work_of(lines, patterns):
            wanted[fact.key] = (fact, small, pattern)
    standing = {fact.key: fact for fact in facts}
    changes = []
    for key, (fact, small, pattern) in wanted.items():
        if (change := _open(fact, known.get(key), small, pattern)) is not None:
            changes.append(change)
    for key, row in known.items():
        if key not in wanted and (ended := _end(row, standing.get(key))) is not None:
            changes.append(ended)
    return changes


def _work_of(lines: Sequence[Fact], patterns: Patterns) -> list[tuple[Fact, bool, int | None]]:
    beyond = [
        fact for fact in lines if fact.judged.class_ in (UNDERPAID, OVERPAID) and fact.terms is not None
    ]
    if not beyond:
        return []
    terms = beyond[0].terms
    size = workable([fact.judged for fact in lines], terms) if terms else "no"
    if size == "no":
        return []
    found = []
    for fact in beyond:
        pattern, worth = patterns.get((fact.payer_id, fact.code, fact.modifiers, fact.setting), (None, 0))
        heavy = fact.terms is not None and worth >= int(fact.terms.pattern_workable)
        found.append((fact, size == "small" and not heavy, pattern))
    return found


def _open(fact: Fact, row: Any, small: bool, pattern: int | None) -> Change | None:
    now = int(fact.judged.variance or 0)
    first = State.BELOW_TOLERANCE if small else State.DETECTED
    if row is None:
        return Change(fact, None, Move.FIND_SMALL if small else Move.DETECT, first, None, now, 0, pattern)
    state = State(row.state)
    if row.variance_id == fact.variance_id:
        if state is State.BELOW_TOLERANCE and not small and row.outcome is None:
            return Change(fact, row, Move.DETECT, first, None, now, int(row.recovered), pattern)
        return None
    if row.remit_claim_id == fact.remit_claim_id:
        # The same answer under another price: a person's verdict on the old one no longer holds.
        again = state in (State.INVALID, State.CLOSED, State.RECOVERED)
        move = Move.DETECT if again else None
        return Change(fact, row, move, first if again else state, None, now, int(row.recovered), pattern)
    missing = int(row.identified)
    if 0 < now < missing:
        return Change(fact, row, Move.RECOVER_PART, State.PARTIAL, None, missing, missing - now, pattern)
    again = state not in OPEN or state is State.PARTIAL
    move = (Move.FIND_SMALL if small else Move.DETECT) if again else None
    return Change(fact, row, move, first if again else state, None, now, 0, pattern)


def _end(row: Any, fact: Fact | None) -> Change | None:
    """A case nothing stands behind any more: paid, taken back, refused, or priced otherwise."""
    state = State(row.state)
    waits = state is State.CLOSED and row.outcome == REVERSED
    if state not in OPEN and state is not State.BELOW_TOLERANCE and not waits:
        return None
    identified = int(row.identified)
    if fact is None:
        if waits:
            return None
        return Change(None, row, Move.WITHDRAW, State.CLOSED, REVERSED, identified, 0)
    if fact.remit_claim_id == row.remit_claim_id and not waits:
        return Change(fact, row, Move.REPRICE, State.CLOSED, REPRICED, identified, 0)
    if fact.judged.variance is None:
        outcome = REFUSED if fact.judged.class_ == DENIED else UNPRICED
        return Change(fact, row, Move.WITHDRAW, State.CLOSED, outcome, identified, 0)
    back = identified - max(0, int(fact.judged.variance)) if identified > 0 else 0
    return Change(fact, row, Move.RECOVER, State.RECOVERED, RECOVERED, identified, back)


def limit(fact: Fact) -> date:
    """The last day to dispute what a case is about."""
    return dispute_limit(fact.remit_on, fact.terms) if fact.terms else fact.remit_on


def amount_of(fact: Fact) -> Money:
    """What is missing, or too much; + either way."""
    return abs(fact.judged.variance or Money(0))
