"""The audit trail: events in one chain, the patients they were about, and where the chain ends."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text
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
