"""Limits of our own in force."""

from sqlalchemy import select

from app.denials.models import DenialLimit
from app.denials.rules_limits import Limit
from app.kernel.db import table_of
from app.kernel.work import Work

_limit = table_of(DenialLimit)


def own(w: Work, entity_id: int) -> tuple[Limit, ...]:
    """The rows of an entity that nobody replaced."""
    query = select(_limit).where(
        w.within(_limit.c.entity_id), _limit.c.entity_id == entity_id, _limit.c.replaced_at.is_(None)
    )
    return tuple(
        Limit(row.name, row.role, int(row.amount), row.effective_from, row.effective_to)
        for row in w.db.execute(query.order_by(_limit.c.id))
    )
