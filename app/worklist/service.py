"""The verbs of the worklist.

Capabilities open and close in bulk, people take and finish one item at a time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotAllowed, NotFound, Stale
from app.kernel.ids import public_ids
from app.kernel.limits import SQL_VARIABLES
from app.kernel.work import Work
from app.worklist.models import ItemState, WorklistItem
from app.worklist.rules import rank

_item = table_of(WorklistItem)
UNDONE = "posting_undone"
CHUNK = SQL_VARIABLES // 2
_COLUMNS = (
    "id",
    "public_id",
    "entity_id",
    "queue",
    "kind",
    "subject",
    "subject_id",
    "claim_id",
    "payer_id",
    "patient_id",
    "amount",
    "due",
    "score",
    "rank",
    "state",
    "reason",
    "detail",
    "source",
    "opened_at",
    "version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """Work to ask for.

    Amount: whole cents at stake; detail: ids and codes only; source: address of the fact.
    """

    entity_id: int
    queue: str
    kind: str
    subject: str
    subject_id: int
    reason: str
    amount: int = 0
    claim_id: int | None = None
    payer_id: int | None = None
    patient_id: int | None = None
    due: date | None = None
    score: int = 0
    detail: dict[str, Any] | None = None
    source: int | None = None

    @property
    def rank(self) -> int:
        """Where it stands among other work, larger first."""
        return rank(self.score, self.due, self.amount)


def open_many(w: Work, items: Sequence[NewItem]) -> int:
    """Ask for work.

    Returns how many items are new. An item asked for before stays as it is: twice is once.
    """
    if not items:
        return 0
    first = w.numbers("worklist_item", len(items))
    names = public_ids(len(items))
    opened = instant_text(w.now)
    rows = [
        (
            first + at,
            names[at],
            item.entity_id,
            item.queue,
            item.kind,
            item.subject,
            item.subject_id,
            item.claim_id,
            item.payer_id,
            item.patient_id,
            int(item.amount),
            item.due.isoformat() if item.due else None,
            item.score,
            item.rank,
            ItemState.OPEN.value,
            item.reason,
            json.dumps(item.detail, sort_keys=True) if item.detail else None,
            item.source,
            opened,
            1,
        )
        for at, item in enumerate(items)
    ]
    return bulk_insert(w.db, _item, _COLUMNS, rows)


def reopen_many(w: Work, items: Sequence[NewItem]) -> int:
    """Ask for work that may be done already: such items open again with the new facts."""
    if not items:
        return 0
    facts = {(item.entity_id, item.queue, item.kind, item.subject, item.subject_id): item for item in items}
    again: list[tuple[int, NewItem]] = []
    for subject in sorted({item.subject for item in items}):
        ids = [item.subject_id for item in items if item.subject == subject]
        for chunk in in_chunks(ids, CHUNK):
            query = select(
                _item.c.id, _item.c.entity_id, _item.c.queue, _item.c.kind, _item.c.subject_id
            ).where(w.within(_item.c.entity_id), _item.c.subject == subject, _item.c.subject_id.in_(chunk))
            for row in w.db.execute(query):
                key = (row.entity_id, row.queue, row.kind, subject, row.subject_id)
                if key in facts:
                    again.append((row.id, facts.pop(key)))
    _refresh(w, again)
    return open_many(w, list(facts.values())) + len(again)


def _refresh(w: Work, again: Sequence[tuple[int, NewItem]]) -> None:
    if not again:
        return
    fixed: dict[str, Any] = {
        "state": ItemState.OPEN.value,
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
    }
    moved: dict[str, Any] = {
        name: bindparam(f"new_{name}")
        for name in ("amount", "due", "score", "rank", "reason", "detail", "source")
    }
    statement = update(_item).where(_item.c.id == bindparam("this_id"))
    statement = statement.values(**fixed, **moved, version=_item.c.version + 1)
    rows = [{"this_id": key, **{f"new_{name}": getattr(item, name) for name in moved}} for key, item in again]
    w.db.execute(statement, rows)


def close_many(w: Work, queue: str, subject: str, ids: Sequence[int], outcome: str) -> int:
    """Finish every open item of a queue about these subjects; returns how many there were."""
    closed = 0
    for chunk in in_chunks(ids, CHUNK):
        which = (
            w.within(_item.c.entity_id),
            _item.c.queue == queue,
            _item.c.subject == subject,
            _item.c.subject_id.in_(chunk),
            _item.c.state == ItemState.OPEN.value,
        )
        closed += int(w.db.execute(update(_item).where(*which).values(**_finished(w, outcome))).rowcount)
    return closed


def close_kind(w: Work, entity_id: int, about: Sequence[str], ids: Sequence[int], outcome: str) -> int:
    """Finish the open items of one kind about these subjects; about: queue, kind and subject. Other work
    about the same subjects stays.
    """
    queue, kind, subject = about
    which = (
        w.within(_item.c.entity_id),
        _item.c.entity_id == entity_id,
        _item.c.queue == queue,
        _item.c.kind == kind,
        _item.c.subject == subject,
        _item.c.subject_id.in_(ids),
        _item.c.state == ItemState.OPEN.value,
    )
    return int(w.db.execute(update(_item).where(*which).values(**_finished(w, outcome))).rowcount)


def own_many(w: Work, queues: Sequence[str], subject: str, ids: Sequence[int], owner_id: int | None) -> None:
    """Give the open items of these subjects to a person, or to nobody."""
    for chunk in in_chunks(ids, CHUNK):
        which = (*_about(w, queues, subject, chunk), _item.c.state == ItemState.OPEN.value)
        w.db.execute(update(_item).where(*which).values(owner_id=owner_id, version=_item.c.version + 1))


def rank_many(w: Work, queues: Sequence[str], subject: str, places: Mapping[int, tuple[int, int]]) -> None:
    """Write new (score, rank) for the open items of these subjects."""
    _write_each(w, queues, subject, {key: dict(score=one[0], rank=one[1]) for key, one in places.items()})


def redate_many(
    w: Work, queues: Sequence[str], subject: str, dates: Mapping[int, tuple[date | None, int]]
) -> None:
    """Write new (due, rank) for the open items of these subjects."""
    _write_each(w, queues, subject, {key: dict(due=one[0], rank=one[1]) for key, one in dates.items()})


def _write_each(w: Work, queues: Sequence[str], subject: str, new: Mapping[int, dict[str, Any]]) -> None:
    """Other values for each subject's open items, the same columns for all of them."""
    if not new:
        return
    # Looked up first: a list of queues or entities cannot stand in a statement that runs once per row.
    found: list[tuple[int, int]] = []
    for chunk in in_chunks(sorted(new), CHUNK):
        which = (*_about(w, queues, subject, chunk), _item.c.state == ItemState.OPEN.value)
        found += [
            (row.id, row.subject_id)
            for row in w.db.execute(select(_item.c.id, _item.c.subject_id).where(*which))
        ]
    if not found:
        return
    columns = next(iter(new.values()))
    statement = update(_item).where(_item.c.id == bindparam("this_id"))
    w.db.execute(
        statement.values({name: bindparam(f"new_{name}") for name in columns}),
        [
            {"this_id": key, **{f"new_{name}": value for name, value in new[about].items()}}
            for key, about in sorted(found)
        ],
    )


def _about(
    w: Work, queues: Sequence[str], subject: str, ids: Sequence[int]
) -> tuple[ColumnElement[bool], ...]:
    return (
        w.within(_item.c.entity_id),
        _item.c.queue.in_(queues),
        _item.c.subject == subject,
        _item.c.subject_id.in_(ids),
    )


def _finished(w: Work, outcome: str) -> dict[str, Any]:
    return {
        "state": ItemState.DONE.value,
        "closed_at": w.now,
        "closed_by": w.actor.name,
        "outcome": outcome,
        "version": _item.c.version + 1,
    }


def assign(w: Work, public_id: str, *, owner_id: int | None, version: int) -> int:
    """Give an open item to a person, or to nobody; taking it oneself needs less. Returns the new version.

    `Stale` when somebody changed the item since `version`; `NotAllowed` when it is done.
    """
    w.may("worklist.work" if owner_id is not None and owner_id == w.actor.person_id else "worklist.assign")
    return _change(w, public_id, version, {"owner_id": owner_id}, "worklist.assign")


def finish(w: Work, public_id: str, *, outcome: str, version: int) -> int:
    """A person has done it; returns the new version. `Stale` and `NotAllowed` as for assign."""
    w.may("worklist.work")
    values = _finished(w, outcome)
    del values["version"]
    return _change(w, public_id, version, values, "worklist.finish")


def _change(w: Work, public_id: str, version: int, values: dict[str, Any], event: str) -> int:
    mine = (w.within(_item.c.entity_id), _item.c.public_id == public_id)
    row = w.db.execute(
        select(_item.c.id, _item.c.entity_id, _item.c.state, _item.c.version, _item.c.patient_id).where(*mine)
    ).one_or_none()
    if row is None:
        raise NotFound()
    if row.version != version:
        raise Stale()
    if row.state != ItemState.OPEN.value:
        raise NotAllowed("This item is done.", code="not_possible_now")
    held = (_item.c.id == row.id, _item.c.version == version)
    if w.db.execute(update(_item).where(*held).values(**values, version=version + 1)).rowcount != 1:
        raise Stale()
    patients = [row.patient_id] if row.patient_id else []
    detail = {name: value for name, value in values.items() if name in ("owner_id", "outcome")}
    w.audit(event, "U", "worklist_item", public_id, entity_id=row.entity_id, patients=patients, detail=detail)
    return version + 1
