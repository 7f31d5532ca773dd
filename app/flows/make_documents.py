"""The documents of a released run: drawn between two transactions, kept in one, and what follows from it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from app.flows import send_email
from app.kernel import failpoints, outbox
from app.kernel.db import table_of
from app.kernel.outbox import Claimed, Heartbeat
from app.kernel.work import Work, reading, system, work
from app.statements import service_make, service_release, service_runs
from app.statements.lifecycle import RunState
from app.statements.models import Run
from app.worklist import service as worklist
from app.worklist.models import ItemState, WorklistItem
from app.worklist.service import NewItem

AFTER_MADE: tuple[Callable[[Work, str], None], ...] = (send_email.after_made,)
"""What follows when documents of a run were made, by the public id of the run."""
QUEUE, SUBJECT, STOPPED = "accounts", "statement_run", "run_stopped"
DOCUMENTS = "Its documents stopped: look at the run, take it up again"
BATCH = "Its print batch was not made: look, take it up again"
_run, _item = table_of(Run), table_of(WorklistItem)


def make(job: Claimed) -> None:
    """One job: up to fifty documents, whole or not at all."""
    actor, run = system(f"job:{job.kind}"), job.payload["run"]
    with Heartbeat(job, always=True), reading(actor) as w:
        pages = service_make.prepare(w, run)
    failpoints.hit("statements.drawn")
    with work(actor) as w:
        service_make.make(w, run, pages)
        for consequence in AFTER_MADE:
            consequence(w, run)
        outbox.finish(w.db, job)
        failpoints.hit("jobs.before_commit")
    failpoints.hit("jobs.after_commit")


def take_up(w: Work, public: str, version: int) -> int:
    """Go on with a released run whose making stopped; what was made stays as it is. Returns the version.

    One whose documents are made gets its print batch and its e-mails, where they are missing.
    """
    row = service_runs.locked(w, public)
    if row.state == RunState.MADE:
        service_release.may_release(w, row, version)
        for consequence in AFTER_MADE:
            consequence(w, public)
        done = int(row.version)
    else:
        done = service_release.take_up(w, public, version)
    worklist.close_many(w, QUEUE, SUBJECT, [row.id], "taken_up")
    return done


def stopped(w: Work, run_id: int) -> str:
    """What somebody is asked about a run that stopped; empty when nobody is."""
    query = select(_item.c.reason).where(
        w.within(_item.c.entity_id), _item.c.queue == QUEUE, _item.c.kind == STOPPED,
        _item.c.subject == SUBJECT, _item.c.subject_id == run_id, _item.c.state == ItemState.OPEN.value,
    )  # fmt: skip
    return str(w.db.execute(query).scalar() or "")


def bury(job: Claimed, reason: str) -> None:
    """The last try to make documents failed: a person looks at the run and takes it up again.

    Another job of the same run may have made the rest meanwhile; then there is nothing to tell.
    """
    with work(system("supervisor")) as w:
        row = w.db.execute(select(_run).where(_run.c.public_id == job.payload["run"])).one_or_none()
        if row is not None and row.state == RunState.RELEASED:
            _ask(w, row, DOCUMENTS, reason)


def bury_batch(job: Claimed, reason: str) -> None:
    """The last try to make a print batch failed: the documents exist, nobody has them."""
    with work(system("supervisor")) as w:
        row = w.db.execute(select(_run).where(_run.c.id == job.payload["run"])).one_or_none()
        if row is not None:
            _ask(w, row, BATCH, reason)


def _ask(w: Work, row: Any, words: str, reason: str) -> None:
    worklist.reopen_many(w, [NewItem(
        entity_id=row.entity_id, queue=QUEUE, kind=STOPPED, subject=SUBJECT, subject_id=row.id, reason=words,
        amount=int(row.amount), score=60, detail={"statement_run": row.public_id},
    )])  # fmt: skip
    w.audit("run.stopped", "E", "statement_run", row.public_id, entity_id=row.entity_id,
            detail={"dead": reason[:80]}, outcome=8)  # fmt: skip
