"""Sending e-mails about statements, and what follows when the documents of a run were made."""

from sqlalchemy import select

from app.gateways.mail import Letter, SmtpWay
from app.kernel import failpoints, outbox
from app.kernel.db import table_of
from app.kernel.outbox import Claimed, Heartbeat
from app.kernel.settings import settings
from app.kernel.work import Work, system, work
from app.statements import service_email, service_print
from app.statements.lifecycle import RunState
from app.statements.models import Run

_run = table_of(Run)


def after_made(w: Work, run_public: str) -> None:
    """The last document of a run is made: its print batch and its e-mails follow."""
    mine = (_run.c.public_id == run_public, w.within(_run.c.entity_id))
    row = w.db.execute(select(_run.c.id, _run.c.state).where(*mine)).one()
    if row.state == RunState.MADE:
        service_print.promise(w, row.id)
        service_email.queue(w, row.id)


def send(job: Claimed) -> None:
    """One try between two transactions; a crash in between is for a person, never a second e-mail."""
    actor, chosen = system(f"job:{job.kind}"), settings()
    way = SmtpWay(chosen)
    with work(actor) as w:
        package = service_email.begin(w, job.payload["email"], ready=way.ready)
        if package is None:
            outbox.finish(w.db, job)
            return
    failpoints.hit("statements.before_email")
    letter = Letter(
        chosen.smtp_from, package.to, package.subject, package.text, package.html, package.message_id,
        package.headers,
    )  # fmt: skip
    with Heartbeat(job, always=True):
        handed = way.send(letter)
    failpoints.hit("statements.after_email")
    with work(actor) as w:
        service_email.settle(w, package, handed)
        outbox.finish(w.db, job)


def bury(job: Claimed, reason: str) -> None:
    """The last try failed: a person finds out what became of it."""
    with work(system("supervisor")) as w:
        service_email.give_up(w, job.payload["email"], reason)


def print_batch(job: Claimed) -> None:
    """The print batch of a run, made with its rows and its `done` in one transaction."""
    with Heartbeat(job, always=True), work(system(f"job:{job.kind}")) as w:
        service_print.make(w, job.payload["run"])
        outbox.finish(w.db, job)
