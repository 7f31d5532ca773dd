"""The list of posted payments."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.remits.models import Remit

_remit = table_of(Remit)
_transaction, _file = table_of(IntakeTransaction), table_of(IntakeFile)


@dataclass(frozen=True, slots=True)
class RemitRow:
    """A posted payment in the list."""

    public_id: str
    payer: str
    trace: str
    method: str
    paid: Money
    effective_date: date
    claims: int
    parked: int
    claims_paid: Money
    provider_total: Money
    state: str
    file: str
    file_name: str
    recorded_at: datetime


SORTS = {
    "recorded": Sort(_remit.c.id, descending=True),
    "date": Sort(_remit.c.effective_date, descending=True),
    "paid": Sort(_remit.c.paid, descending=True),
}
FILTERS = ("payer", "trace", "date_from", "date_to", "state")


REMIT_COLUMNS = (
    Column("effective_date", "Payment date", Kind.DAY, sort="date"),
    Column("payer", "Payer"),
    Column("trace", "Check / TRN", Kind.CODE),
    Column("method", "Method", Kind.CODE),
    Column("paid", "Paid", Kind.MONEY, sort="paid"),
    Column("claims", "Claims", Kind.COUNT),
    Column("parked", "Parked", Kind.COUNT),
    Column("claims_paid", "Claims paid", Kind.MONEY),
    Column("provider_total", "PLB", Kind.MONEY, hint="Provider adjustments; positive lowers the payment"),
    Column("state", "State", Kind.STATE),
    Column("recorded_at", "Posted", Kind.INSTANT, sort="recorded", wide=False),
)


def _remits(w: Work, ask: Ask) -> Select[Any]:
    query = (
        select(_remit.c.id)
        .join(_transaction, _transaction.c.id == _remit.c.id)
        .join(_file, _file.c.file_no == _transaction.c.file_no)
        .where(w.within(_remit.c.entity_id))
    )
    same = {"payer": _remit.c.payer_name, "trace": _remit.c.trace, "state": _transaction.c.state}
    query = query.where(*(column == ask.get(name) for name, column in same.items() if ask.get(name)))
    if ask.get("date_from"):
        query = query.where(_remit.c.effective_date >= day_of(ask.get("date_from"), "date_from"))
    if ask.get("date_to"):
        query = query.where(_remit.c.effective_date <= day_of(ask.get("date_to"), "date_to"))
    return query


def remits(w: Work, ask: Ask) -> Slice[RemitRow]:
    """Posted payments, the newest first by default."""
    query = _remits(w, ask).with_only_columns(
        _remit.c.public_id, _remit.c.payer_name.label("payer"), _remit.c.trace, _remit.c.method,
        _remit.c.paid, _remit.c.effective_date, _remit.c.claims, _transaction.c.parked,
        _remit.c.claims_paid, _remit.c.provider_total, _transaction.c.state,
        _file.c.public_id.label("file"), _file.c.name.label("file_name"), _remit.c.recorded_at,
    )  # fmt: skip
    found = page(w.db, query, ask, sorts=SORTS, key=_remit.c.id, row=_remit_row)
    w.audit("remits.list", "R", "remit", detail={"rows": len(found.rows)})
    return found


def remit_totals(w: Work, ask: Ask) -> tuple[int, dict[str, Money]]:
    """How many payments the list holds, and the sums of its money."""
    names = ("paid", "claims_paid", "provider_total")
    sums = (func.sum(_remit.c[name]) for name in names)
    count, *money = w.db.execute(_remits(w, ask).with_only_columns(func.count(), *sums)).one()
    return int(count), {name: Money.of_sum(int(cents or 0)) for name, cents in zip(names, money, strict=True)}


def _remit_row(row: Row[Any]) -> RemitRow:
    return RemitRow(**{name: getattr(row, name) for name in RemitRow.__dataclass_fields__})


def day_of(text: str, name: str) -> date:
    """A day of a filter, ISO; refused otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field=name) from None
