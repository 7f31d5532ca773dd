"""The exceptions queue of remits: what was parked or held, for a person, with its amount and reason."""

from collections.abc import Sequence
from datetime import timedelta

from app.kernel.work import Work
from app.remits.service import Done, Taking
from app.worklist import service as worklist
from app.worklist.service import NewItem

QUEUE = "exceptions"
DAYS_TO_RESOLVE = 3
"""Business promise of workflows section 1: an exception is resolved within three business days."""


def open_parked(w: Work, taking: Taking, done: Done) -> None:
    """An item for each parked claim of a batch; its amount is the cash that waits."""
    worklist.open_many(w, _items(w, taking, done))


def reopen_parked(w: Work, taking: Taking, done: Done) -> None:
    """The same for claims that were parked before and still are."""
    worklist.reopen_many(w, _items(w, taking, done))


def _items(w: Work, taking: Taking, done: Done) -> list[NewItem]:
    due = taking.effective_date + timedelta(days=DAYS_TO_RESOLVE)
    return [
        NewItem(
            entity_id=taking.entity_id,
            queue=QUEUE,
            kind="parked_claim",
            subject="remit_claim",
            subject_id=key,
            reason=reason,
            amount=done.parked_cash[key],
            payer_id=taking.payer_id,
            due=max(due, w.now.date()),
            source=key,
        )
        for key, reason in done.parked
    ]


def open_held(w: Work, entity_id: int, transaction_id: int, reason: str, cents: int) -> None:
    """An item for a held transaction."""
    item = NewItem(
        entity_id=entity_id,
        queue=QUEUE,
        kind="held_transaction",
        subject="transaction",
        subject_id=transaction_id,
        reason=reason,
        amount=cents,
        source=transaction_id,
        due=w.now.date() + timedelta(days=DAYS_TO_RESOLVE),
    )
    worklist.reopen_many(w, [item])


def close_parked(w: Work, remit_claim_ids: Sequence[int], outcome: str) -> None:
    """Parked claims were settled: their items are done."""
    worklist.close_many(w, QUEUE, "remit_claim", remit_claim_ids, outcome)


def close_held(w: Work, transaction_id: int, outcome: str) -> None:
    """A held transaction was settled: its item is done."""
    worklist.close_many(w, QUEUE, "transaction", [transaction_id], outcome)
