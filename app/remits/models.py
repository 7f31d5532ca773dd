"""Remits as received. Keys are addresses of ST, CLP, SVC, CAS, LQ and PLB; money keeps the payer's sign."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key, one_of
from app.kernel.money import Money
from app.remits.lifecycle import State
from app.remits.lifecycle_keyed import Keyed


class Remit(Base):
    """One payment (one ST): trace and payer are its natural key; `occurrence` 2 and on, by a release only.

    source: 835, or fhir for an EOB: then `paid` is zero, because an EOB brings no cash.
    """

    __tablename__ = "remit"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    payer_name: Mapped[str] = mapped_column(String(120))
    trace: Mapped[str] = mapped_column(String(60))
    payer_company: Mapped[str] = mapped_column(String(40))
    occurrence: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(String(3))
    handling: Mapped[str] = mapped_column(String(2))
    paid: Mapped[Money] = mapped_column(Cents)
    issued: Mapped[date | None] = mapped_column(Date)
    produced: Mapped[date | None] = mapped_column(Date)
    effective_date: Mapped[date] = mapped_column(Date)
    payee_npi: Mapped[str] = mapped_column(String(80))
    account_last4: Mapped[str] = mapped_column(String(4))
    contact: Mapped[dict[str, Any]] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(String(64))
    claims: Mapped[int] = mapped_column(Integer)
    claims_paid: Mapped[Money] = mapped_column(Cents)
    provider_total: Mapped[Money] = mapped_column(Cents)
    batch_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(String(10))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(8), server_default="835", default="835")
    __table_args__ = (
        UniqueConstraint("entity_id", "payer_company", "trace", "occurrence"),
        Index("ix_remit_effective", "entity_id", "effective_date"),
    )


class RemitClaim(Base):
    """One CLP: what a payer says of one claim. `live` while it is the payer's standing adjudication."""

    __tablename__ = "remit_claim"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    remit_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    control: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(2))
    rank: Mapped[int] = mapped_column(SmallInteger)
    charge: Mapped[Money] = mapped_column(Cents)
    paid: Mapped[Money] = mapped_column(Cents)
    patient_responsibility: Mapped[Money | None] = mapped_column(Cents)
    filing: Mapped[str] = mapped_column(String(2))
    payer_control: Mapped[str] = mapped_column(String(50))
    original_reference: Mapped[str | None] = mapped_column(String(50))
    frequency: Mapped[str] = mapped_column(String(2))
    patient_last: Mapped[str] = mapped_column(String(80))
    patient_first: Mapped[str] = mapped_column(String(60))
    member_lookup: Mapped[str | None] = mapped_column(String(32))
    crossover: Mapped[str | None] = mapped_column(String(80))
    service_from: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(40))
    live: Mapped[bool] = mapped_column(Boolean)
    claim_id: Mapped[int | None] = mapped_column(Key)
    match_how: Mapped[str | None] = mapped_column(String(20))
    match_score: Mapped[int | None] = mapped_column(SmallInteger)
    match_reason: Mapped[str | None] = mapped_column(String(200))
    reverses_id: Mapped[int | None] = mapped_column(Key)
    by_line: Mapped[bool] = mapped_column(Boolean)
    byte: Mapped[int] = mapped_column(Key)
    byte_end: Mapped[int] = mapped_column(Key)
    segments: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    superseded_by_id: Mapped[int | None] = mapped_column(Key)
    __table_args__ = (
        one_of("state", State),
        Index("ix_remit_claim_claim", "claim_id"),
        Index("ix_remit_claim_control", "entity_id", "payer_control"),
        Index("ix_remit_claim_parked", "entity_id", "state", "control"),
        Index(
            "uq_remit_claim_live",
            "entity_id",
            "payer_id",
            "payer_control",
            "rank",
            unique=True,
            sqlite_where=text("live AND payer_control <> ''"),
            postgresql_where=text("live AND payer_control <> ''"),
        ),
    )


class RemitLine(Base):
    """One SVC, with the billed line it was matched to."""

    __tablename__ = "remit_line"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    remit_claim_id: Mapped[int] = mapped_column(Key, index=True)
    claim_line_id: Mapped[int | None] = mapped_column(Key)
    match_how: Mapped[str | None] = mapped_column(String(16))
    qualifier: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(48))
    modifiers: Mapped[str] = mapped_column(String(12))
    revenue: Mapped[str] = mapped_column(String(8))
    charge: Mapped[Money] = mapped_column(Cents)
    paid: Mapped[Money] = mapped_column(Cents)
    units: Mapped[str] = mapped_column(String(16))
    billed_code: Mapped[str] = mapped_column(String(48))
    billed_units: Mapped[str] = mapped_column(String(16))
    service_from: Mapped[date | None] = mapped_column(Date)
    service_to: Mapped[date | None] = mapped_column(Date)
    control: Mapped[str] = mapped_column(String(50))
    allowed: Mapped[Money | None] = mapped_column(Cents)
    byte: Mapped[int] = mapped_column(Key)


class RemitAdjustment(Base):
    """One CAS triplet; its slot is the triplet. `effect` is what it did to the ledger."""

    __tablename__ = "remit_adjustment"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    remit_claim_id: Mapped[int] = mapped_column(Key, index=True)
    remit_line_id: Mapped[int | None] = mapped_column(Key)
    group: Mapped[str] = mapped_column("cas_group", String(2))
    carc: Mapped[str] = mapped_column(String(5))
    amount: Mapped[Money] = mapped_column(Cents)
    quantity: Mapped[str | None] = mapped_column(String(16))
    effect: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(24))
    denies: Mapped[bool] = mapped_column(Boolean)
    byte: Mapped[int] = mapped_column(Key)
    element: Mapped[int] = mapped_column(SmallInteger)


class RemitRemark(Base):
    """One remark code of a claim (MIA, MOA) or a line (LQ)."""

    __tablename__ = "remit_remark"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    remit_claim_id: Mapped[int] = mapped_column(Key, index=True)
    remit_line_id: Mapped[int | None] = mapped_column(Key)
    list: Mapped[str] = mapped_column(String(3))
    code: Mapped[str] = mapped_column(String(10))


class Eob(Base):
    """What an EOB says beside its claim payment; its id is that of its transaction, remit and remit claim.

    revision sorts the versions of one EOB; signature: its amounts; standing: its entries are on the books;
    said_paid: what the payer says it paid us, of which no cent is here (RFHIR-12). groups: how the CAS groups
    came about; evidence: a stated member liability covers what is left to the patient (RFHIR-11).
    """

    __tablename__ = "eob"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_control: Mapped[str] = mapped_column(String(50))
    claim_id: Mapped[int | None] = mapped_column(Key)
    rank: Mapped[int] = mapped_column(SmallInteger)
    revision: Mapped[str] = mapped_column(String(60))
    content_hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(64))
    resource: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(20))
    use: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10))
    payee: Mapped[str] = mapped_column(String(20))
    groups: Mapped[str] = mapped_column(String(10))
    evidence: Mapped[bool] = mapped_column(Boolean)
    standing: Mapped[bool] = mapped_column(Boolean)
    said_paid: Mapped[Money] = mapped_column(Cents)
    payment_date: Mapped[date | None] = mapped_column(Date)
    payment_id: Mapped[str] = mapped_column(String(80))
    said: Mapped[dict[str, Any]] = mapped_column(Json)
    __table_args__ = (
        Index("ix_eob_control", "entity_id", "payer_control"),
        Index("ix_eob_claim", "claim_id"),
    )


class ProviderAdjustment(Base):
    """One PLB pair: what payers hold, take back and carry forward. A positive one lowers the payment."""

    __tablename__ = "provider_adjustment"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    remit_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    provider: Mapped[str] = mapped_column(String(80))
    fiscal_date: Mapped[date | None] = mapped_column(Date)
    code: Mapped[str] = mapped_column(String(4))
    reference: Mapped[str] = mapped_column(String(60))
    amount: Mapped[Money] = mapped_column(Cents)
    account: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(10))
    offset_by_id: Mapped[int | None] = mapped_column(Key)
    byte: Mapped[int] = mapped_column(Key)
    element: Mapped[int] = mapped_column(SmallInteger)
    __table_args__ = (Index("ix_provider_adjustment_reference", "entity_id", "code", "reference"),)


class KeyedBatch(Base):
    """A paper EOB as keyed: one check. `body` is the grid as typed, so nothing is lost.

    file_no: the 835 it became; second_*: who keyed the totals blind, above the limit; disagreed: where they
    differed.
    """

    __tablename__ = "keyed_batch"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    payer_name: Mapped[str] = mapped_column(String(80))
    trace: Mapped[str] = mapped_column(String(50))
    paid: Mapped[Money] = mapped_column(Cents)
    claims: Mapped[int] = mapped_column(Integer)
    difference: Mapped[Money] = mapped_column(Cents)
    scan_file_no: Mapped[int | None] = mapped_column(Key)
    scan_name: Mapped[str] = mapped_column(String(200))
    scan_media: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(Key)
    keyed_by: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(Instant)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    second_id: Mapped[int | None] = mapped_column(Key)
    second_by: Mapped[str] = mapped_column(String(80))
    second_at: Mapped[datetime | None] = mapped_column(Instant)
    disagreed: Mapped[str] = mapped_column(String(200))
    file_no: Mapped[int | None] = mapped_column(Key)
    committed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        one_of("state", Keyed),
        Index("ix_keyed_batch_entity", "entity_id", "saved_at"),
        Index("ix_keyed_batch_trace", "entity_id", "trace"),
        Index("ix_keyed_batch_file", "file_no"),
    )
