"""The audit trail: events in one chain, the patients they were about, and where the chain ends."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Key

FORMAT = 1
"""The version of what is sealed, written into every event; a new field is a new version."""


class AuditEvent(Base):
    """One thing somebody did or saw. Texts of JSON are canonical: the seal is over exactly these
    characters.
    """

    __tablename__ = "audit_event"
    seq: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(SmallInteger)
    recorded: Mapped[datetime] = mapped_column(Instant)
    type: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(1))
    outcome: Mapped[int] = mapped_column(SmallInteger)
    actor_id: Mapped[int | None] = mapped_column(Key)
    actor: Mapped[str] = mapped_column(String(80))
    roles: Mapped[str] = mapped_column(Text)
    door: Mapped[str] = mapped_column(String(10))
    session: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(20))
    network: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(60))
    subject_key: Mapped[str] = mapped_column(String(120))
    entity_id: Mapped[int | None] = mapped_column(Key)
    patients: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(80))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        Index("ix_audit_event_actor", "actor_id", "seq"),
        Index("ix_audit_event_subject", "subject", "subject_key", "seq"),
        Index("ix_audit_event_entity", "entity_id", "seq"),
        Index("ix_audit_event_type", "type", "seq"),
    )


class AuditPatient(Base):
    """The patients of an event, one row each: who looked at this patient is one look at the key."""

    __tablename__ = "audit_patient"
    patient_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(
        Key, ForeignKey("audit_event.seq"), primary_key=True, autoincrement=False
    )
    __table_args__ = (Index("ix_audit_patient_seq", "seq"),)


class AuditHead(Base):
    """One row: the last event of the chain. Locked by whoever appends."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Key)
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(80))
    seal: Mapped[str] = mapped_column(String(64))


class OddLook(Base):
    """Somebody looked at a patient they may know, or without any work to do on them; compliance asks (A8).

    One row per kind, person, patient and day; the same facts are not told again while the row waits.
    """

    __tablename__ = "odd_look"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(24))
    person_id: Mapped[int] = mapped_column(Key)
    patient_id: Mapped[int] = mapped_column(Key)
    day: Mapped[date] = mapped_column(Date)
    looks: Mapped[int] = mapped_column(Integer)
    first_seq: Mapped[int] = mapped_column(Key)
    last_seq: Mapped[int] = mapped_column(Key)
    found_at: Mapped[datetime] = mapped_column(Instant)
    judged: Mapped[str | None] = mapped_column(String(16))
    judged_by: Mapped[int | None] = mapped_column(Key)
    judged_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str] = mapped_column(String(500), default="")
    __table_args__ = (
        UniqueConstraint("kind", "person_id", "patient_id", "day"),
        Index("ix_odd_look_entity", "entity_id", "id"),
    )


class Disclosure(Base):
    """What left about a patient for other ends than treatment, payment, operations (164.528, RSEC-13).

    Never changed; a mistake is told by another row. Kept six years and shown to the patient on demand.
    """

    __tablename__ = "disclosure"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    patient_id: Mapped[int] = mapped_column(Key)
    disclosed_on: Mapped[date] = mapped_column(Date)
    recipient: Mapped[str] = mapped_column(String(200))
    recipient_address: Mapped[str] = mapped_column(String(300), default="")
    what: Mapped[str] = mapped_column(String(500))
    basis: Mapped[str] = mapped_column(String(40))
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_disclosure_patient", "patient_id", "disclosed_on"),)
