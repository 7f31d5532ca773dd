"""Small balances through every door: first statements are looked up here, accounts are told afterwards."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from app.flows import patient_paid
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payments import service_small
from app.payments.service_small import Proposal
from app.statements.models import Statement

_statement = table_of(Statement)


def first_sent(w: Work, entity_id: int) -> dict[int, date]:
    """The day of each account's first statement."""
    query = select(_statement.c.account_id, func.min(_statement.c.day)).where(
        _statement.c.entity_id == entity_id, w.within(_statement.c.entity_id)
    )
    return {int(key): day for key, day in w.db.execute(query.group_by(_statement.c.account_id))}


def preview(w: Work, entity_id: int) -> Proposal:
    """What a proposal would ask for now."""
    return service_small.preview(w, entity_id, first_sent(w, entity_id))


def propose(w: Work, entity_id: int, *, count: int, cents: int) -> int:
    """Propose what was previewed; returns how many."""
    return service_small.propose(w, entity_id, first_sent(w, entity_id), count=count, cents=cents)


def decide(w: Work, entity_id: int, chosen: Sequence[tuple[str, int]], *, approve: bool) -> int:
    """Approve or decline, and tell the accounts; returns how many were decided."""
    patient_paid.follow(w, entity_id, service_small.decide(w, chosen, approve=approve))
    return len(chosen)


def take_back(w: Work, entity_id: int, public: str, *, reason: str, version: int) -> None:
    """Bring a balance back, and tell its account."""
    account = service_small.take_back(w, public, reason=reason, version=version)
    patient_paid.follow(w, entity_id, [account])
