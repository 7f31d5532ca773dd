"""Limits of our own in force, and every row there ever was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.denials.models import DenialLimit
from app.denials.rules_limits import Limit, limit, shipped
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


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as it holds on a day; the unit is the last word of its name. ours: a clinic's own row."""

    name: str
    role: str
    amount: int
    shipped: int
    ours: bool


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A row of our own, as it was written; `replaced_at` when another took its place."""

    name: str
    role: str
    amount: int
    effective_from: date
    effective_to: date | None
    author: str
    reason: str
    recorded_at: datetime
    replaced_at: datetime | None


def in_force(w: Work, entity_id: int, on: date) -> list[LimitRow]:
    """Every limit there is, with what holds on a day."""
    mine = own(w, entity_id)
    found = []
    for one in shipped():
        now, before = (limit(rows, one.name, on, role=one.role) or 0 for rows in (mine, ()))
        ours = any((row.name, row.role) == (one.name, one.role) and _holds(row, on) for row in mine)
        found.append(LimitRow(one.name, one.role, now, before, ours))
    return found


def _holds(row: Limit, on: date) -> bool:
    return row.effective_from <= on and (row.effective_to is None or on < row.effective_to)


def history(w: Work, entity_id: int) -> Sequence[LimitChange]:
    """Every change of an entity, newest first."""
    names = ("name", "role", "amount", "effective_from", "effective_to", "author", "reason", "recorded_at",
             "replaced_at")  # fmt: skip
    query = select(*(_limit.c[name] for name in names)).where(
        w.within(_limit.c.entity_id), _limit.c.entity_id == entity_id
    )
    return [LimitChange(*row) for row in w.db.execute(query.order_by(_limit.c.id.desc()).limit(500))]
