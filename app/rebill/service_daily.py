"""What the schedule does with submissions every day: holds end, guards look anew, limits are watched."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.denials import queries_limits, rules_limits
from app.entities import queries as entities
from app.kernel.db import in_chunks
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.rebill import (
    queries_daily,
    service_check,
    service_holds,
    service_limits,
    service_reconcile,
    service_undone,
)
from app.worklist import service as worklist
from app.worklist.service import NewItem

QUEUE, ESCALATED = "filing", "filing_escalated"
"""Filing limits that are near, and those a supervisor looks at: the last days, and what ran out (G5)."""

SCORES = {"filing_soon": 60, "filing_last_days": 90, "filing_passed": 95}


def every_day(w: Work, entity_id: int) -> dict[str, int]:
    """All of it; returns how many each touched."""
    lifted = service_holds.lift_due(w, entity_id)
    service_undone.left_over(w, entity_id, w.today(entities.get(w, entity_id).time_zone))
    moved = service_limits.recompute(w, entity_id)
    looked = 0
    for chunk in in_chunks(queries_daily.at_work(w, entity_id), BATCH_CLAIMS):
        looked += service_check.look_again(w, chunk)
    missing = service_reconcile.reconcile(w, entity_id)
    limits = watch_limits(w, entity_id)
    return {"lifted": lifted, "moved": moved, "looked": looked, "limits": limits, "missing": missing}


def watch_limits(w: Work, entity_id: int) -> int:
    """Ask for work on what runs out; returns how many items stand.

    From 15 days before the last day in the queue of limits, from 5 days on in that of the supervisors, where
    what ran out stays until somebody decides (both numbers are limits of the desk). Never a write-off.
    """
    today = w.today(entities.get(w, entity_id).time_zone)
    own = queries_limits.own(w, entity_id)
    warn = rules_limits.most(own, "filing_warn_days", today)
    last = rules_limits.most(own, "filing_escalate_days", today)
    by = today + timedelta(max(warn, last))
    found = {
        "rebill": queries_daily.submissions(w, entity_id, by),
        "denial": queries_daily.denials(w, entity_id, by),
    }
    items: dict[str, list[NewItem]] = {QUEUE: [], ESCALATED: []}
    for subject, rows in found.items():
        for row in rows:
            items[QUEUE if (row.file_by - today).days > last else ESCALATED].append(
                _item(entity_id, subject, row, today, last=last)
            )
    for queue, wanted in items.items():
        _settle(w, entity_id, queue, wanted)
    return sum(len(wanted) for wanted in items.values())


def _item(entity_id: int, subject: str, row: Any, today: date, *, last: int) -> NewItem:
    left = (row.file_by - today).days
    reason = "filing_passed" if left < 0 else "filing_last_days" if left <= last else "filing_soon"
    return NewItem(
        entity_id=entity_id,
        queue=QUEUE if left > last else ESCALATED,
        kind="filing_limit",
        subject=subject,
        subject_id=row.id,
        reason=reason,
        amount=int(row.amount),
        claim_id=row.claim_id,
        payer_id=row.payer_id,
        patient_id=row.patient_id,
        due=row.file_by,
        score=SCORES[reason],
        detail={subject: row.public_id, "days": left},
    )


def _settle(w: Work, entity_id: int, queue: str, wanted: Sequence[NewItem]) -> None:
    """The queue holds exactly these: what was sent, decided or moved to the other queue leaves it."""
    there = {(one.subject, one.subject_id) for one in wanted}
    for subject, keys in sorted(queries_daily.asked(w, entity_id, queue).items()):
        gone = sorted(key for key in keys if (subject, key) not in there)
        worklist.close_many(w, queue, subject, gone, "moved")
    worklist.reopen_many(w, wanted)
