"""One job of the outbox: its flow and its `done` in one transaction; what kills its worker is quarantined."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.audit import service as audit
from app.flows import receive_claims as claims_flow
from app.flows import receive_file, receive_remit, resolve
from app.flows.receive_claims import HeldLate, SameAgain
from app.intake import service as intake
from app.intake.lifecycle import Move
from app.intake.translate import CLAIM_KINDS
from app.kernel import failpoints, outbox
from app.kernel.errors import Broken, Refused, Unavailable
from app.kernel.outbox import Claimed, TakenOver
from app.kernel.work import Work, system, work

Handler = Callable[[Work, dict[str, Any]], None]


def _stage_file(w: Work, payload: dict[str, Any]) -> None:
    receive_file.stage(w, payload["file"])


def _post_transaction(w: Work, payload: dict[str, Any]) -> None:
    staged = intake.lock(w, payload["transaction"])
    if staged is None:
        return
    if staged.kind in CLAIM_KINDS:
        claims_flow.receive_claims(w, staged)
    else:
        receive_remit.receive_remit(w, staged)
    intake.promise_opinion(w, staged.id)


def _retry_parked(w: Work, payload: dict[str, Any]) -> None:
    resolve.retry_parked(w, payload["entity"])


def _retry_held(w: Work, payload: dict[str, Any]) -> None:
    intake.retry_held(w, ("intake.unknown_entity",))


def _second_opinion(w: Work, payload: dict[str, Any]) -> None:
    receive_file.second_opinion(w, payload["transaction"])


def _anchor_audit(w: Work, payload: dict[str, Any]) -> None:
    audit.anchor(w)


HANDLERS: dict[str, Handler] = {
    "stage_file": _stage_file,
    "post_transaction": _post_transaction,
    "retry_parked": _retry_parked,
    "retry_held": _retry_held,
    "second_opinion": _second_opinion,
    "anchor_audit": _anchor_audit,
}


def run_job(job_id: int) -> str:
    """Run one job if it is due: `done`, `again` (it will be tried later), `dead`, or `nothing`."""
    job = outbox.take(job_id)
    if job is None:
        return "nothing"
    failpoints.hit("jobs.after_take")
    try:
        with outbox.Heartbeat(job):
            return _run(job)
    except TakenOver:
        return "nothing"
    except (Unavailable, DBAPIError, OSError, Broken, MemoryError) as problem:
        return "dead" if _failed(job, f"{type(problem).__name__}: {problem}") else "again"


def _run(job: Claimed) -> str:
    try:
        with work(system(f"job:{job.kind}")) as w:
            HANDLERS[job.kind](w, job.payload)
            outbox.finish(w.db, job)
            failpoints.hit("jobs.before_commit")
    except (HeldLate, SameAgain) as known:
        with work(system(f"job:{job.kind}")) as w:
            _settle_known(w, job, known)
            outbox.finish(w.db, job)
    except Refused as refusal:
        with work(system(f"job:{job.kind}")) as w:
            w.audit("job", "E", "job", job.key, detail={"refused": refusal.code}, outcome=4)
            _quarantine(w, job, refusal.code, refusal.message)
            outbox.finish(w.db, job)
    return "done"


def _settle_known(w: Work, job: Claimed, known: HeldLate | SameAgain) -> None:
    """What a flow found out only after it had written: its rows are gone, the finding is recorded."""
    staged = intake.lock(w, job.payload["transaction"])
    if staged is None:
        return
    if isinstance(known, SameAgain):
        original_id, name = known.args[0]
        words = f"The same facts were posted before, from {name}."
        intake.settle(w, staged.id, Move.IGNORE, reason="intake.same_facts", explanation=words, same_as_id=original_id)
        return
    why, findings, facts = known.args[0]
    receive_remit.keep_hold(w, staged, why, findings, facts)


def _failed(job: Claimed, reason: str) -> bool:
    """Put a failed job back; after the last try what it worked on is quarantined with the reason (R8)."""
    dead = outbox.put_back(job, reason)
    if dead:
        with work(system("supervisor")) as w:
            _quarantine(w, job, "job.failed", "Reclaim failed at this file several times; it is set aside.")
    return dead


def quarantine_killers() -> int:
    """Set aside what killed its worker at every try; the jobs behind it go on (R8). Part of every sweep."""
    spent = outbox.overdue_tries()
    for job in spent:
        with work(system("supervisor")) as w:
            words = f"It stopped its worker {outbox.TRIES} times and is set aside."
            _quarantine(w, job, "job.killed_worker", words)
    return len(spent)


def _quarantine(w: Work, job: Claimed, code: str, words: str) -> None:
    if "transaction" in job.payload and job.kind == "post_transaction":
        staged = intake.lock(w, job.payload["transaction"])
        if staged is not None:
            intake.settle(w, staged.id, Move.QUARANTINE, reason=code[:40], explanation=words)
    elif job.kind == "stage_file":
        intake.refuse(w, job.payload["file"], code, words)


def run_due(limit: int = 100_000) -> int:
    """Run every due job in this process, most urgent first, until none is due; returns how many ran."""
    done = 0
    while done < limit:
        ids = outbox.due(1, ring_again=False)
        if not ids:
            return done
        run_job(ids[0])
        done += 1
    return done
