"""Reads of a person's day: what waits in each queue, what comes next, how the work is spread over people.

Open work may be a million items: each read is one statement that an index answers alone, or at most one row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from app.access.models import Person, PersonState, RoleGrant
from app.access.queries import EVERY_ENTITY
from app.access.rules import ROLES, policy
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.worklist.models import ItemState, WorklistItem

_item, _person, _grant = table_of(WorklistItem), table_of(Person), table_of(RoleGrant)
SOON_DAYS = 7
"""A deadline within so many days is shown as near."""
EACH = SQL_VARIABLES // 4


@dataclass(frozen=True, slots=True)
class QueueDay:
    """One queue on a day. `late` was due before it, `soon` falls due within a week of it; `oldest` is when
    the item that waits longest was opened; `unowned` belongs to nobody.
    """

    queue: str
    count: int
    amount: Money
    oldest: datetime | None
    late: int
    soon: int
    unowned: int


@dataclass(frozen=True, slots=True)
class Load:
    """The open work of one person, or (person empty) of nobody, in one queue."""

    person: str
    name: str
    queue: str
    count: int
    amount: Money
    late: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is found: `detail` holds the public id of its record. `subject_id` stays inside."""

    public_id: str
    queue: str
    kind: str
    subject: str
    subject_id: int
    detail: dict[str, Any]


def _open(w: Work) -> list[ColumnElement[bool]]:
    found = [w.within(_item.c.entity_id), _item.c.state == ItemState.OPEN.value]
    # Whom compliance asks about is compliance's business: not the day of whoever is asked about.
    return found if w.actor.permissions & {"*", "privacy.read"} else [*found, _item.c.queue != "privacy"]


def queues(w: Work, on: date, owner_id: int | None = None) -> list[QueueDay]:
    """Every queue with open work on a day, of one person or (None) of everybody, by name."""
    late = func.count().filter(_item.c.due < on)
    soon = func.count().filter(and_(_item.c.due >= on, _item.c.due <= on + timedelta(SOON_DAYS)))
    unowned = func.count().filter(_item.c.owner_id.is_(None))
    query = select(
        _item.c.queue,
        func.count(),
        func.sum(_item.c.amount),
        func.min(_item.c.opened_at),
        late,
        soon,
        unowned,
    ).where(*_open(w))
    if owner_id is not None:
        query = query.where(_item.c.owner_id == owner_id)
    found = w.db.execute(query.group_by(_item.c.queue).order_by(_item.c.queue))
    return [
        QueueDay(name, int(count), Money.of_sum(int(amount or 0)), oldest, int(past), int(near), int(free))
        for name, count, amount, oldest, past, near, free in found
    ]


def loads(w: Work, on: date) -> list[Load]:
    """Open work by person and queue; what belongs to nobody comes last."""
    late = func.count().filter(_item.c.due < on)
    held = (
        select(
            _item.c.owner_id,
            _item.c.queue,
            func.count().label("pieces"),
            func.sum(_item.c.amount).label("amount"),
            late.label("late"),
        )
        .where(*_open(w))
        .group_by(_item.c.owner_id, _item.c.queue)
        .subquery()
    )
    query = (
        select(held, _person.c.public_id, _person.c.name)
        .outerjoin(_person, _person.c.id == held.c.owner_id)
        .order_by(held.c.owner_id.is_(None), _person.c.name, held.c.owner_id, held.c.queue)
    )
    return [
        Load(
            row.public_id or "",
            row.name or "Nobody",
            row.queue,
            int(row.pieces),
            Money.of_sum(int(row.amount or 0)),
            int(row.late),
        )
        for row in w.db.execute(query)
    ]


def next_item(w: Work, *, queue: str = "", owner_id: int | None, mine_only: bool = False) -> Place | None:
    """The most pressing open item of a queue (or of any) that is this person's or, unless `mine_only`,
    nobody's. None when there is none.
    """
    whose = _item.c.owner_id == (owner_id or 0)
    query = select(*_PLACE).where(*_open(w), whose if mine_only else or_(whose, _item.c.owner_id.is_(None)))
    if queue:
        query = query.where(_item.c.queue == queue)
    row = w.db.execute(query.order_by(_item.c.rank.desc(), _item.c.id.desc()).limit(1)).one_or_none()
    return _place(row) if row is not None else None


_PLACE = (
    _item.c.public_id, _item.c.queue, _item.c.kind, _item.c.subject, _item.c.subject_id, _item.c.detail
)  # fmt: skip


def _place(row: Any) -> Place:
    return Place(row.public_id, row.queue, row.kind, row.subject, row.subject_id, row.detail or {})


def places(w: Work, subjects: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Place]:
    """The newest item about each of these (subject, key); those without work are left out."""
    found: dict[tuple[str, int], Place] = {}
    for chunk in in_chunks(sorted(set(subjects)), EACH):
        about = tuple_(_item.c.subject, _item.c.subject_id).in_(chunk)
        query = select(*_PLACE).where(w.within(_item.c.entity_id), about).order_by(_item.c.id)
        found |= {(row.subject, row.subject_id): _place(row) for row in w.db.execute(query)}
    return found


def top(w: Work, queue: str, owner_id: int | None, most: int) -> Sequence[Place]:
    """The most pressing open items of a queue that are one person's or (None) nobody's, at most so many."""
    whose = _item.c.owner_id.is_(None) if owner_id is None else _item.c.owner_id == owner_id
    query = select(*_PLACE).where(*_open(w), _item.c.queue == queue, whose)
    found = w.db.execute(query.order_by(_item.c.rank.desc(), _item.c.id.desc()).limit(most))
    return [_place(row) for row in found]


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody work can be given to; `person_id` stays inside."""

    person_id: int
    public_id: str
    name: str


def workers(w: Work) -> list[Worker]:
    """The open accounts of people who may work here, by name."""
    roles = sorted(role for role in ROLES if "worklist.work" in policy().held_by({role}))
    at = or_(_grant.c.entity_id == EVERY_ENTITY, w.within(_grant.c.entity_id))
    query = (
        select(_person.c.id, _person.c.public_id, _person.c.name)
        .where(_person.c.state == PersonState.ACTIVE.value)
        .where(_person.c.id.in_(select(_grant.c.person_id).where(at, _grant.c.role.in_(roles))))
    )
    found = w.db.execute(query.order_by(_person.c.name, _person.c.id))
    return [Worker(row.id, row.public_id, row.name) for row in found]
