"""A filter of the list as a whole: what it comes to by state, and the next one of it."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.rebill.lifecycle import State
from app.rebill.models import Rebill
from app.rebill.queries import SORTS
from app.rebill.queries_filters import GROUPS, WORK, conditions

_rebill, _claim = table_of(Rebill), table_of(Claim)
QUEUE_MOST = 5_000


@dataclass(frozen=True, slots=True)
class StateTotal:
    """What one state holds among what the filters find: how many have errors, how many are kept back."""

    state: str
    count: int
    charge: Money
    expected: Money
    errors: int
    held: int


def totals(w: Work, ask: Ask) -> list[StateTotal]:
    """By state, in the order of a claim's way."""
    counted = (
        _rebill.c.state,
        func.count(),
        func.sum(_rebill.c.charge),
        func.sum(_rebill.c.expected),
        func.count().filter(_rebill.c.errors > 0),
        func.count().filter(_rebill.c.on_hold),
    )
    query = select(*counted).select_from(_rebill).join(_claim, _claim.c.id == _rebill.c.claim_id)
    order = {state.value: at for at, state in enumerate(State)}
    found = [
        StateTotal(state, int(count), _sum(charge), _sum(expected), int(bad), int(held))
        for state, count, charge, expected, bad, held in w.db.execute(
            query.where(*conditions(w, ask)).group_by(_rebill.c.state)
        )
    ]
    return sorted(found, key=lambda one: order[one.state])


def versions(w: Work, ask: Ask, most: int) -> dict[str, int]:
    """The public ids of what a filter finds with their versions, the nearest limit first; one more than
    `most` when there are more.
    """
    query = (
        select(_rebill.c.public_id, _rebill.c.version)
        .join(_claim, _claim.c.id == _rebill.c.claim_id)
        .where(*conditions(w, ask))
        .order_by(_rebill.c.file_by.is_(None), _rebill.c.file_by, _rebill.c.id)
    )
    return {row.public_id: int(row.version) for row in w.db.execute(query.limit(most + 1))}


def _sum(cents: int | None) -> Money:
    return Money.of_sum(int(cents or 0))


def following(w: Work, ask: Ask, leaving: str) -> str | None:
    """The next of a queue after the one being left, from the top again at its end: mine or nobody's,
    and not held.

    leaving: a public id, or empty to begin at the top. None when no other is left.
    """
    chosen = SORTS[ask.sort]
    order = [chosen.column.desc() if ask.descending else chosen.column.asc(), _rebill.c.id.asc()]
    free = or_(_rebill.c.owner_id.is_(None), _rebill.c.owner_id == (w.actor.person_id or 0))
    query = (
        select(_rebill.c.public_id)
        .join(_claim, _claim.c.id == _rebill.c.claim_id)
        .where(*conditions(w, ask), _rebill.c.state.in_(GROUPS[WORK]), free, _rebill.c.on_hold.is_(False))
        .order_by(chosen.column.is_(None), *order)
    )
    waiting = list(w.db.execute(query.limit(QUEUE_MOST)).scalars())
    after = waiting[waiting.index(leaving) + 1 :] if leaving in waiting else []
    return next((one for one in [*after, *waiting] if one != leaving), None)
