"""What came for the visits of plans since these took them on, and what the visits owe less than that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.money import ZERO, Money, total
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.payments.models import PatientPayment, PaymentApplication
from app.plans.models import PlanItem
from app.plans.rules_paid import Receipt

_item, _balance = table_of(PlanItem), table_of(ClaimBalance)
_application, _payment = table_of(PaymentApplication), table_of(PatientPayment)


@dataclass(frozen=True)
class Received:
    """What a plan got. lifted: cents its visits owe less though no patient paid them."""

    receipts: tuple[Receipt, ...] = ()
    lifted: Money = ZERO


def received(w: Work, plan_ids: Collection[int]) -> dict[int, Received]:
    """The receipts of plans, net of what bounced; two statements for any number of plans.

    What a payment put on a visit beyond the part the plan covers is none of the plan's.
    """
    mine = (among(w.db, _item.c.plan_id, list(plan_ids)), w.within(_item.c.entity_id))
    query = (
        select(_item.c.plan_id, _item.c.claim_id, _item.c.amount, _balance.c.patient)
        .outerjoin(_balance, _balance.c.claim_id == _item.c.claim_id)
        .where(*mine)
    )
    rooms: dict[tuple[int, int], int] = {}
    owed: dict[tuple[int, int], int] = {}
    for plan_id, claim_id, amount, patient in w.db.execute(query):
        rooms[plan_id, claim_id] = int(amount)
        owed[plan_id, claim_id] = max(int(patient or 0), 0)
    came: dict[int, dict[int, tuple[date, int]]] = {plan_id: {} for plan_id, _ in rooms}
    for plan_id, claim_id, payment_id, day, net in w.db.execute(_applied(w, plan_ids)):
        part = min(int(net), rooms[plan_id, claim_id])
        rooms[plan_id, claim_id] -= part
        before = came[plan_id].get(payment_id, (day, 0))[1]
        came[plan_id][payment_id] = (day, before + part)
    lifted = dict.fromkeys(came, 0)
    for (plan_id, claim_id), room in rooms.items():
        lifted[plan_id] += max(room - owed[plan_id, claim_id], 0)
    return {
        plan_id: Received(
            tuple(Receipt(day, Money(cents)) for day, cents in mine.values() if cents > 0),
            total([lifted[plan_id]]),
        )
        for plan_id, mine in came.items()
    }


def _applied(w: Work, plan_ids: Collection[int]) -> Select[Any]:
    """(plan, visit, payment, its day, net cents), without what was applied before or takes that back."""
    first = func.coalesce(_application.c.takes_back, _application.c.id)
    return (
        select(_item.c.plan_id, _item.c.claim_id, _payment.c.id, _payment.c.received_on,
               func.sum(_application.c.amount))
        .join(_application, _application.c.claim_id == _item.c.claim_id)
        .join(_payment, _payment.c.id == _application.c.payment_id)
        .where(among(w.db, _item.c.plan_id, list(plan_ids)), w.within(_item.c.entity_id),
               first > _item.c.since_id)
        .group_by(_item.c.plan_id, _item.c.claim_id, _payment.c.id, _payment.c.received_on)
        .order_by(_payment.c.received_on, _payment.c.id, _item.c.claim_id)
    )  # fmt: skip


def newest_application(w: Work, claim_ids: Collection[int]) -> int:
    """The last application to any of these visits; 0: none was ever paid on."""
    mine = (among(w.db, _application.c.claim_id, list(claim_ids)), w.within(_application.c.entity_id))
    return int(w.db.execute(select(func.max(_application.c.id)).where(*mine)).scalar() or 0)
