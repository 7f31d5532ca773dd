"""Patients, the guarantors who answer for them, and how these may be reached."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Key, choice, one_of
from app.patients.lifecycle import Channel, Deliverability, PointKind, Relation, Source


class Patient(Base):
    """A person of one entity. `id` is the address of the claim that first named them, slot 7.

    home_sealed: where the first claim says they live, and who holds the policy: JSON of street, street2,
    city, state, zip, holder_last, holder_first, relationship (SBR02 or PAT01).
    """

    __tablename__ = "patient"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"))
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    natural: Mapped[str] = mapped_column(String(32))
    last: Mapped[str] = mapped_column(String(80))
    first: Mapped[str] = mapped_column(String(60))
    middle: Mapped[str] = mapped_column(String(40), default="")
    birth: Mapped[date | None] = mapped_column(Date)
    sex: Mapped[str] = mapped_column(String(1), default="")
    member_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    member_lookup: Mapped[str | None] = mapped_column(String(32))
    home_lookup: Mapped[str | None] = mapped_column(String(32))
    home_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("entity_id", "natural"),
        Index("ix_patient_member", "entity_id", "member_lookup"),
        Index("ix_patient_name", "entity_id", "last", "first"),
        Index("ix_patient_last", "last", "id"),  # the list, for whoever works for every entity
        Index(  # who was recorded before homes were kept; empty once that is made good
            "ix_patient_homeless",
            "id",
            sqlite_where=text("home_sealed IS NULL"),
            postgresql_where=text("home_sealed IS NULL"),
        ),
    )


class Guarantor(Base):
    """Who answers for a patient's share at one entity: their billing account, with the number people quote.

    natural: blind index of who it is; one row per person, and one more when their mail must be kept apart
    (`confidential`). confirmed: a person or a file said so; the proposed one of a minor gets no statement.
    language: of their mail. state: of the present address, for the rules of law; empty when unknown.
    """

    __tablename__ = "guarantor"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    number: Mapped[str] = mapped_column(String(12))
    natural: Mapped[str] = mapped_column(String(32))
    last: Mapped[str] = mapped_column(String(80))
    first: Mapped[str] = mapped_column(String(60))
    middle: Mapped[str] = mapped_column(String(40))
    birth: Mapped[date | None] = mapped_column(Date)
    relation: Mapped[str] = mapped_column(choice(Relation, 12))
    confirmed: Mapped[bool] = mapped_column(Boolean)
    confidential: Mapped[bool] = mapped_column(Boolean)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(2))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        UniqueConstraint("entity_id", "number"),
        UniqueConstraint("entity_id", "natural", "confidential"),
        one_of("relation", Relation),
        Index("ix_guarantor_name", "entity_id", "last", "first"),
    )


class PatientGuarantor(Base):
    """Who answers for a patient's visits, by the day of service; effective `[from, to)`. `reason`: why."""

    __tablename__ = "patient_guarantor"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    patient_id: Mapped[int] = mapped_column(Key)
    guarantor_id: Mapped[int] = mapped_column(Key, index=True)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("patient_id", "effective_from"),)


class VisitGuarantor(Base):
    """One visit that somebody else answers for: a court order, a minor's own confidential care."""

    __tablename__ = "visit_guarantor"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    guarantor_id: Mapped[int] = mapped_column(Key, index=True)
    reason: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class GuarantorAddress(Base):
    """An address as it was known from a day on; the newest without an end is in force. Old ones stay.

    sealed: JSON of street, street2, city, state, zip. lookup: its fingerprint. mail: whether the post reaches
    it; `mail_code` is the post office's reason (patient-collections section 12), `mail_on` its day.
    """

    __tablename__ = "guarantor_address"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    guarantor_id: Mapped[int] = mapped_column(Key)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(choice(Source, 12))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    mail: Mapped[str] = mapped_column(choice(Deliverability, 12))
    mail_code: Mapped[str] = mapped_column(String(2))
    mail_on: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("source", Source),
        one_of("mail", Deliverability),
        Index("ix_guarantor_address_of", "guarantor_id", "effective_to"),
    )


class ContactPoint(Base):
    """A telephone number or e-mail address. shown: masked, for screens; zones: IANA zones it may ring in.

    work: at the guarantor's place of work, which may be barred. Ended ones stay.
    """

    __tablename__ = "contact_point"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    guarantor_id: Mapped[int] = mapped_column(Key, index=True)
    kind: Mapped[str] = mapped_column(choice(PointKind, 8))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[str] = mapped_column(String(32))
    shown: Mapped[str] = mapped_column(String(60))
    work: Mapped[bool] = mapped_column(Boolean)
    zones: Mapped[str] = mapped_column(String(240))
    source: Mapped[str] = mapped_column(choice(Source, 12))
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("kind", PointKind),
        one_of("source", Source),
        Index("ix_contact_point_lookup", "entity_id", "lookup"),
        Index(
            "uq_contact_point_live",
            "guarantor_id",
            "lookup",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Consent(Base):
    """A yes or a no to being reached one way; added, never changed: the last one counts (47 CFR 64.1200).

    contact_point_id: the number or address it is about; absent: the guarantor as a whole. proof: where the
    signed paper, the recording or the message is.
    """

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    guarantor_id: Mapped[int] = mapped_column(Key)
    contact_point_id: Mapped[int | None] = mapped_column(Key)
    channel: Mapped[str] = mapped_column(choice(Channel, 12))
    granted: Mapped[bool] = mapped_column(Boolean)
    effective_at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(choice(Source, 12))
    proof: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        one_of("channel", Channel),
        one_of("source", Source),
        Index("ix_consent_of", "guarantor_id", "channel", "id"),
    )
