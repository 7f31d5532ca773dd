"""Reads of the ledger; the journal is in `queries_entries`, the trial balance is here.

A read takes a day (`as_of`, inclusive) and a moment (`known_at`, inclusive): the books as they stood on that
day, as far as they were recorded by that moment (N5). Debit is positive, credit negative.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import NAMES, Account
from app.ledger.models import ClaimBalance, LedgerBatch, LedgerEntry
from app.ledger.queries_entries import (
    BATCH_FILTERS,
    BATCH_SORTS,
    ENTRY_FILTERS,
    ENTRY_SORTS,
    EVENTS,
    BatchRow,
    ClaimEntry,
    EntryRow,
    EntryTotals,
    account_name,
    batch,
    batch_kinds,
    batch_of,
    batches,
    claim_entries,
    entries,
    entry_totals,
    read_day,
    read_instant,
    related,
)

__all__ = [
    "BATCH_FILTERS",
    "BATCH_SORTS",
    "ENTRY_FILTERS",
    "ENTRY_SORTS",
    "EVENTS",
    "AccountRow",
    "BatchRow",
    "ClaimEntry",
    "EntryRow",
    "EntryTotals",
    "TrialBalance",
    "account_name",
    "batch",
    "batch_kinds",
    "batches",
    "claim_entries",
    "entries",
    "entry_totals",
    "read_day",
    "read_instant",
    "related",
    "trial_balance",
]
_batch, _entry, _balance = table_of(LedgerBatch), table_of(LedgerEntry), table_of(ClaimBalance)
_entity = table_of(Entity)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of one entity: everything debited and credited to it, and the difference."""

    entity: str
    entity_public: str
    account: int
    name: str
    debit: Money
    credit: Money

    @property
    def balance(self) -> Money:
        """Debit positive."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The accounts, and the proof that they are in balance.

    `claims_open` is what the claim balances add up to, when the books of now are asked for; None otherwise.
    """

    rows: list[AccountRow]
    debit: Money
    credit: Money
    claims_open: Money | None

    @property
    def difference(self) -> Money:
        """Debits less credits: zero, or something is broken."""
        return self.debit - self.credit

    @property
    def receivable(self) -> Money:
        """What accounts 1100 and 1110 say is open."""
        return Money(
            sum(
                int(row.balance) for row in self.rows if row.account in (Account.AR_PAYER, Account.AR_PATIENT)
            )
        )

    @property
    def in_balance(self) -> bool:
        """Do debits equal credits, and the claims what the receivable accounts say?"""
        return self.difference == 0 and self.claims_open in (None, self.receivable)


def trial_balance(
    w: Work,
    entity_ids: Collection[int] | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> TrialBalance:
    """Debit, credit and balance of every account that ever moved, by entity and number.

    entity_ids: None for every entity in scope. as_of: entries effective up to and on this day. known_at:
    batches recorded by this moment. Both None: the books of now, held against the claim balances as well.
    """
    sides: dict[tuple[int, int], list[int]] = {}
    for place, column in enumerate((_entry.c.debit, _entry.c.credit)):
        query = select(_entry.c.entity_id, column, func.sum(_entry.c.amount)).where(
            w.within(_entry.c.entity_id)
        )
        if entity_ids is not None:
            query = query.where(_entry.c.entity_id.in_(entity_ids))
        if as_of is not None:
            query = query.where(_entry.c.effective_date <= as_of)
        if known_at is not None:
            query = query.join(_batch, _batch.c.id == batch_of).where(_batch.c.recorded_at <= known_at)
        # A move from one payer of a claim to the next stays within its account and is no turnover of it.
        query = query.where(_entry.c.debit != _entry.c.credit)
        for entity_id, account, cents in w.db.execute(query.group_by(_entry.c.entity_id, column)):
            sides.setdefault((int(entity_id), int(account)), [0, 0])[place] += int(cents)
    rows = _account_rows(w, sides)
    now = as_of is None and known_at is None
    debit, credit = (sum(int(getattr(row, side)) for row in rows) for side in ("debit", "credit"))
    return TrialBalance(rows, Money(debit), Money(credit), _claims_open(w, entity_ids) if now else None)


def _account_rows(w: Work, sides: dict[tuple[int, int], list[int]]) -> list[AccountRow]:
    query = select(_entity.c.id, _entity.c.name, _entity.c.public_id).where(w.within(_entity.c.id))
    names = {row.id: (row.name, row.public_id) for row in w.db.execute(query)}
    rows = [
        AccountRow(
            *names[entity_id], account, NAMES.get(account, "Unknown account"), Money(debit), Money(credit)
        )
        for (entity_id, account), (debit, credit) in sides.items()
    ]
    return sorted(rows, key=lambda row: (row.entity, row.entity_public, row.account))


def _claims_open(w: Work, entity_ids: Collection[int] | None) -> Money:
    query = select(func.sum(_balance.c.payer + _balance.c.patient)).where(w.within(_balance.c.entity_id))
    if entity_ids is not None:
        query = query.where(_balance.c.entity_id.in_(entity_ids))
    return Money.of_sum(int(w.db.execute(query).scalar() or 0))
