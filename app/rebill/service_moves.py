"""What happens to submissions on their way: by people, batches and documents, one or thousands alike."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotAllowed, Stale
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.ledger import service_looks
from app.rebill import service_follow, service_takebacks
from app.rebill.lifecycle import AT_WORK, OPEN, REBILL, Move, State
from app.rebill.models import Rebill, RebillEvent
from app.rebill.service_numbers import give, renumbered
from app.worklist import service as worklist
from app.worklist.service import NewItem

_rebill, _event = table_of(Rebill), table_of(RebillEvent)
QUEUE, SUBJECT = "rebill", "rebill"
_EVENT = (
    "rebill_id", "entity_id", "move", "from_state", "to_state", "day", "source_id", "detail", "author", "at",
)  # fmt: skip
_ROW = (
    "id", "public_id", "entity_id", "claim_id", "patient_id", "payer_id", "rank", "kind", "cause", "cause_id",
    "remit_claim_id", "state", "control", "expected", "file_by", "batch_id", "version_id", "sent_on",
    "reason", "version", "owner_id", "errors", "on_hold",
)  # fmt: skip
_LEFT_BATCH = frozenset({Move.UNBATCH, Move.REFUSE_FILE})
SCORES = {State.REJECTED: 70, State.DRAFT: 30, State.READY: 40}


@dataclass(frozen=True, slots=True)
class Moved:
    """A fact about a submission: what happened, on which day, by which document (the key of an answer, remit
    claim, acknowledgement or batch); detail: codes and counts only.
    """

    rebill_id: int
    move: Move
    day: date
    source_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Done(NamedTuple):
    """A submission that moved: its row as it was, and where it stands now."""

    row: Any
    move: Move
    state: State
    day: date


def move(w: Work, moved: Sequence[Moved], *, strict: bool = False) -> list[Done]:
    """Move submissions by the table, in bulk; returns those that moved, in the order given.

    A late fact is written down and moves nothing (R837-30), unless `strict`: then it is refused, as for a
    person who pressed a button. A refused file gives its claims new numbers (R837-04). Facts about one
    submission are taken in their order.
    """
    done: list[Done] = []
    for chunk in in_chunks(moved, BATCH_CLAIMS):
        done += _move(w, chunk, strict)
    return done


def rows_of(w: Work, ids: Iterable[int]) -> dict[int, Any]:
    """Rows without their segments, locked for a change; those out of scope are left out."""
    columns = [_rebill.c[name] for name in _ROW]
    mine = (among(w.db, _rebill.c.id, sorted(set(ids))), w.within(_rebill.c.entity_id))
    query = select(*columns).where(*mine).order_by(_rebill.c.id).with_for_update()
    return {row.id: row for row in w.db.execute(query)}


def _move(w: Work, moved: Sequence[Moved], strict: bool) -> list[Done]:
    rows = rows_of(w, [one.rebill_id for one in moved])
    now = {key: State(row.state) for key, row in rows.items()}
    done: list[Done] = []
    told = []
    for one in moved:
        if one.rebill_id not in rows:
            continue
        before = now[one.rebill_id]
        after = _after(before, one.move, strict)
        told.append(_told(w, rows[one.rebill_id], one, before, after or before))
        if after is not None:
            now[one.rebill_id] = after
            done.append(Done(rows[one.rebill_id], one.move, after, one.day))
    bulk_insert(w.db, _event, _EVENT, told)
    _write(w, done)
    again = [one.row for one in done if one.move is Move.REFUSE_FILE]
    if again:
        _number_again(w, again)
    queue(w, {one.row.id: one.state for one in done}, rows)
    service_takebacks.expect(w, QUEUE, SUBJECT, done)
    service_follow.moved(w, done)
    look_again(w, [one.row for one in done])
    return done


def look_again(w: Work, rows: Iterable[Any]) -> None:
    """While a claim is on its way again its patient is not asked: what they owe is looked at anew."""
    by_entity: dict[int, set[int]] = {}
    for row in rows:
        by_entity.setdefault(row.entity_id, set()).add(row.claim_id)
    for entity_id, ids in sorted(by_entity.items()):
        service_looks.look_again(w, entity_id, "claims", ids)


def _after(state: State, move: Move, strict: bool) -> State | None:
    try:
        return REBILL.next(state, move)
    except NotAllowed:
        if strict:
            raise
        return None


def _told(w: Work, row: Any, one: Moved, before: State, after: State) -> tuple[Any, ...]:
    detail = json.dumps(dict(one.detail), sort_keys=True)
    states = (one.move.value, before.value, after.value)
    what = (one.day.isoformat(), one.source_id, detail)
    return (row.id, row.entity_id, *states, *what, w.actor.name[:80], instant_text(w.now))


def _write(w: Work, done: Sequence[Done]) -> None:
    """Where each ended up, the same columns for all that made the same last move."""
    last: dict[int, Done] = {}
    sent: dict[int, date] = {}
    left: set[int] = set()
    for one in done:
        last[one.row.id] = one
        if one.move is Move.TRANSMIT:
            sent[one.row.id] = one.day
        if one.move in _LEFT_BATCH:
            left.add(one.row.id)
    if not last:
        return
    statement = update(_rebill).where(_rebill.c.id == bindparam("this_id"))
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("state", "open", "sent_on")}
    values["closed_at"] = bindparam("new_closed_at", type_=_rebill.c.closed_at.type)
    values["batch_id"] = bindparam("new_batch_id")
    w.db.execute(
        statement.values(**values, changed_at=w.now, version=_rebill.c.version + 1),
        [
            {
                "this_id": key,
                "new_state": one.state.value,
                "new_open": one.state in OPEN,
                "new_sent_on": sent.get(key, one.row.sent_on),
                "new_closed_at": None if one.state in OPEN else w.now,
                "new_batch_id": None if key in left else one.row.batch_id,
            }
            for key, one in sorted(last.items())
        ],
    )


def _number_again(w: Work, again: Sequence[Any]) -> None:
    """The same claim goes out again under a number never used before, in a new envelope."""
    by_entity: dict[int, list[Any]] = {}
    for row in again:
        by_entity.setdefault(row.entity_id, []).append(row)
    statement = update(_rebill).where(_rebill.c.id == bindparam("this_id"))
    for entity_id, mine in sorted(by_entity.items()):
        controls = give(w, entity_id, [row.claim_id for row in mine])
        named = {row.id: control for row, control in zip(mine, controls, strict=True)}
        kept = select(_rebill.c.id, _rebill.c.claim_sealed).where(among(w.db, _rebill.c.id, sorted(named)))
        sealed = {row.id: renumbered(row.claim_sealed, named[row.id]) for row in w.db.execute(kept)}
        rows = [
            {"this_id": key, "new_control": named[key], "new_sealed": sealed[key]} for key in sorted(named)
        ]
        values: dict[str, Any] = {
            "control": bindparam("new_control"),
            "claim_sealed": bindparam("new_sealed"),
        }
        w.db.execute(statement.values(**values, place=None), rows)


# ---------------------------------------------------------------- history and the queue


def note(
    w: Work, row: Any, what: str, day: date, detail: Mapping[str, Any], *, source_id: int | None = None
) -> None:
    """Write down something that moved nothing: opened, edited, held, signed. detail: codes only."""
    at = (row.state, row.state, day.isoformat(), source_id, json.dumps(dict(detail), sort_keys=True))
    told = (row.id, row.entity_id, what, *at, w.actor.name[:80], instant_text(w.now))
    bulk_insert(w.db, _event, _EVENT, [told])


def note_many(
    w: Work,
    told: Sequence[tuple[Any, str, date, Mapping[str, Any]]],
    sources: Mapping[int, int] | None = None,
) -> None:
    """The same for many: (row, what, day, detail); sources: the document that says so, by submission."""
    says = sources or {}
    at, author = instant_text(w.now), w.actor.name[:80]
    rows = [
        (row.id, row.entity_id, what, row.state, row.state, day.isoformat(), says.get(row.id),
         json.dumps(dict(detail), sort_keys=True), author, at)
        for row, what, day, detail in told
    ]  # fmt: skip
    bulk_insert(w.db, _event, _EVENT, rows)


def queue(w: Work, states: Mapping[int, State], rows: Mapping[int, Any]) -> None:
    """Submissions a person has the next step of stand in the queue `rebill`; the others leave it.

    rows: as `rows_of` gives them. The amount is what we hope for, the day is the last one to send it.
    """
    waiting = [key for key, state in states.items() if state in AT_WORK]
    ended: dict[str, list[int]] = {}
    for key, state in states.items():
        # A rejected void expects nothing any more, so its items leave before the rejection enters.
        if state not in AT_WORK or state is State.REJECTED:
            ended.setdefault(state.value, []).append(key)
    for outcome, keys in sorted(ended.items()):
        worklist.close_many(w, QUEUE, SUBJECT, sorted(keys), outcome)
    worklist.reopen_many(w, [_item(rows[key], states[key]) for key in sorted(waiting)])
    for key in sorted(waiting):
        if rows[key].owner_id is not None:
            worklist.own_many(w, [QUEUE], SUBJECT, [key], rows[key].owner_id)


def _item(row: Any, state: State) -> NewItem:
    return NewItem(
        entity_id=row.entity_id,
        queue=QUEUE,
        kind="rebill",
        subject=SUBJECT,
        subject_id=row.id,
        reason=state.value,
        amount=int(row.expected),
        claim_id=row.claim_id,
        payer_id=row.payer_id,
        patient_id=row.patient_id,
        due=row.file_by,
        score=SCORES[state],
        detail={"rebill": row.public_id, "kind": row.kind, "cause": row.cause},
    )


def score_of(state: str) -> int:
    """How urgent a submission in a state is among work, before its day and its dollars."""
    return SCORES[State(state)]


def bump(w: Work, row: Any, version: int, values: Mapping[str, Any]) -> int:
    """Write columns of one submission if nobody changed it since `version`; returns the new version."""
    held = (_rebill.c.id == row.id, _rebill.c.version == version)
    changed = {**values, "version": version + 1, "changed_at": w.now}
    if row.version != version or w.db.execute(update(_rebill).where(*held).values(changed)).rowcount != 1:
        raise Stale()
    return version + 1
