"""What every report is asked: whose books, of which day, as known when; and the balances of that moment.

The books of now are read from the claim balances; those of another day, or as they were known at a moment,
from the entries (N5). Facts of claims and payers (names, classes, service days) are those of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from app.claims.models import Claim, ClaimPayer, ClaimVersion
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.work import Work
from app.ledger.accounts import Account
from app.ledger.models import ClaimBalance, LedgerBatch, LedgerEntry, batch_of
from app.ledger.queries import read_day, read_instant
from app.patients.models import Patient
from app.payers.models import Payer
from app.reports.rules import months_back

claim, covered, version = table_of(Claim), table_of(ClaimPayer), table_of(ClaimVersion)
payer, patient = table_of(Payer), table_of(Patient)
_balance, _entry, _batch = table_of(ClaimBalance), table_of(LedgerEntry), table_of(LedgerBatch)
ASKED = ("entity", "as_of", "known", "basis", "by", "from", "to")
BASES = {"service": "day of service or discharge", "billed": "day the claim was first sent"}
MONTHS = 12
NO_CLASS = "none"
"""The class of claims without a payer."""


@dataclass(frozen=True)
class View:
    """Whose books, of which day. `as_of` None: the books of now, aged from today.

    known: only what was recorded by this moment. basis: what an age is counted from. first, last: the period
    of rates and flows, both inclusive. asked: what was asked, as addresses carry it.
    """

    today: date
    entity_ids: tuple[int, ...] | None
    as_of: date | None
    known: datetime | None
    basis: str
    by: str
    first: date
    last: date
    asked: Mapping[str, str]

    @property
    def on(self) -> date:
        """The day ages are counted from."""
        return self.as_of or self.today

    @property
    def named(self) -> tuple[object, ...]:
        """What tells its figures from those of another view."""
        period = (self.as_of, self.known, self.first, self.last, self.today)
        return (self.entity_ids, self.basis, self.by, *period)

    @property
    def of_now(self) -> bool:
        """Are these the books of now?"""
        return self.as_of is None and self.known is None

    def own(self, w: Work, column: Any) -> ColumnElement[bool]:
        """The condition every query of a report carries: in scope, and of the chosen entity."""
        within = w.within(column)
        return within if self.entity_ids is None else and_(within, column.in_(self.entity_ids))


def view_of(w: Work, values: Mapping[str, str]) -> View:
    """Read what is asked of a report; `Refused` for what cannot be read, `NotFound` for a foreign entity."""
    asked = {name: values[name].strip() for name in ASKED if values.get(name, "").strip()}
    basis, by = asked.get("basis", "service"), asked.get("by", "class")
    if basis not in BASES:
        raise Refused("Ages count from service or billed.", code="basis", field="basis")
    if by not in ("class", "payer"):
        raise Refused("Receivables are shown by class or by payer.", code="by", field="by")
    today = _today(w)
    as_of = read_day(asked.get("as_of", ""), "as_of")
    last = read_day(asked.get("to", ""), "to") or as_of or today
    first = read_day(asked.get("from", ""), "from") or months_back(last, MONTHS - 1)
    if first > last:
        raise Refused("A period begins before it ends.", code="period", field="from")
    chosen = entities.chosen(w, asked.get("entity", ""))
    return View(
        today=today,
        entity_ids=tuple(chosen) if chosen is not None else None,
        as_of=as_of,
        known=read_instant(asked.get("known", ""), "known"),
        basis=basis,
        by=by,
        first=first,
        last=last,
        asked=asked,
    )


def _today(w: Work) -> date:
    """The day where these entities are; UTC when they are in several time zones, or there are none."""
    zones = {one.time_zone for one in entities.practices(w)}
    return w.today(zones.pop() if len(zones) == 1 else "UTC")


def balances(w: Work, view: View) -> Any:
    """What is open per claim, as something to select from: claim_id, entity_id, payer, patient (cents)."""
    if view.of_now:
        return _balance
    query = select(
        _entry.c.claim_id, _entry.c.entity_id,
        moved(Account.AR_PAYER).label("payer"), moved(Account.AR_PATIENT).label("patient"),
    ).where(view.own(w, _entry.c.entity_id), _entry.c.claim_id.is_not(None))  # fmt: skip
    query = query.where(*in_time(view))
    if view.known is not None:
        query = query.join(_batch, _batch.c.id == batch_of(_entry.c.id))
    return query.group_by(_entry.c.claim_id, _entry.c.entity_id).subquery("open_then")


def in_time(view: View) -> list[ColumnElement[bool]]:
    """The entries of the day and the moment that are asked; `known` wants the batch joined."""
    found: list[ColumnElement[bool]] = []
    if view.as_of is not None:
        found.append(_entry.c.effective_date <= view.as_of)
    if view.known is not None:
        found.append(_batch.c.recorded_at <= view.known)
    return found


def moved(*accounts: Account) -> ColumnElement[int]:
    """Debits less credits of some accounts, in cents, summed over entries."""
    wanted = [int(one) for one in accounts]
    debit = func.sum(case((_entry.c.debit.in_(wanted), _entry.c.amount), else_=0))
    credit = func.sum(case((_entry.c.credit.in_(wanted), _entry.c.amount), else_=0))
    found: ColumnElement[int] = func.coalesce(debit, 0) - func.coalesce(credit, 0)
    return found


def first_payer() -> ColumnElement[bool]:
    """How a claim's first payer is joined: its class is the claim's class for good."""
    return and_(covered.c.claim_id == claim.c.id, covered.c.rank == 1)


class_of: ColumnElement[str] = func.coalesce(payer.c["class"], NO_CLASS)
"""The payer class of a claim, or that it has none."""
