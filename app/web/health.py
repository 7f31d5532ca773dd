"""Is the house able to work? For load balancers and monitors: no data, no versions, no paths."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.clock import now
from app.kernel.db import reader, table_of
from app.kernel.outbox import Job

LATE = timedelta(minutes=5)


def look() -> dict[str, Any]:
    """`ready`, and of each part whether it is; jobs count as late when the oldest due one has waited five
    minutes.
    """
    job = table_of(Job)
    moment = now()
    try:
        with reader().begin() as db:
            due = (job.c.state == "queued") & (job.c.run_at <= moment)
            oldest = db.execute(select(func.min(job.c.run_at)).where(due)).scalar()
    except SQLAlchemyError:
        return {"ready": False, "database": False, "jobs": None}
    waited = int((moment - oldest).total_seconds()) if oldest else 0
    return {"ready": True, "database": True, "jobs": "late" if waited > LATE.total_seconds() else "on time"}
