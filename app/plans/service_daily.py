"""What plans do by themselves: judged each day, and whenever money of their account moved."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.plans import service_settle
from app.plans.models import Plan
from app.plans.queries import LIVE

_plan = table_of(Plan)


def judge(w: Work, entity_id: int, day: date) -> int:
    """Judge every plan of an entity that runs or is in default; returns how many changed.

    Part of the collection day; the same day again changes nothing.
    """
    mine = (_plan.c.entity_id == entity_id, w.within(_plan.c.entity_id))
    live = _plan.c.state.in_([one.value for one in LIVE])
    ids = w.db.execute(select(_plan.c.id).where(*mine, live).order_by(_plan.c.id)).scalars().all()
    return service_settle.settle(w, entity_id, ids, day)


def paid(w: Work, entity_id: int, account_ids: Collection[int], day: date) -> int:
    """Money of accounts came, or was taken back: their plans are worked out anew; returns how many changed.

    Called after the payment is on the books. day: today at the entity, not the day the money came.
    """
    mine = (_plan.c.entity_id == entity_id, w.within(_plan.c.entity_id))
    of = among(w.db, _plan.c.account_id, list(account_ids))
    watched = _plan.c.state.in_([one.value for one in service_settle.WATCHED])
    ids = w.db.execute(select(_plan.c.id).where(*mine, of, watched)).scalars().all()
    return service_settle.settle(w, entity_id, ids, day)
