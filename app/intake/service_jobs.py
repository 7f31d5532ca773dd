"""Jobs that failed at every try are queued again by a person, once the cause is gone."""

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.outbox import Job
from app.kernel.work import Work

_job = table_of(Job)
AT_ONCE = 1_000


def again(w: Work) -> int:
    """Queue the dead jobs again, at most 1,000 at a time; returns how many."""
    w.may("jobs.work")
    dead = select(_job.c.kind, _job.c.key, _job.c.payload, _job.c.rank).where(_job.c.state == "dead")
    rows = w.db.execute(dead.order_by(_job.c.id).limit(AT_ONCE)).all()
    for row in rows:
        w.job(row.kind, row.key, row.payload, rank=row.rank)
    w.audit("jobs.again", "E", "job", "dead", detail={"count": len(rows)})
    return len(rows)
