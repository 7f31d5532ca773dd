"""Where claims stand between sending and payment, and how they came there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from app.claims import rules_actions
from app.claims.lifecycle import Move, State
from app.claims.models import (
    Acknowledgement,
    Claim,
    ClaimAnswer,
    ClaimEvent,
    ClaimPayer,
    ClaimResent,
    ClaimState,
    ClaimVersion,
    Transmission,
)
from app.claims.rules import REPLACES, VOIDS
from app.claims.rules_answers import FIRST, Fact, Step, steps
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.ids import unpack
from app.kernel.work import Work

_claim, _version, _covered = table_of(Claim), table_of(ClaimVersion), table_of(ClaimPayer)
_state, _event, _answer = table_of(ClaimState), table_of(ClaimEvent), table_of(ClaimAnswer)
_way, _said, _resent = table_of(Transmission), table_of(Acknowledgement), table_of(ClaimResent)
_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
_SENDS = {REPLACES: Move.REPLACE, VOIDS: Move.VOID}
_WAY_MOVES = {
    State.INTERCHANGE_REJECTED.value: Move.REFUSE_INTERCHANGE,
    State.SYNTAX_REJECTED.value: Move.REFUSE_SYNTAX,
    State.SYNTAX_ACCEPTED.value: Move.ACCEPT_SYNTAX,
}
STATES = tuple(state.value for state in State)
first_payer = _covered.alias("first_payer")
current = _version.alias("current_version")
current_state = case(
    (_state.c.state.is_not(None), _state.c.state),
    (first_payer.c.state == "answered", State.REMITTED.value),
    (_way.c.state.is_not(None), _way.c.state),
    else_=State.TRANSMITTED.value,
)
"""The state of a claim in SQL; needs the joins of `with_state`. A claim that was billed once and answered
only by its remit has no row of its own: there are a million of them, and their state is plain.
"""

since_day = case(
    (_state.c.state.is_not(None), _state.c.since),
    (first_payer.c.state == "answered", first_payer.c.answered_on),
    else_=_way.c.since,
)


def with_state(joined: Any) -> Any:
    """A query on claims with what `current_state` and `since_day` read."""
    return (
        joined.outerjoin(_state, _state.c.claim_id == _claim.c.id)
        .outerjoin(first_payer, and_(first_payer.c.claim_id == _claim.c.id, first_payer.c.rank == 1))
        .outerjoin(current, current.c.id == _claim.c.current_version_id)
        .outerjoin(_way, _way.c.transaction_id == current.c.transaction_id)
    )


def in_state(wanted: str) -> ColumnElement[bool]:
    """The claims of a state; needs the joins of `with_state`."""
    return current_state == wanted


@dataclass(frozen=True, slots=True)
class StateEvent:
    """A fact in the life of a claim. day: None for the first sending of unknown day; moved: False when it
    came too late to move the claim; `file` is the public id of the document that says so.

    move: what it does (see `claims.lifecycle`); words: what it says; action: what to do about it.
    """

    day: date | None
    state: str
    moved: bool
    move: str
    kind: str
    words: str
    codes: str
    action: str
    instruction: str
    file: str
    file_name: str


def facts_of(w: Work, claim_ids: Sequence[int]) -> dict[int, list[Fact]]:
    """Everything any document says of where these claims stand; a fixed number of statements."""
    found: dict[int, list[Fact]] = {one: [] for one in claim_ids}
    _sendings(w, claim_ids, found)
    columns = [_event.c[name] for name in ("category", "status", "entity_code", "origin", "answer_id")]
    events = select(
        _event.c.claim_id, _event.c.day, _event.c.answer_id, _event.c.move, _event.c.kind,
        _event.c.source_id, *columns,
    )  # fmt: skip
    mine = (among(w.db, _event.c.claim_id, claim_ids), w.within(_event.c.entity_id))
    for claim_id, day, key, move, *rest in w.db.execute(events.where(*mine)):
        found[claim_id].append(Fact(day, key, Move(move), *rest))
    answers = select(_covered).where(
        among(w.db, _covered.c.claim_id, claim_ids),
        _covered.c.state == "answered",
        w.within(_covered.c.entity_id),
    )
    for row in w.db.execute(answers):
        found[row.claim_id] += remit_facts(row)
    return found


def remit_facts(row: Any) -> list[Fact]:
    """What the remits of one payer of a claim say (a row of `claim_payer`): answered, taken back."""
    latest = Fact(row.answered_on or date.max, row.source, Move.REMIT, "835", row.answer_id)
    if row.reversed_on is None:
        return [latest]
    back = Fact(row.reversed_on, row.source, Move.REVERSE, "835", row.reversal_id, turn=1)
    if row.answer_id == row.taken_back_id:
        return [latest, back]
    first = Fact(row.taken_back_on, row.source, Move.REMIT, "835", row.taken_back_id)
    return [first, back, latest._replace(turn=2)]


def _sendings(w: Work, claim_ids: Sequence[int], found: dict[int, list[Fact]]) -> None:
    """Each time a claim went out, and what became of the file it went out in."""
    versions = select(
        _version.c.claim_id, _version.c.id, _version.c.sent, _version.c.frequency,
        _version.c.transaction_id, _version.c.state,
    ).where(
        among(w.db, _version.c.claim_id, claim_ids),
        _version.c.state != "undone",
        w.within(_version.c.entity_id),
    )  # fmt: skip
    again = select(
        _resent.c.claim_id, _resent.c.id, _resent.c.sent, _resent.c.transaction_id
    ).where(among(w.db, _resent.c.claim_id, claim_ids), w.within(_resent.c.entity_id))  # fmt: skip
    sent = [(*tuple(row)[:5], row.state) for row in w.db.execute(versions)]
    sent += [(row.claim_id, row.id, row.sent, "1", row.transaction_id, "") for row in w.db.execute(again)]
    first: dict[int, tuple[str, int]] = {}
    for claim_id, key, at, *_ in sent:
        first[claim_id] = min(first.get(claim_id, (at, key)), (at, key))
    ways = _ways(w, {row[4] for row in sent})
    for claim_id, key, at, frequency, transaction_id, state in sent:
        opening = first[claim_id] == (at, key)
        day = FIRST if opening else day_of_text(at) or FIRST
        move = _SENDS.get(frequency, Move.SEND)
        found[claim_id].append(Fact(day, key, move, "837", transaction_id))
        if state == "void":
            found[claim_id].append(Fact(date.max, key, Move.CONFIRM_VOID, "835", None))
        way = ways.get(transaction_id)
        if way is not None and way.state in _WAY_MOVES:
            kind = "TA1" if way.level == "interchange" else "999"
            found[claim_id].append(
                Fact(way.since, way.id, _WAY_MOVES[way.state], kind, way.source_id, status=way.code)
            )


def _ways(w: Work, transactions: Iterable[int]) -> dict[int, Any]:
    query = (
        select(_way.c.transaction_id, _way.c.state, _way.c.since, _said.c.id, _said.c.level, _said.c.code,
               _said.c.source_id)
        .join(_said, _said.c.id == _way.c.acknowledgement_id)
        .where(among(w.db, _way.c.transaction_id, sorted(transactions)), w.within(_way.c.entity_id))
    )  # fmt: skip
    return {row.transaction_id: row for row in w.db.execute(query)}


def day_of_text(sent: str) -> date | None:
    """The day of a `sent` (YYYYMMDDHHMM); None when it is none."""
    try:
        return date(int(sent[:4]), int(sent[4:6]), int(sent[6:8]))
    except ValueError:
        return None


def history(w: Work, claim_ids: Sequence[int]) -> dict[int, list[StateEvent]]:
    """How each claim came where it stands, first fact first; claims out of scope have no facts."""
    told = {claim_id: steps(facts) for claim_id, facts in facts_of(w, claim_ids).items()}
    files = _files(w, {step.fact.source_id for all_ in told.values() for step in all_})
    labels = _labels(w, {step.fact.answer_id for all_ in told.values() for step in all_})
    sent = _sent_days(w, claim_ids)
    return {
        claim_id: [_event_of(w, step, files, labels, sent) for step in all_]
        for claim_id, all_ in told.items()
    }


def _event_of(
    w: Work,
    step: Step,
    files: dict[int, tuple[str, str]],
    labels: dict[int, tuple[str, str]],
    sent: dict[int, date | None],
) -> StateEvent:
    fact, today = step.fact, w.now.date()
    unknown = fact.day in (FIRST, date.max)
    day = (sent.get(fact.key) if fact.kind == "837" else None) if unknown else fact.day
    label, proposed = labels.get(fact.answer_id or 0, ("", ""))
    codes = ":".join(code for code in (fact.category, fact.status, fact.entity_code) if code)
    action = rules_actions.action(fact.category, fact.status, fact.entity_code, proposed, today)
    public, name = files.get(unpack(fact.source_id).file_no if fact.source_id else 0, ("", ""))
    told = bool(fact.answer_id)
    return StateEvent(
        day=day,
        state=step.state.value,
        moved=step.moved,
        move=fact.move.value,
        kind=fact.kind,
        words=rules_actions.label(label, fact.entity_code, today) if told else PLAIN.get(fact.move, ""),
        codes=codes if told else "",
        action=action.title if told else "",
        instruction=action.words if told else "",
        file=public,
        file_name=name,
    )


PLAIN = {
    Move.SEND: "Sent to the payer",
    Move.REPLACE: "Replacement sent (frequency 7)",
    Move.VOID: "Void sent (frequency 8)",
    Move.REFUSE_INTERCHANGE: "The receiver could not open the file",
    Move.REFUSE_SYNTAX: "The receiver could not read this part of the file",
    Move.ACCEPT_SYNTAX: "The receiver could read the file",
    Move.REMIT: "Answered by a remit",
    Move.REVERSE: "The payer took its answer back",
    Move.CONFIRM_VOID: "The payer took its payment back: the void stands",
}


def _files(w: Work, sources: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    numbers = sorted({unpack(one).file_no for one in sources if one})
    query = select(_file.c.file_no, _file.c.public_id, _file.c.name)
    rows = w.db.execute(query.where(among(w.db, _file.c.file_no, numbers)))
    return {row.file_no: (row.public_id, row.name) for row in rows}


def _labels(w: Work, answers: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    query = select(_answer.c.id, _answer.c.label, _answer.c.proposed)
    chosen = [one for one in answers if one]
    rows = w.db.execute(query.where(among(w.db, _answer.c.id, chosen), w.within(_answer.c.entity_id)))
    return {row.id: (row.label, row.proposed) for row in rows}


def _sent_days(w: Work, claim_ids: Sequence[int]) -> dict[int, date | None]:
    query = select(_version.c.id, _version.c.sent).where(
        among(w.db, _version.c.claim_id, claim_ids), w.within(_version.c.entity_id)
    )
    return {row.id: day_of_text(row.sent) for row in w.db.execute(query)}


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many claims stand somewhere, and what they charge."""

    state: str
    count: int
    charge: int


def counts(w: Work) -> list[StateCount]:
    """Claims by state, of those in scope."""
    joined = with_state(select(current_state, func.count(), func.sum(_claim.c.charge)).select_from(_claim))
    rows = w.db.execute(joined.where(w.within(_claim.c.entity_id)).group_by(current_state))
    return [StateCount(str(row[0]), int(row[1]), int(row[2] or 0)) for row in rows]
