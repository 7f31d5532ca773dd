"""The product's worker with one more kind of job, whose effects can be counted; test_kills starts it."""

import time
from datetime import timedelta

from sqlalchemy import Column, MetaData, String, Table, insert

from app import worker
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work

KIND = "test.count"
EFFECTS = Table("test_effect", MetaData(), Column("job", String(40)))
JOB_SECONDS = 0.05


def count(job: Claimed) -> None:
    """Leave one row per effect; without a key, so that a second effect would show."""
    with work(system("test")) as w:
        w.db.execute(insert(EFFECTS).values(job=job.key))
        time.sleep(JOB_SECONDS)
        outbox.finish(w.db, job)


def soon() -> None:
    """Leases and bells of a test are short, so that a kill is noticed while somebody watches."""
    outbox.LEASE, outbox.HEARTBEAT_SECONDS = timedelta(seconds=3), 1
    outbox.RING_AGAIN = timedelta(seconds=1)


celery = worker.celery
worker.table("HANDLERS")[KIND] = count  # type: ignore[index]  # the product reads it only
soon()
