"""What access does by itself: answers kept for retries are forgotten after 30 days."""

from app.access import service
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work

DAY_SECONDS = 86_400.0


def _forget_answers(job: Claimed) -> None:
    with work(system(f"job:{job.kind}")) as w:
        service.tidy(w)
        outbox.finish(w.db, job)


def _ask() -> None:
    with work(system("schedule")) as w:
        w.job("forget_answers", f"day:{w.now.date().isoformat()}", {}, rank=9)


HANDLERS = {"forget_answers": _forget_answers}
EVERY = {"forget_answers": (DAY_SECONDS, _ask)}
