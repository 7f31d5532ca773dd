"""Claims, their versions as billed, lines and payers. Keys are addresses: file, segment of CLM, SV or SBR."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Key
from app.kernel.money import Money


class Claim(Base):
    """An encounter that is owed. `id` is the address of the CLM that first billed it."""

    __tablename__ = "claim"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    patient_id: Mapped[int] = mapped_column(Key)
    encounter: Mapped[str] = mapped_column(String(32))
    control: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(1))
    service_from: Mapped[date | None] = mapped_column(Date)
    service_to: Mapped[date | None] = mapped_column(Date)
    charge: Mapped[Money] = mapped_column(Cents)
    current_version_id: Mapped[int] = mapped_column(Key)
    provider_npi: Mapped[str] = mapped_column(String(20))
    insured: Mapped[bool] = mapped_column(Boolean)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("entity_id", "encounter"),
        Index("ix_claim_control", "entity_id", "control"),
        Index("ix_claim_patient", "patient_id"),
        Index("ix_claim_facts", "entity_id", "service_from", "charge"),
    )


class ClaimVersion(Base):
    """One CLM as sent. `posted` tells whether its charges are in the ledger."""

    __tablename__ = "claim_version"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    transaction_id: Mapped[int] = mapped_column(Key, index=True)
    control: Mapped[str] = mapped_column(String(40))
    frequency: Mapped[str] = mapped_column(String(2))
    sequence: Mapped[str] = mapped_column(String(1))
    charge: Mapped[Money] = mapped_column(Cents)
    sent: Mapped[str] = mapped_column(String(12))
    filing: Mapped[str] = mapped_column(String(2))
    payer_id: Mapped[int | None] = mapped_column(Key)
    original_reference: Mapped[str | None] = mapped_column(String(50))
    prior_authorization: Mapped[str | None] = mapped_column(String(50))
    subscriber_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    facility: Mapped[str] = mapped_column(String(4))
    diagnoses: Mapped[str] = mapped_column(String(240))
    content: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    byte: Mapped[int] = mapped_column(Key)
    byte_end: Mapped[int] = mapped_column(Key)
    segments: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        Index("ix_claim_version_control", "entity_id", "control"),
        Index("ix_claim_version_reference", "entity_id", "original_reference"),
        Index(
            "ix_claim_version_void",
            "entity_id",
            sqlite_where=text("state = 'void_pending'"),
            postgresql_where=text("state = 'void_pending'"),
        ),
    )


class ClaimLine(Base):
    """A service line of one version. `live` ones carry the charges on the books: remits match them."""

    __tablename__ = "claim_line"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(Key, index=True)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    number: Mapped[int] = mapped_column(Integer)
    control: Mapped[str] = mapped_column(String(40))
    qualifier: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(48))
    modifiers: Mapped[str] = mapped_column(String(12))
    revenue: Mapped[str] = mapped_column(String(8))
    charge: Mapped[Money] = mapped_column(Cents)
    units: Mapped[str] = mapped_column(String(16))
    service_from: Mapped[date | None] = mapped_column(Date)
    service_to: Mapped[date | None] = mapped_column(Date)
    byte: Mapped[int] = mapped_column(Key)
    element: Mapped[int] = mapped_column(SmallInteger)
    live: Mapped[bool] = mapped_column(Boolean)


class ClaimPayer(Base):
    """A payer of a claim by its rank: 1 primary, 2 secondary, 3 tertiary and on."""

    __tablename__ = "claim_payer"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    filing: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(16))
    source: Mapped[int] = mapped_column(Key)
