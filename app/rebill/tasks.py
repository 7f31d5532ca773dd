"""What submissions do by themselves: once a day holds end and filing limits are watched."""

from app.entities import queries as entities
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work
from app.rebill import service_daily

HOUR_SECONDS = 3_600.0
"""Asked for each hour and done once a day: a schedule that restarts every day would never reach the next."""


def _every_day(job: Claimed) -> None:
    with work(system(f"job:{job.kind}")) as w:
        service_daily.every_day(w, job.payload["entity"])
        outbox.finish(w.db, job)


def _ask() -> None:
    with work(system("schedule")) as w:
        for one in entities.practices(w):
            day = w.today(one.time_zone).isoformat()
            w.job("rebill_every_day", f"{one.id}:{day}", {"entity": one.id}, rank=8, once=True)


HANDLERS = {"rebill_every_day": _every_day}
EVERY = {"rebill_every_day": (HOUR_SECONDS, _ask)}
"""Holds and limits of every entity, once a day."""
