"""Jobs, written in the transaction of the change that promises them. Celery is only the doorbell.

A job is claimed by a lease and an attempt number; its effect and its `done` are one transaction, so a job
that ran twice had an effect once. A job whose worker died is due again when the lease ends; after five tries
it is `dead`, with a reason on a screen, and the jobs behind it go on (R8).
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.clock import now
from app.kernel.db import Base, Instant, Json, Key, engine, reader, table_of
from app.kernel.errors import Unavailable

LEASE = timedelta(seconds=30)
HEARTBEAT_SECONDS = 8
TRIES = 5
RING_AGAIN = timedelta(seconds=3)


class Job(Base):
    """A promise: kind and key are unique together, the payload holds ids only."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    rank: Mapped[int] = mapped_column(SmallInteger, default=5)
    run_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    rung_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index("uq_job_kind_key", "kind", "key", unique=True),
        Index("ix_job_due", "state", "rank", "run_at"),
    )


class NumberBlock(Base):
    """The next free number of each series."""

    __tablename__ = "number_block"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next: Mapped[int] = mapped_column(Key)


@dataclass(frozen=True)
class Claimed:
    """A job in hand: finish it with the same attempt number, or somebody else has taken over."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempt: int


class TakenOver(Exception):
    """The lease ran out and another worker has the job: roll back."""


_job = table_of(Job)
_ringers: list[Callable[[int], None]] = []


def ring_with(ringer: Callable[[int], None] | None) -> None:
    """Name the doorbell; without one the sweeper finds the jobs all the same."""
    _ringers[:] = [ringer] if ringer else []


def ring(job_ids: Iterable[int]) -> None:
    """Ring for jobs just committed. A broker that is away costs a second, never a job (C4)."""
    for job_id in job_ids:
        for ringer in _ringers:
            try:
                ringer(job_id)
            except (OSError, Unavailable):
                return


def promise(
    db: Connection,
    kind: str,
    key: str,
    payload: dict[str, Any],
    *,
    run_at: datetime,
    rank: int,
    once: bool = False,
) -> int | None:
    """Write a job; None when the same kind and key was promised before and is not finished.

    A finished job of the same key is queued again: replay and retry ask for the same work by the same name.
    once: not even then; for what the schedule asks for every hour and wants once a day.
    """
    same = and_(_job.c.kind == kind, _job.c.key == key)
    if once and db.execute(select(_job.c.id).where(same)).scalar() is not None:
        return None
    again = db.execute(
        update(_job)
        .where(same, _job.c.state.in_(("done", "dead")))
        .values(
            state="queued", payload=payload, run_at=run_at, attempt=0, rank=rank, error=None, rung_at=None
        )
        .returning(_job.c.id)
    ).scalar()
    if again is not None:
        return int(again)
    if db.execute(select(_job.c.id).where(same)).scalar() is not None:
        return None
    values = dict(kind=kind, key=key, payload=payload, state="queued", rank=rank, run_at=run_at, attempt=0)
    return int(db.execute(insert(_job).values(**values).returning(_job.c.id)).scalar_one())


def take(job_id: int) -> Claimed | None:
    """Claim one due job; None when it is not due, running elsewhere, done or dead."""
    moment = now()
    with engine().begin() as db:
        row = db.execute(
            update(_job)
            .where(_job.c.id == job_id, _due(moment), _job.c.attempt < TRIES)
            .values(state="running", lease_until=moment + LEASE, attempt=_job.c.attempt + 1)
            .returning(_job.c.id, _job.c.kind, _job.c.key, _job.c.payload, _job.c.attempt)
        ).one_or_none()
    return Claimed(*row) if row else None


def _due(moment: datetime) -> Any:
    waiting = and_(_job.c.state == "queued", _job.c.run_at <= moment)
    return or_(waiting, and_(_job.c.state == "running", _job.c.lease_until < moment))


def finish(db: Connection, job: Claimed) -> None:
    """Mark done in the transaction of the effect; `TakenOver` when the attempt is no longer ours."""
    held = and_(_job.c.id == job.id, _job.c.state == "running", _job.c.attempt == job.attempt)
    if db.execute(update(_job).where(held).values(state="done", done_at=now(), error=None)).rowcount != 1:
        raise TakenOver(job.key)


def put_back(job: Claimed, reason: str, *, delay: timedelta = timedelta(0)) -> bool:
    """A try failed: queue again with a growing delay, or `dead` after the last. True when it is dead."""
    dead = job.attempt >= TRIES
    wait = delay or timedelta(seconds=min(60, 2**job.attempt - 1))
    with engine().begin() as db:
        held = and_(_job.c.id == job.id, _job.c.attempt == job.attempt, _job.c.state == "running")
        values: dict[str, Any] = {"state": "dead" if dead else "queued", "run_at": now() + wait}
        db.execute(update(_job).where(held).values(error=reason[:400], lease_until=None, **values))
    return dead


def overdue_tries() -> list[Claimed]:
    """Jobs whose worker died at the last allowed try: marked dead and returned, to be quarantined (R8)."""
    moment = now()
    spent = and_(_job.c.state == "running", _job.c.lease_until < moment, _job.c.attempt >= TRIES)
    with engine().begin() as db:
        rows = db.execute(
            update(_job)
            .where(spent)
            .values(state="dead", error="its worker died at every try")
            .returning(_job.c.id, _job.c.kind, _job.c.key, _job.c.payload, _job.c.attempt)
        ).all()
    return [Claimed(*row) for row in rows]


def due(limit: int = 100, *, ring_again: bool = True) -> list[int]:
    """The jobs to ring for now, most urgent first; each is marked, so that sweeps ring once in 3 seconds."""
    moment = now()
    quiet = or_(_job.c.rung_at.is_(None), _job.c.rung_at < moment - RING_AGAIN)
    with engine().begin() as db:
        query = select(_job.c.id).where(_due(moment), quiet if ring_again else true())
        query = query.order_by(_job.c.rank, _job.c.run_at, _job.c.id).limit(limit)
        if db.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        ids = [int(one) for one in db.execute(query).scalars()]
        if ids:
            db.execute(update(_job).where(_job.c.id.in_(ids)).values(rung_at=moment))
    return ids


def next_due(up_to_rank: int) -> int | None:
    """The most urgent due job of these ranks; only a look, nothing is marked."""
    query = select(_job.c.id).where(_due(now()), _job.c.attempt < TRIES, _job.c.rank <= up_to_rank)
    with reader().connect() as db:
        found = db.execute(query.order_by(_job.c.rank, _job.c.run_at, _job.c.id).limit(1)).scalar()
    return None if found is None else int(found)


def waiting() -> int:
    """How many jobs are queued or running."""
    with reader().connect() as db:
        return int(
            db.execute(select(func.count()).where(_job.c.state.in_(("queued", "running")))).scalar_one()
        )


def running() -> int:
    """How many jobs some worker holds right now."""
    held = and_(_job.c.state == "running", _job.c.lease_until >= now())
    with reader().connect() as db:
        return int(db.execute(select(func.count()).where(held)).scalar_one())


class Heartbeat:
    """Extends the lease of a long job from a thread of its own.

    always: also on SQLite, for what a job does between its transactions.
    """

    def __init__(self, job: Claimed, *, always: bool = False):
        self._job, self._always = job, always
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            self._extend()

    def _extend(self) -> None:
        held = and_(_job.c.id == self._job.id, _job.c.attempt == self._job.attempt, _job.c.state == "running")
        with engine().begin() as db:
            db.execute(update(_job).where(held).values(lease_until=now() + LEASE))

    def __enter__(self) -> "Heartbeat":
        # On SQLite the job's own transaction keeps every other worker out; a second
        # writer would only wait for it.
        if self._always or engine().dialect.name != "sqlite":
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
