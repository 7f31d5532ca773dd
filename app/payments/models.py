"""Patients' payments, what they paid, card tokens and charges, small-balance write-offs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money
from app.payments.lifecycle import ChargeState, Mode, Reversal, SmallState, State, Tender


class PatientPayment(Base):
    """One receipt. amount = applied + unapplied (cents); unapplied waits in 2010. key: the caller's
    idempotency key: the same key is the same payment.

    reference: check number or processor's reference, never a card number. file_no: the stored receipt its
    ledger entries point to. plan_id: the plan whose instalment it is. account_id: absent while unidentified.
    review: why it waits for a person before it pays anything (bankruptcy); empty otherwise. The deposit a
    receipt belongs to (RCASH-01) has its place here, beside `batch_id`, which is its first posting batch.
    """

    __tablename__ = "patient_payment"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int | None] = mapped_column(Key)
    number: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(80))
    tender: Mapped[str] = mapped_column(choice(Tender, 12))
    amount: Mapped[Money] = mapped_column(Cents)
    applied: Mapped[Money] = mapped_column(Cents)
    unapplied: Mapped[Money] = mapped_column(Cents)
    received_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str] = mapped_column(String(60))
    mode: Mapped[str] = mapped_column(choice(Mode, 16))
    designated: Mapped[list[Any] | None] = mapped_column(Json)
    plan_id: Mapped[int | None] = mapped_column(Key)
    token_id: Mapped[int | None] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(State, 12))
    batch_id: Mapped[int | None] = mapped_column(Key)
    file_no: Mapped[int | None] = mapped_column(Key)
    review: Mapped[str] = mapped_column(String(16))
    reversal: Mapped[str | None] = mapped_column(choice(Reversal, 16))
    reversed_on: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int | None] = mapped_column(Key)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("tender", Tender),
        one_of("mode", Mode),
        one_of("state", State),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("unapplied >= 0", name="unapplied_left"),
        UniqueConstraint("entity_id", "key"),
        UniqueConstraint("entity_id", "number"),
        Index("ix_patient_payment_account", "account_id", "id"),
        Index("ix_patient_payment_list", "entity_id", "received_on", "id"),
    )


class PaymentApplication(Base):
    """Part of a payment on one visit; never changed: what is taken back is another row that names it.

    amount: cents, negative when it takes back. entry_id: its ledger entry.
    """

    __tablename__ = "payment_application"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    payment_id: Mapped[int] = mapped_column(Key, index=True)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    amount: Mapped[Money] = mapped_column(Cents)
    entry_id: Mapped[int] = mapped_column(Key)
    takes_back: Mapped[int | None] = mapped_column(Key)
    applied_on: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        CheckConstraint("amount <> 0", name="moves_something"),
        Index(
            "uq_payment_application_back",
            "takes_back",
            unique=True,
            sqlite_where=text("takes_back IS NOT NULL"),
            postgresql_where=text("takes_back IS NOT NULL"),
        ),
    )


class PaymentEvent(Base):
    """What happened to a payment; added, never changed."""

    __tablename__ = "payment_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payment_id: Mapped[int] = mapped_column(Key, index=True)
    move: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)


class CardToken(Base):
    """A card the processor keeps for us. sealed: its token. authorised: what the guarantor agreed to in words
    (amount, days, how to revoke), most: cents a charge may be, until: the last day it may be used, both
    absent when not limited. A revoked one is never charged.
    """

    __tablename__ = "card_token"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key, index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[str] = mapped_column(String(32))
    brand: Mapped[str] = mapped_column(String(20))
    last4: Mapped[str] = mapped_column(String(4))
    expires: Mapped[date] = mapped_column(Date)
    authorised: Mapped[str] = mapped_column(String(400))
    authorised_on: Mapped[date] = mapped_column(Date)
    most: Mapped[Money | None] = mapped_column(Cents)
    until: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    author: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (UniqueConstraint("entity_id", "lookup", "account_id"),)


class CardCharge(Base):
    """One question to the card processor, on record before it is asked; key makes it charge once."""

    __tablename__ = "card_charge"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    payment_id: Mapped[int] = mapped_column(Key, index=True)
    token_id: Mapped[int] = mapped_column(Key)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    amount: Mapped[Money] = mapped_column(Cents)
    state: Mapped[str] = mapped_column(choice(ChargeState, 12))
    reference: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(24))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (one_of("state", ChargeState),)


class SmallBalance(Base):
    """A visit whose balance is too small to chase; written off (4130) when a second person approves.

    file_no: the stored decision its ledger entry points to.
    """

    __tablename__ = "small_balance"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key)
    amount: Mapped[Money] = mapped_column(Cents)
    state: Mapped[str] = mapped_column(choice(SmallState, 12))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_by_id: Mapped[int | None] = mapped_column(Key)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    entry_id: Mapped[int | None] = mapped_column(Key)
    file_no: Mapped[int | None] = mapped_column(Key)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("state", SmallState),
        Index(
            "uq_small_balance_open",
            "claim_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_small_balance_list", "entity_id", "state", "id"),
    )
