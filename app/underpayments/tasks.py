"""What underpayments do by themselves: load fees that came early, price claims anew, measure patterns."""

from typing import Any

from app.contracts import service_import
from app.entities import queries as entities
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work
from app.underpayments import service_patterns, service_reprice
from app.underpayments.service import LOAD_FEES

HOUR_SECONDS = 3_600.0
"""Asked for each hour and done once a day: a schedule that restarts every day would never reach the next."""


def _load_fees(job: Claimed) -> None:
    with work(system(f"job:{job.kind}")) as w:
        service_import.load(w, job.payload["entity"], job.payload["file"])
        outbox.finish(w.db, job)


def _reprice(job: Claimed) -> None:
    """A chunk of claims; the next chunk is a job of its own, so that a kill loses one chunk's work."""
    with work(system(f"job:{job.kind}")) as w:
        payload: dict[str, Any] = job.payload
        last = service_reprice.reprice(w, payload)
        if last:
            key = f"{job.key.rsplit(':', 1)[0]}:{last}"
            w.job(job.kind, key, {**payload, "after": last}, rank=7)
        else:
            service_patterns.measure(w, payload["entity"])
        outbox.finish(w.db, job)


def _every_day(job: Claimed) -> None:
    with work(system(f"job:{job.kind}")) as w:
        service_patterns.measure(w, job.payload["entity"])
        outbox.finish(w.db, job)


def _ask() -> None:
    with work(system("schedule")) as w:
        for one in entities.practices(w):
            day = w.today(one.time_zone).isoformat()
            w.job("underpayments_every_day", f"{one.id}:{day}", {"entity": one.id}, rank=8, once=True)


HANDLERS = {
    LOAD_FEES: _load_fees,
    service_import.REPRICE: _reprice,
    "underpayments_every_day": _every_day,
}
EVERY = {"underpayments_every_day": (HOUR_SECONDS, _ask)}
