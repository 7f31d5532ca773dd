"""A batch released: `python -m tests.bench.rebill CLAIMS`, in the house the environment names.

One batch of so many ready claims against formatting the same claims and writing as many rows, in CPU seconds
of this process. Prints {"release", "floor", "checked"}: the last is what the
checks by the rules of the day take, which a release does and formatting does not.
"""

import json
import sys
import time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app import worker
from app.audit import service as audit
from app.entities.rules import Practice
from app.kernel.db import bulk_insert, table_of
from app.kernel.work import Work, audit_with, work
from app.rebill import service, service_batches, service_moves, service_receivers
from app.rebill.lifecycle import Cause, How, Kind, Move
from app.rebill.models import Rebill, RebillEvent
from app.rebill.rules import New
from app.rebill.service_moves import Moved
from app.rebill.service_recheck import recheck
from app.rebill.translate_batches import Numbers, written
from tests import books, rebills
from tests.rebills import HELPER

EVENTS = 4
"""EVENTS: rows a released claim leaves beside its own: history, its number, its item, who was seen."""
_rebill, _event = table_of(Rebill), table_of(RebillEvent)
_EVENT = (
    "rebill_id", "entity_id", "move", "from_state", "to_state", "day", "source_id", "detail", "author", "at",
)  # fmt: skip


def ready(count: int) -> Practice:
    """A clinic with so many claims ready to go out."""
    clinic, controls = books.practice(), [f"C{number:06d}" for number in range(count)]
    books.take(rebills.submitted(controls))
    with books.looking() as line:
        keys = list(line.execute(select(rebills.CLAIM.c.id)).scalars())
    with work(HELPER) as w:
        news = [New(claim_id=key, kind=Kind.NEW, rank=1, cause=Cause.SILENCE) for key in keys]
        service.open_many(w, clinic.id, news, w.now.date())
    with work(HELPER) as w:
        made = w.db.execute(select(_rebill.c.id)).scalars().all()
        service_moves.move(w, [Moved(key, Move.FINISH, w.now.date()) for key in made])
    return clinic


class _Enough(Exception):
    """What was measured is not kept."""


def floor(w: Work, receiver: str) -> None:
    """The same claims formatted, and as many rows written as a release writes."""
    rows = w.db.execute(select(_rebill.c.id, _rebill.c.entity_id, _rebill.c.claim_sealed)).all()
    facts = rebills.receiver_row(receiver)
    written(facts, Numbers(1, 1, w.now.astimezone(ZoneInfo("UTC")), "P"), [(one.id, one[2]) for one in rows])
    day, at = w.now.date().isoformat(), w.now.isoformat()
    told_of = [(one.id, one.entity_id, "batch", "ready", "batched", day, 1, "{}", "b", at) for one in rows]
    for _ in range(EVENTS):
        bulk_insert(w.db, _event, _EVENT, told_of)
    raise _Enough


def release(count: int) -> dict[str, Any]:
    """CPU seconds of a release and of its floor."""
    clinic = ready(count)
    with work(HELPER) as w:
        receiver = service_receivers.add(w, clinic.public_id, rebills.facts(How.DOWNLOAD))
    at = time.process_time()
    try:
        with work(HELPER) as w:
            floor(w, receiver)
    except _Enough:
        bare = time.process_time() - at
    at = time.process_time()
    with work(HELPER) as w:
        service_batches.release(w, receiver)
    took = time.process_time() - at
    at = time.process_time()
    with work(HELPER) as w:
        recheck(w, clinic.id, w.db.execute(select(_rebill.c.id)).scalars().all())
    checked = time.process_time() - at
    return {"release": round(took, 3), "floor": round(bare, 3), "checked": round(checked, 3)}


if __name__ == "__main__":
    audit_with(audit.append)
    worker.table("HANDLERS")
    print(json.dumps(release(int(sys.argv[1]))))
