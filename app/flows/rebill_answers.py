"""What comes back for submissions of ours moves them and their batches: acknowledgements, reports, remits."""

from collections.abc import Sequence

from app.entities import queries as entities
from app.flows import bill_secondary
from app.kernel.work import Work
from app.rebill import service_answers, service_proofs, service_undone
from app.remits.rules import Posted


def after_answer(w: Work, source_id: int, kind: str) -> None:
    """A TA1, 999, 277CA or 277 was taken in."""
    service_answers.hear(w, source_id, kind)
    service_proofs.hear(w, source_id)
    bill_secondary.rejected(w, source_id)


def after_claims(w: Work, transaction_id: int | None) -> None:
    """Claims of a file were taken in, perhaps one that we sent."""
    if transaction_id is not None:
        service_answers.take_in(w, transaction_id)
        service_proofs.take_in(w, transaction_id)


def after_posting(w: Work, posted: Posted) -> None:
    """A batch of a remit was posted."""
    service_answers.remitted(w, posted)
    service_proofs.denied_late(w, posted)


def withdraw(w: Work, entity_id: int, remit_claim_ids: Sequence[int]) -> None:
    """A posting was undone: what it answered waits again."""
    service_undone.take_back(w, remit_claim_ids, w.today(entities.get(w, entity_id).time_zone))


def after_remit(w: Work, remit_id: int) -> None:
    """A remit was taken in; what it parked may name claims of a batch we were not sure of."""
    service_answers.hear_parked(w, remit_id)
