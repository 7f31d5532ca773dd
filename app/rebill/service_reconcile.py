"""Whether all that was sent was heard of: submitted = accepted + rejected (section 7), looked at daily."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from app.claims.rules_actions import setting
from app.entities import queries as entities
from app.kernel.clock import day_of
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers.rules import add_business_days
from app.rebill import service_answers
from app.rebill.lifecycle import BatchState
from app.rebill.models import Rebill, RebillBatch
from app.worklist import service as worklist
from app.worklist.models import ItemState, WorklistItem
from app.worklist.service import NewItem

_batch, _rebill, _item = table_of(RebillBatch), table_of(Rebill), table_of(WorklistItem)
QUEUE, SUBJECT, KIND = "rebill_batches", "rebill_batch", "missing_ack"
NAMED = 200
"""Claims named in an item; the page of the batch names them all."""


def reconcile(w: Work, entity_id: int) -> int:
    """List the batches of which claims were not heard of in time; returns how many.

    Without any 999 or TA1 after the days of a 999, or with claims no 277CA or remit names after the days of
    a 277CA (business days, limits of the desk). An item closes itself when the last claim is heard of.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    zone = entities.get(w, entity_id).time_zone
    names = ("id", "public_id", "charge", "claims", "ta1", "syntax", "accepted", "rejected", "sent_at")
    mine = (_batch.c.entity_id == entity_id, _batch.c.state == BatchState.SENT.value)
    open_ones = _batch.c.accepted + _batch.c.rejected < _batch.c.claims
    rows = w.db.execute(select(*(_batch.c[name] for name in names)).where(*mine, open_ones)).all()
    late = [(row, why) for row in rows if (why := _late(row, day_of(row.sent_at, zone), today))]
    silent = _unheard(w, [row.id for row, _ in late])
    items = [
        NewItem(
            entity_id=entity_id, queue=QUEUE, kind=KIND, subject=SUBJECT, subject_id=row.id, reason=why,
            amount=int(row.charge), due=today, score=55,
            detail={"batch": row.public_id, "missing": row.claims - row.accepted - row.rejected,
                    "controls": silent.get(row.id, [])[:NAMED]},
        )
        for row, why in late
    ]  # fmt: skip
    _close_heard(w, entity_id, {row.id for row, _ in late})
    worklist.reopen_many(w, items)
    return len(items)


def _late(row: Any, sent: date, today: date) -> str:
    """What is missing of a batch by now; empty while there is time."""
    if not row.ta1 and not row.syntax and not row.accepted and not row.rejected:
        return "missing_999" if add_business_days(sent, setting("ack_999", today)) < today else ""
    return "missing_277ca" if add_business_days(sent, setting("ack_277ca", today)) < today else ""


def _unheard(w: Work, batch_ids: Sequence[int]) -> dict[int, list[str]]:
    """The control numbers nothing was heard of, by batch."""
    told = service_answers.heard(w, batch_ids)
    return {
        batch: sorted(control for control, said in claims.items() if said == [])
        for batch, claims in told.items()
    }


def _close_heard(w: Work, entity_id: int, still: set[int]) -> None:
    query = select(_item.c.subject_id).where(
        _item.c.entity_id == entity_id,
        _item.c.queue == QUEUE,
        _item.c.kind == KIND,
        _item.c.state == ItemState.OPEN.value,
    )
    gone = [key for key in w.db.execute(query).scalars() if key not in still]
    worklist.close_many(w, QUEUE, SUBJECT, gone, "answered")
