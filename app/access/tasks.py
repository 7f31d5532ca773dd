"""What access does by itself: answers kept for retries are forgotten after 30 days."""

from app.access import service
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work

HOUR_SECONDS = 3_600.0
"""Asked for each hour and done once a day: a schedule that restarts every day would never reach the next."""


def _forget_answers(job: Claimed) -> None:
    with work(system(f"job:{job.kind}")) as w:
        service.tidy(w)
        outbox.finish(w.db, job)


def _ask() -> None:
    with work(system("schedule")) as w:
        w.job("forget_answers", f"day:{w.now.date().isoformat()}", {}, rank=9, once=True)


HANDLERS = {"forget_answers": _forget_answers}
EVERY = {"forget_answers": (HOUR_SECONDS, _ask)}
