"""The list of payments: what came in, what it paid, what waits; with totals and files of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.entities.models import Entity
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.patients.queries_guarantors import seen_of
from app.payers.rules_terms import read_day
from app.payments.lifecycle import State
from app.payments.models import PatientPayment
from app.payments.queries import PaymentRow, listed, payment_row
from app.payments.rules import SHOWS

_payment, _entity, _guarantor = table_of(PatientPayment), table_of(Entity), table_of(Guarantor)
FILTERS = ("entity", "show", "tender", "received_from", "received_to", "q")
SORTS = {
    "received": Sort(_payment.c.received_on, descending=True),
    "amount": Sort(_payment.c.amount, descending=True),
    "unapplied": Sort(_payment.c.unapplied, descending=True),
    "number": Sort(_payment.c.id, descending=True),
}
DEFAULT = "-received"
COLUMNS = (
    Column("number", "Payment", Kind.CODE, sort="number"),
    Column("received_on", "Received", Kind.DAY, sort="received"),
    Column("account_name", "Account"),
    Column("account_number", "Number", Kind.CODE, wide=False),
    Column("tender", "Tender", Kind.STATE),
    Column("reference", "Reference", Kind.CODE, wide=False),
    Column("amount", "Amount", Kind.MONEY, sort="amount"),
    Column("applied", "Applied", Kind.MONEY),
    Column("unapplied", "Unapplied", Kind.MONEY, sort="unapplied", hint="Waits in account 2010"),
    Column("state", "State", Kind.STATE),
    Column("author", "By", wide=False),
)
FILE_COLUMNS = (
    *COLUMNS,
    Column("mode", "Applied by", Kind.STATE),
    Column("reversal", "Came back for", Kind.STATE),
    Column("reversed_on", "Came back", Kind.DAY),
    Column("entity_name", "Practice"),
)


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole list: how many, and what they come to; those that came back or failed count no cents."""

    rows: int
    amount: Money
    applied: Money
    unapplied: Money


def _shown(show: str) -> Any:
    stands = _payment.c.state == State.POSTED.value
    if show == "unapplied":
        return stands & (_payment.c.unapplied > 0)
    if show == "unidentified":
        return stands & _payment.c.account_id.is_(None)
    if show == "review":
        return stands & (_payment.c.review != "")
    if show == "unsure":
        return _payment.c.state.in_((State.UNKNOWN.value, State.PENDING.value))
    return _payment.c.state == (State.REVERSED.value if show == "reversed" else State.POSTED.value)


def _filtered(query: Select[Any], ask: Ask) -> Select[Any]:
    if entity := ask.get("entity"):
        query = query.where(_entity.c.public_id == entity)
    if (show := ask.get("show")) in SHOWS:
        query = query.where(_shown(show))
    if tender := ask.get("tender"):
        query = query.where(_payment.c.tender == tender)
    if named := ask.get("q").upper()[:60]:
        query = query.where(
            or_(
                _payment.c.number == named, _payment.c.reference == ask.get("q"), _guarantor.c.number == named
            )
        )
    if first := _day(ask, "received_from"):
        query = query.where(_payment.c.received_on >= first)
    if last := _day(ask, "received_to"):
        query = query.where(_payment.c.received_on <= last)
    return query


def _day(ask: Ask, name: str) -> date | None:
    text = ask.get(name)
    try:
        return read_day(text, name, now().date()) if text else None
    except OverflowError:
        raise Refused("This day is too far away.", code="day_unreadable", field=name) from None


def page_of(w: Work, ask: Ask) -> Slice[PaymentRow]:
    """Payments, the newest first; whose they are is written down."""
    found = page(w.db, _filtered(listed(w), ask), ask, sorts=SORTS, key=_payment.c.id, row=payment_row)
    seen = seen_of(w, [one.account for one in found.rows])
    w.audit("payments.list", "R", "patient_payment", patients=seen, detail={"rows": len(found.rows)})
    return found


def totals(w: Work, ask: Ask) -> Totals:
    """What the filtered list comes to."""
    rows = _filtered(listed(w), ask).order_by(None).subquery()
    counted = rows.c.state == State.POSTED.value
    sums = [
        func.coalesce(func.sum(rows.c[name]).filter(counted), 0)
        for name in ("amount", "applied", "unapplied")
    ]
    count, *cents = w.db.execute(select(func.count(), *sums).select_from(rows)).one()
    return Totals(int(count), *(Money.of_sum(int(one)) for one in cents))


def export_payments(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[Any]]:
    """Every payment, the oldest first, for `reclaim export`; as_of: received up to this day."""
    query = listed(w).order_by(_payment.c.received_on, _payment.c.id)
    if as_of is not None:
        query = query.where(_payment.c.received_on <= as_of)
    columns = [Column(one.key, one.key, one.kind) for one in FILE_COLUMNS if one.key != "account_name"]
    return columns, (payment_row(row) for row in w.db.execute(query))
