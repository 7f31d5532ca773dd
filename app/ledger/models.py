"""The ledger's tables; the database itself refuses to change a posted batch or entry (L4)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    literal,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Key
from app.kernel.money import Money

PLACE_BITS = 24
"""How many bits of an entry's id are its place in its batch."""


class LedgerBatch(Base):
    """What one transaction posted: a link of its entity's chain."""

    __tablename__ = "ledger_batch"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"))
    chain_no: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(20))
    source_key: Mapped[str] = mapped_column(String(80))
    transaction_id: Mapped[int | None] = mapped_column(Key)
    reverses_batch_id: Mapped[int | None] = mapped_column(Key, unique=True)
    reason: Mapped[str | None] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    effective_date: Mapped[date] = mapped_column(Date)
    entries: Mapped[int] = mapped_column(Integer)
    total: Mapped[Money] = mapped_column(Cents)
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("entity_id", "source_key"),
        UniqueConstraint("entity_id", "chain_no"),
        Index("ix_ledger_batch_transaction", "transaction_id"),
    )


class LedgerEntry(Base):
    """One transfer. Its id is its batch's id and its place in the batch: batch << 24 | place.

    No foreign keys on purpose: every key here is computed in the transaction that writes it, and `verify`
    looks for orphans; the database would look each one up again, a million times a day.
    """

    __tablename__ = "ledger_entry"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    event: Mapped[str] = mapped_column(String(20))
    debit: Mapped[int] = mapped_column(SmallInteger)
    debit_rank: Mapped[int] = mapped_column(SmallInteger)
    credit: Mapped[int] = mapped_column(SmallInteger)
    credit_rank: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[Money] = mapped_column(Cents)
    claim_id: Mapped[int | None] = mapped_column(Key)
    line_id: Mapped[int | None] = mapped_column(Key)
    remit_claim_id: Mapped[int | None] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    effective_date: Mapped[date] = mapped_column(Date)
    original_date: Mapped[date | None] = mapped_column(Date)
    source: Mapped[int] = mapped_column(Key)
    byte: Mapped[int] = mapped_column(Key)
    element: Mapped[int] = mapped_column(SmallInteger)
    basis: Mapped[int] = mapped_column(SmallInteger)
    reverses: Mapped[int | None] = mapped_column(Key)
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit <> credit OR debit_rank <> credit_rank", name="moves_something"),
        Index("ix_ledger_entry_claim", "claim_id"),
        Index("ix_ledger_entry_remit_claim", "remit_claim_id"),
        Index(
            "uq_ledger_entry_reverses",
            "reverses",
            unique=True,
            sqlite_where=text("reverses IS NOT NULL"),
            postgresql_where=text("reverses IS NOT NULL"),
        ),
    )


def batch_of(entry_id: Any) -> ColumnElement[int]:
    """The batch an entry belongs to, from the entry's id; PostgreSQL shifts by a plain INTEGER only."""
    shifted: ColumnElement[int] = entry_id.op(">>", return_type=Key)(literal(PLACE_BITS, Integer))
    return shifted


class LedgerHead(Base):
    """The end of an entity's chain; locked while a batch is added."""

    __tablename__ = "ledger_head"
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"), primary_key=True, autoincrement=False)
    chain_no: Mapped[int] = mapped_column(Key)
    hash: Mapped[str] = mapped_column(String(64))
    closed_through: Mapped[date | None] = mapped_column(Date)


class ClaimBalance(Base):
    """Derived: the open receivable of a claim; payer and patient side, debit positive."""

    __tablename__ = "claim_balance"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    payer: Mapped[Money] = mapped_column(Cents)
    patient: Mapped[Money] = mapped_column(Cents)
