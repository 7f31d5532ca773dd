"""What came in. Rows read from files have their address as key; URLs know files by their public id."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.intake.lifecycle import FileState, State
from app.kernel.db import Base, Cents, Instant, Json, Key, one_of
from app.kernel.money import Money


class IntakeFile(Base):
    """A distinct content that was offered; `file_no` is the stored file's."""

    __tablename__ = "intake_file"
    file_no: Mapped[int] = mapped_column(
        ForeignKey("stored_file.file_no"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    door: Mapped[str] = mapped_column(String(10))
    offered_by: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int | None] = mapped_column(Key)
    received_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str | None] = mapped_column(Text)
    parent_file_no: Mapped[int | None] = mapped_column(Key, index=True)
    segments: Mapped[int] = mapped_column(Key, default=0)
    size: Mapped[int] = mapped_column(Key, default=0)
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    __table_args__ = (one_of("state", FileState), Index("ix_intake_file_received", "received_at"))


class IntakeOffer(Base):
    """Each time a content was offered; all but the first are told which was first."""

    __tablename__ = "intake_offer"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    file_no: Mapped[int] = mapped_column(Key, index=True)
    name: Mapped[str] = mapped_column(String(200))
    door: Mapped[str] = mapped_column(String(10))
    offered_by: Mapped[str] = mapped_column(String(80))
    offered_at: Mapped[datetime] = mapped_column(Instant)
    first: Mapped[bool] = mapped_column(Boolean)


class IntakeInterchange(Base):
    """An ISA..IEA; its natural key tells a second delivery (x12-835 section 11)."""

    __tablename__ = "intake_interchange"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    file_no: Mapped[int] = mapped_column(Key, index=True)
    natural: Mapped[str] = mapped_column(String(64), index=True)
    sender: Mapped[str] = mapped_column(String(20))
    receiver: Mapped[str] = mapped_column(String(20))
    control: Mapped[str] = mapped_column(String(20))
    day: Mapped[str] = mapped_column(String(8))
    usage: Mapped[str] = mapped_column(String(2))
    closed: Mapped[bool] = mapped_column(Boolean)
    content_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("ix_intake_interchange_control", "control"),)


class IntakeTransaction(Base):
    """An ST..SE. `posted_hash` is its content hash while it is posted: the database lets it post once.

    group_control: GS06 of its group without leading zeros, by which a 999 names it.
    """

    __tablename__ = "intake_transaction"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    file_no: Mapped[int] = mapped_column(Key, index=True)
    interchange_id: Mapped[int] = mapped_column(Key)
    entity_id: Mapped[int | None] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(8))
    control: Mapped[str] = mapped_column(String(20))
    usage: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    explanation: Mapped[str | None] = mapped_column(Text)
    span: Mapped[dict[str, Any]] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    posted_hash: Mapped[str | None] = mapped_column(String(80))
    same_as_id: Mapped[int | None] = mapped_column(Key)
    released_by: Mapped[str | None] = mapped_column(String(80))
    release_reason: Mapped[str | None] = mapped_column(String(200))
    payer_name: Mapped[str | None] = mapped_column(String(120))
    trace: Mapped[str | None] = mapped_column(String(60))
    method: Mapped[str | None] = mapped_column(String(3))
    paid: Mapped[Money | None] = mapped_column(Cents)
    effective_date: Mapped[date | None] = mapped_column(Date)
    claims: Mapped[int] = mapped_column(Integer, default=0)
    lines: Mapped[int] = mapped_column(Integer, default=0)
    parked: Mapped[int] = mapped_column(Integer, default=0)
    charge: Mapped[Money | None] = mapped_column(Cents)
    batch_id: Mapped[int | None] = mapped_column(Key)
    posting: Mapped[int] = mapped_column(Integer, default=0)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    group_control: Mapped[str] = mapped_column(String(20), default="", server_default="")
    __table_args__ = (
        one_of("state", State),
        UniqueConstraint("posted_hash"),
        Index("ix_intake_transaction_group", "group_control"),
        Index("ix_intake_transaction_entity", "entity_id", "state"),
    )


class IntakeFinding(Base):
    """What is wrong, where: `does` says what it did (refuse, hold, park, warn). Never a patient's data."""

    __tablename__ = "intake_finding"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    file_no: Mapped[int] = mapped_column(Key, index=True)
    transaction_id: Mapped[int | None] = mapped_column(Key, index=True)
    remit_claim_id: Mapped[int | None] = mapped_column(Key, index=True)
    origin: Mapped[str] = mapped_column(String(10), default="reader")
    code: Mapped[str] = mapped_column(String(40))
    does: Mapped[str] = mapped_column(String(8))
    segment: Mapped[int] = mapped_column(Key)
    byte: Mapped[int] = mapped_column(Key)
    element: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)


class IntakeReply(Base):
    """A 999 or TA1 of ours for an interchange that came in; written once, kept, never sent by itself.

    partner: who sent the interchange; control: our ISA13, counted for each partner without gaps; status: A,
    E, P or R; document_no: the stored file.
    """

    __tablename__ = "intake_reply"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    file_no: Mapped[int] = mapped_column(Key, index=True)
    interchange_id: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(4))
    partner: Mapped[str] = mapped_column(String(40))
    control: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(1))
    sets: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer)
    document_no: Mapped[int] = mapped_column(Key)
    size: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("interchange_id", "kind"), UniqueConstraint("partner", "control"))


class IntakePartner(Base):
    """The next control number of our answers to a partner."""

    __tablename__ = "intake_partner"
    partner: Mapped[str] = mapped_column(String(40), primary_key=True)
    next: Mapped[int] = mapped_column(Integer)
