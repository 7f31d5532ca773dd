"""Whoever changes what decides about a patient's balance promises that it is looked at again.

The look itself is the accounts' (job `refresh_owed`); it comes last, because whether the patient is next is
known only when all else that follows from a change has been done.
"""

import hashlib
from collections.abc import Iterable

from app.kernel.db import in_chunks
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work

JOB = "refresh_owed"
RANK = 9
"""Behind what bills the next payer (8)."""


def after_batch(w: Work, entity_id: int, batch_id: int) -> None:
    """The claims of a posting batch are looked at, and those its parked payments speak of."""
    w.job(JOB, f"batch:{batch_id}", {"entity": entity_id, "batch": batch_id}, rank=RANK)


def look_again(w: Work, entity_id: int, what: str, ids: Iterable[int]) -> None:
    """These are looked at; what: `claims`, `denials`, `answers` (remit claims) or `accounts`, by key."""
    for chunk in in_chunks(sorted(set(ids)), BATCH_CLAIMS):
        # Named by the moment too: one under way may have read before this change, and is no look at it.
        same = hashlib.sha256(repr(chunk).encode()).hexdigest()[:16]
        key = f"{what}:{entity_id}:{w.now.timestamp():.6f}:{same}"
        w.job(JOB, key, {"entity": entity_id, what: chunk}, rank=RANK)
