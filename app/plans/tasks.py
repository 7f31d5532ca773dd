"""What plans do by themselves once a day: due instalments are charged to their cards."""

from datetime import date

from app.entities import queries as entities
from app.flows import plan_autopay
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work

HOUR_SECONDS = 3_600.0
"""Asked for each hour and done once a day: a schedule that restarts every day would never reach the next."""


def _charge(job: Claimed) -> None:
    actor, day = system(f"job:{job.kind}"), date.fromisoformat(job.payload["day"])
    plan_autopay.charge_due(actor, job.payload["entity"], day)
    with work(actor) as w:
        outbox.finish(w.db, job)


def _ask() -> None:
    with work(system("schedule")) as w:
        for one in entities.practices(w):
            day = w.today(one.time_zone).isoformat()
            w.job("plan_charges", f"{one.id}:{day}", {"entity": one.id, "day": day}, rank=8, once=True)


HANDLERS = {"plan_charges": _charge}
EVERY = {"plan_charges": (HOUR_SECONDS, _ask)}
"""Every entity's due instalments, once a day."""
