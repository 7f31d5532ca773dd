"""Days in A/R and collection rates, from the ledger; and the claims of a service month behind the rates.

Gross charges are what account 4000 was credited. Net patient service revenue is that less contractual
adjustments (4100), denial write-offs (4110), charity (4120), small balances (4130), discounts (4140) and
sequestration (4150). Payments are what claims brought in, takebacks and refunds of claims taken off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, extract, func, select

from app.denials.queries_figures import RECEIVED, WRITTEN_DOWN
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.ledger.accounts import NAMES, Account
from app.ledger.models import LedgerBatch, LedgerEntry, batch_of
from app.reports.queries import View, claim, covered, first_payer, in_time, moved, patient, payer
from app.reports.rules import DAYS, Rate, month_of, months_back, rate

_entry, _batch = table_of(LedgerEntry), table_of(LedgerBatch)
REVENUE = (
    Account.CHARGES, Account.CONTRACTUAL, Account.DENIAL_WRITE_OFF, Account.CHARITY, Account.SMALL_BALANCE,
    Account.DISCOUNT, Account.SEQUESTRATION,
)  # fmt: skip
RIPE_MONTHS = 6
"""Younger service months are still being paid: their rates are shown, and marked."""
COHORT_FILTERS = ("month", "payer")


@dataclass(frozen=True, slots=True)
class AccountPart:
    """What one account adds to revenue in the 90 days: credits less debits."""

    account: int
    name: str
    cents: Money


@dataclass(frozen=True, slots=True)
class Revenue:
    """Ninety days of revenue, both days inclusive."""

    first: date
    last: date
    parts: list[AccountPart]

    @property
    def gross(self) -> Money:
        """Gross charges."""
        return Money.of_sum(sum(int(one.cents) for one in self.parts if one.account == Account.CHARGES))

    @property
    def net(self) -> Money:
        """Net patient service revenue."""
        return Money.of_sum(sum(int(one.cents) for one in self.parts))


def revenue(w: Work, view: View) -> Revenue:
    """The revenue of the 90 days that end on the day of the report."""
    first = view.on - timedelta(DAYS - 1)
    found: dict[int, int] = {}
    for column, sign in ((_entry.c.debit, -1), (_entry.c.credit, 1)):
        query = select(column, func.sum(_entry.c.amount)).where(
            view.own(w, _entry.c.entity_id), column.in_([int(one) for one in REVENUE]),
            _entry.c.debit != _entry.c.credit,
            _entry.c.effective_date >= first, _entry.c.effective_date <= view.on,
        )  # fmt: skip
        if view.known is not None:
            query = query.join(_batch, _batch.c.id == batch_of(_entry.c.id))
            query = query.where(_batch.c.recorded_at <= view.known)
        for account, cents in w.db.execute(query.group_by(column)):
            found[int(account)] = found.get(int(account), 0) + sign * int(cents)
    parts = [AccountPart(one, NAMES[one], Money.of_sum(found[one])) for one in sorted(found)]
    return Revenue(first, view.on, parts)


def days_in_ar(found: Revenue, receivable: int, debit_only: int) -> list[Rate]:
    """Net days, net days without credit balances, gross days."""
    return [
        rate("net_days", receivable, found.net),
        rate("net_days_debit", debit_only, found.net),
        rate("gross_days", receivable, found.gross),
    ]


# ---------------------------------------------------------------- collection by month of service


@dataclass(frozen=True, slots=True)
class Cohort:
    """The claims of one month of service: what was charged, written down by contract, and paid so far."""

    key: str
    name: str
    claims: int
    charges: Money
    contractual: Money
    payments: Money
    ripe: bool

    @property
    def net(self) -> Rate:
        """Payments over charges less contractual."""
        return rate("net_collection", self.payments, self.charges - self.contractual)

    @property
    def gross(self) -> Rate:
        """Payments over charges."""
        return rate("gross_collection", self.payments, self.charges)


def _moves() -> list[Any]:
    charged, down, received = (moved(*accounts) for accounts in ((Account.CHARGES,), WRITTEN_DOWN, RECEIVED))
    return [(-charged).label("charges"), down.label("contractual"), received.label("payments")]


def _of_claims(w: Work, view: View, columns: Sequence[Any]) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(_entry)
        .join(claim, claim.c.id == _entry.c.claim_id)
        .where(view.own(w, _entry.c.entity_id), *in_time(view))
    )
    return query.join(_batch, _batch.c.id == batch_of(_entry.c.id)) if view.known is not None else query


def cohorts(w: Work, view: View) -> list[Cohort]:
    """Collection by month of service over the period, oldest first."""
    year, month = (extract(part, claim.c.service_from) for part in ("year", "month"))
    columns = [year, month, func.count(_entry.c.claim_id.distinct()), *_moves()]
    query = _of_claims(w, view, columns).where(
        claim.c.service_from >= view.first.replace(day=1), claim.c.service_from <= view.last
    )
    ripe = months_back(view.on, RIPE_MONTHS)
    found = []
    for one, two, count, *money in w.db.execute(query.group_by(year, month).order_by(year, month)):
        first = date(int(one), int(two), 1)
        found.append(_cohort((first.isoformat()[:7], f"{first:%b %Y}"), count, money, ripe=first < ripe))
    return found


def together(found: Sequence[Cohort], *, ripe: bool) -> Cohort:
    """All cohorts as one; only those that are ripe, or all of them."""
    chosen = [one for one in found if one.ripe or not ripe]
    sums = [sum(int(getattr(one, name)) for one in chosen) for name in _MONEY]
    return _cohort(("", "All"), sum(one.claims for one in chosen), sums, ripe=ripe)


_MONEY = ("charges", "contractual", "payments")


def _cohort(named: tuple[str, str], claims: int, cents: Sequence[Any], *, ripe: bool) -> Cohort:
    charges, down, received = (Money.of_sum(int(one or 0)) for one in cents)
    return Cohort(*named, int(claims), charges, down, received, ripe)


@dataclass(frozen=True, slots=True)
class CohortClaim:
    """One claim of a service month with what it charged and brought in."""

    public_id: str
    control: str
    patient_id: int
    patient: str
    payer: str | None
    service: date | None
    charges: Money
    contractual: Money
    payments: Money


COHORT_SORTS = {
    "service": Sort(claim.c.service_from, nullable=True, descending=True),
    "control": Sort(claim.c.control),
}


def _cohort_conditions(view: View, ask: Ask) -> list[ColumnElement[bool]]:
    wanted = [claim.c.service_from >= view.first.replace(day=1), claim.c.service_from <= view.last]
    if ask.get("month"):
        month = month_of(ask.get("month"))
        if month is None:
            raise Refused("A month is written 2026-01.", code="month", field="month")
        wanted.append(and_(claim.c.service_from >= month[0], claim.c.service_from < month[1]))
    return wanted


def cohort_claims(w: Work, view: View, ask: Ask) -> Slice[CohortClaim]:
    """The claims behind a collection rate; whose patients were shown is noted."""
    by_claim = _of_claims(w, view, [_entry.c.claim_id, *_moves()]).where(*_cohort_conditions(view, ask))
    found = by_claim.group_by(_entry.c.claim_id).subquery("cohort")
    query = (
        select(claim.c.public_id, claim.c.control, claim.c.patient_id, patient.c.last, patient.c.first,
               payer.c.name.label("payer"), claim.c.service_from, *(found.c[name] for name in _MONEY))
        .select_from(found)
        .join(claim, claim.c.id == found.c.claim_id)
        .join(patient, patient.c.id == claim.c.patient_id)
        .outerjoin(covered, first_payer())
        .outerjoin(payer, payer.c.id == covered.c.payer_id)
    )  # fmt: skip

    def one(row: Any) -> CohortClaim:
        name = f"{row.last}, {row.first}" if row.first else row.last
        cents = {each: Money.of_sum(int(getattr(row, each))) for each in _MONEY}
        return CohortClaim(row.public_id, row.control, row.patient_id, name, row.payer, row.service_from,
                           **cents)  # fmt: skip

    made = page(w.db, query, ask, sorts=COHORT_SORTS, key=claim.c.id, row=one)
    shown = [row.patient_id for row in made.rows]
    w.audit("reports.cohort", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return made


def cohort_total(w: Work, view: View, ask: Ask) -> Cohort:
    """The totals of the whole list."""
    columns = [func.count(_entry.c.claim_id.distinct()), *_moves()]
    query = _of_claims(w, view, columns).where(*_cohort_conditions(view, ask))
    count, *money = w.db.execute(query).one()
    return _cohort(("", ""), int(count), money, ripe=False)
