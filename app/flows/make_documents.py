"""The documents of a released run: drawn between two transactions, kept in one, and what follows from it."""

from collections.abc import Callable

from app.flows import send_email
from app.kernel import failpoints, outbox
from app.kernel.outbox import Claimed, Heartbeat
from app.kernel.work import Work, reading, system, work
from app.statements import service_make

AFTER_MADE: tuple[Callable[[Work, str], None], ...] = (send_email.after_made,)
"""What follows when documents of a run were made, by the public id of the run."""


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
