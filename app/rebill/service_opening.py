"""Opening what a person asked for: the submission that is open already, else one of the right kind."""

from app.entities import queries as entities
from app.kernel.errors import NotAllowed, Refused
from app.kernel.work import Work
from app.rebill import queries_open, service, service_secondary
from app.rebill.lifecycle import Kind
from app.rebill.queries_open import Target


def kind_of(text: str) -> Kind | None:
    """A kind as a form names it; None when it leaves it to the state of the claim."""
    if text and text not in {one.value for one in Kind}:
        raise Refused("There is no such kind of claim.", code="unknown_kind", field="kind")
    return Kind(text) if text else None


def rank_of(text: str) -> int:
    """A payer's rank as a form names it."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:3]) < 12):
        raise Refused("A payer is named by its rank: 1, 2, 3.", code="unknown_rank", field="rank")
    return int(text)


def open_or_find(w: Work, target: Target, wanted: Kind | None) -> str:
    """The public id of the submission to edit: the open one of this claim and payer, else a new one.

    wanted absent: the kind the latest known state asks for; `NotAllowed` with what helps instead where no
    claim does. One that was rejected is followed by its successor; one to the next payer is made of the
    remits before it.
    """
    w.may("rebill.work")
    there = queries_open.already(w, target.claim_id, target.rank)
    if there is not None:
        return service.resend(w, there.public_id) if there.refused else there.public_id
    if wanted is None:
        proposed = service.proposal(w, target.claim, rank=target.rank)
        if proposed.kind is None:
            raise NotAllowed(proposed.why, code="no_claim_helps")
        wanted = proposed.kind
    if wanted is Kind.SECONDARY:
        return _next_payer(w, target)
    return service.open_one(
        w,
        target.claim,
        kind=wanted,
        rank=target.rank,
        cause=target.cause,
        cause_id=target.cause_id,
        reason=target.reason,
    )


def _next_payer(w: Work, target: Target) -> str:
    today = w.today(entities.get(w, target.entity_id).time_zone)
    service_secondary.ask(w, target.entity_id, target.claim_id, target.rank, today)
    made = queries_open.already(w, target.claim_id, target.rank)
    if made is None:
        raise NotAllowed(service_secondary.NOTHING, code="nothing_for_next_payer")
    return made.public_id
