"""The work of the house behind the screens: what waits, what runs, what failed at every try and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.kernel.db import table_of
from app.kernel.export import Column, Kind
from app.kernel.outbox import Job
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work

_job = table_of(Job)
STATES = ("queued", "running", "dead", "done")
FILTERS = ("state", "kind")
SORTS = {"run_at": Sort(_job.c.run_at, descending=True), "kind": Sort(_job.c.kind)}
WORDS = {
    "stage_file": "Read a file",
    "post_transaction": "Post a transaction",
    "retry_parked": "Try parked claims again",
    "retry_held": "Try held transactions again",
    "second_opinion": "Check a file against the guides",
    "anchor_audit": "Anchor the audit trail",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job without what it is about: its key and payload hold inner numbers and stay inside."""

    kind: str
    words: str
    state: str
    attempt: int
    run_at: datetime
    done_at: datetime | None
    error: str | None


COLUMNS = (
    Column("words", "Job", sort="kind"),
    Column("state", "State", Kind.STATE),
    Column("attempt", "Tries", Kind.COUNT),
    Column("run_at", "Due", Kind.INSTANT, sort="run_at"),
    Column("done_at", "Done", Kind.INSTANT),
    Column("error", "What went wrong"),
)


def jobs(w: Work, ask: Ask) -> Slice[JobRow]:
    """One page of jobs; those that are done only when they are asked for."""
    query = select(_job)
    query = query.where(_job.c.state == ask.get("state") if ask.get("state") else _job.c.state != "done")
    if ask.get("kind"):
        query = query.where(_job.c.kind == ask.get("kind"))
    return page(w.db, query, ask, sorts=SORTS, key=_job.c.id, row=_row)


def _row(row: Row[Any]) -> JobRow:
    words = _called(row.kind)
    return JobRow(row.kind, words, row.state, row.attempt, row.run_at, row.done_at, row.error)


def counts(w: Work) -> dict[str, int]:
    """How many jobs are in each state."""
    found = w.db.execute(select(_job.c.state, func.count()).group_by(_job.c.state))
    return {state: int(count) for state, count in found}


def kinds(w: Work) -> list[tuple[str, str]]:
    """The kinds of jobs there are, with their words, for the filter."""
    return [(one, _called(one)) for one in w.db.execute(select(_job.c.kind).distinct()).scalars()]


def _called(kind: str) -> str:
    """What people call a kind of job."""
    return WORDS.get(kind, kind.replace("_", " ").capitalize())
