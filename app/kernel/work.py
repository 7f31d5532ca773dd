"""Work: one transaction, one actor, one moment.

A door opens it, one verb runs in it, and at its end three things are written in the same
transaction: the change, the audit events and the jobs it promises. Bells ring after the commit and
may be lost; the outbox may not.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select, text, true, update

from app.kernel import outbox
from app.kernel.clock import day_of, now
from app.kernel.db import bulk_insert, engine, numberer, reader, table_of
from app.kernel.errors import Broken, Guarded, NotPermitted
from app.kernel.outbox import NumberBlock


class _Everything:
    """The scope of the system itself: every entity."""

    def __contains__(self, entity_id: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "ALL"


ALL: Final = _Everything()
Scope = frozenset[int] | _Everything


@dataclass(frozen=True)
class Actor:
    """Who asks, through which door, with which rights, for which entities."""

    name: str
    person_id: int | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    scope: Scope = frozenset()
    door: str = "page"
    session: str | None = None
    purpose: str = "HPAYMT"
    network: dict[str, str] = field(default_factory=dict)


def system(name: str, door: str = "job") -> Actor:
    """The product itself, e.g. `system("schedule")`: every entity, every right; it is named in the audit."""
    return Actor(name=name, permissions=frozenset({"*"}), scope=ALL, door=door)


@dataclass(frozen=True)
class Event:
    """One thing for the audit: what was done to which subject, about which patients (ids only)."""

    type: str
    action: str
    subject: str
    key: str
    entity_id: int | None
    patients: tuple[int, ...]
    detail: dict[str, Any]
    outcome: int


AuditSink = Callable[[Connection, "Work", list[Event]], None]
_sinks: list[AuditSink] = []


def audit_with(sink: AuditSink) -> None:
    """Name the one writer of audit events; `app.audit.service` does so when it is imported."""
    _sinks[:] = [sink]


class Work:
    """What a verb works in. `db` is a Core connection; `now` is the moment of all of it."""

    def __init__(self, db: Connection, actor: Actor, moment: datetime, *, readonly: bool = False):
        self.db = db
        self.actor = actor
        self.now = moment
        self.readonly = readonly
        self.events: list[Event] = []
        self.bells: list[int] = []

    @property
    def scope(self) -> Scope:
        """The entities this actor may see."""
        return self.actor.scope

    def today(self, time_zone: str) -> date:
        """The day of this moment in an entity's time zone."""
        return day_of(self.now, time_zone)

    def within(self, column: Any) -> ColumnElement[bool]:
        """The condition every query on an entity's table carries (A2)."""
        return true() if isinstance(self.scope, _Everything) else column.in_(self.scope)

    def may(self, permission: str) -> None:
        """Go on only with this right; `NotPermitted` otherwise."""
        if "*" not in self.actor.permissions and permission not in self.actor.permissions:
            raise NotPermitted()

    def audit(
        self,
        type: str,
        action: str,
        subject: str,
        key: object = "",
        *,
        entity_id: int | None = None,
        patients: Iterable[int] = (),
        detail: dict[str, Any] | None = None,
        outcome: int = 0,
    ) -> None:
        """Note an event, written with the change or before a read is answered: ids and codes, never names."""
        ids = tuple(sorted(set(patients)))
        self.events.append(Event(type, action, subject, str(key), entity_id, ids, detail or {}, outcome))

    def job(
        self,
        kind: str,
        key: str,
        payload: dict[str, Any],
        *,
        run_at: datetime | None = None,
        rank: int = 5,
        once: bool = False,
    ) -> None:
        """Promise a job in this transaction; `key` makes it happen once, `rank` orders what is due.

        once: a job of this key that is done stays done, however often it is asked for.
        """
        when = run_at or self.now
        job_id = outbox.promise(self.db, kind, key, payload, run_at=when, rank=rank, once=once)
        if job_id is not None and run_at is None:
            self.bells.append(job_id)

    def numbers(self, name: str, count: int = 1) -> int:
        """The first of `count` numbers nobody else will get; PostgreSQL may leave gaps, but never waits."""
        if self.db.dialect.name == "sqlite":
            return _reserve(self.db, name, count)
        with numberer().begin() as db:
            return _reserve(db, name, count)

    def numbers_without_gaps(self, name: str, count: int = 1) -> int:
        """The first of `count` numbers, taken in this transaction: none is missing when it is rolled back.

        Others who want a number of the series wait until it ends.
        """
        return _reserve(self.db, name, count)

    def flush_events(self, db: Connection) -> None:
        """Write the noted events; without a writer nothing may go on."""
        if not self.events:
            return
        if not _sinks:
            raise Broken("no writer of audit events is installed")
        _sinks[0](db, self, self.events)
        self.events = []


def _reserve(db: Connection, name: str, count: int) -> int:
    blocks = table_of(NumberBlock)
    move = (
        update(blocks)
        .where(blocks.c.name == name)
        .values(next=blocks.c.next + count)
        .returning(blocks.c.next)
    )
    taken = db.execute(move).scalar()
    if taken is None:
        # The first of a series: whoever makes its row, both take their numbers from it.
        bulk_insert(db, blocks, ("name", "next"), [(name, 1)])
        taken = db.execute(move).scalar_one()
    return int(taken) - count


def _set_scope(db: Connection, actor: Actor) -> None:
    """Tell PostgreSQL whose rows this transaction may touch: the second belt behind `within`."""
    if db.dialect.name != "postgresql":
        return
    scope = "*" if isinstance(actor.scope, _Everything) else ",".join(str(one) for one in sorted(actor.scope))
    db.execute(text("SELECT set_config('reclaim.scope', :scope, true)"), {"scope": scope})


@contextmanager
def work(actor: Actor, *, moment: datetime | None = None) -> Iterator[Work]:
    """Open a transaction that writes; commits at the end of the block, rolls back when it raises.

    moment: of the past of an example world; everybody else works now.
    """
    moment = moment or now()
    try:
        with engine().begin() as db:
            _set_scope(db, actor)
            w = Work(db, actor, moment)
            yield w
            w.flush_events(db)
    except Guarded as no:
        _keep(actor, moment, no)
        raise
    outbox.ring(w.bells)


def _keep(actor: Actor, moment: datetime, no: Guarded) -> None:
    """Write what a refusal leaves behind. It failed to be written: that is what the caller hears, and the act
    is as little done as before.
    """
    if no.keep is None:
        return
    keep, no.keep = no.keep, None  # a block around this one keeps nothing twice
    with engine().begin() as db:
        # The guard looked at what the verb was allowed to see; its record must not need a right of its own.
        w = Work(db, replace(actor, permissions=frozenset({"*"}), scope=ALL), moment)
        _set_scope(db, w.actor)
        keep(w)
        w.flush_events(db)


@contextmanager
def reading(actor: Actor) -> Iterator[Work]:
    """Open a transaction that only reads; what it tells of patients is in the audit before it ends."""
    moment = now()
    try:
        with reader().begin() as db:
            _set_scope(db, actor)
            w = Work(db, actor, moment, readonly=True)
            yield w
    except Guarded as no:
        _keep(actor, moment, no)
        raise
    if w.events:
        with engine().begin() as db:
            _set_scope(db, actor)
            w.flush_events(db)


REHEARSED: Final = 1 << 38
"""Where the numbers of rehearsals begin: beyond any series, and a batch's leaves 24 bits to its entries."""


class Rehearsal(Work):
    """Work that leaves nothing behind, not even a number taken from a series others take theirs from."""

    def __init__(self, db: Connection, actor: Actor, moment: datetime):
        super().__init__(db, actor, moment)
        self._next: dict[str, int] = {}

    def numbers(self, name: str, count: int = 1) -> int:
        """Numbers of this rehearsal alone; they are gone with everything they were given to."""
        first = self._next.get(name, REHEARSED)
        self._next[name] = first + count
        return first


@contextmanager
def rehearsing(actor: Actor) -> Iterator[Rehearsal]:
    """Open a transaction that is rolled back whatever happens in it: no change, event, job or bell stays."""
    with engine().connect() as db:
        underway = db.begin()
        try:
            _set_scope(db, actor)
            yield Rehearsal(db, actor, now())
        finally:
            underway.rollback()


def in_the_name_of(w: Work) -> Work:
    """The same transaction, moment and person, but seeing every entity with every right, as jobs do.

    For a posting a person starts. Whoever calls it has asked for the person's right, and looks afterwards at
    whose books were touched.
    """
    actor = replace(w.actor, permissions=frozenset({"*"}), scope=ALL)
    _set_scope(w.db, actor)
    made = copy(w)
    made.actor = actor
    return made


def exists(w: Work, statement: Any) -> bool:
    """Does a select find anything?"""
    return w.db.execute(select(statement.exists())).scalar_one()
