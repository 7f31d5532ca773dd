"""Claims on their way out, holds and history, receivers, batches, proofs of filing."""

from datetime import date, datetime
from typing import Any

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

from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money
from app.rebill.lifecycle import BatchState, Cause, HoldReason, How, Kind, Proof, State

STILL_OPEN = text("open")


class Rebill(Base):
    """One submission of a claim, from draft to its answer; the next submission is another row.

    rank: of the payer it goes to (1 primary, 2 secondary ...). base_version_id: the CLM it was made of;
    remit_claim_id: the adjudication it answers or carries on. control: its CLM01, never used before.
    claim_sealed: the segments it will be sent as; base_sealed: those it was made of. content, base_content:
    what both say, in short, without their own numbers. filing: SBR09. delay_reason: CLM20. problems: what is
    wrong with it, codes, places and words without a value of the patient. file_by: its last day, by
    `file_rule`; file_clock: how that was counted. coding_changed: its codes, units or diagnoses are not those
    of the base, so that a second person signs. version_id: the version it became when it was sent. cause_id:
    the denial, claim answer or remit claim it was opened for.
    """

    __tablename__ = "rebill"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    patient_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    rank: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(choice(Kind, 16))
    form: Mapped[str] = mapped_column(String(1))
    frequency: Mapped[str] = mapped_column(String(1))
    cause: Mapped[str] = mapped_column(choice(Cause, 16))
    cause_id: Mapped[int | None] = mapped_column(Key)
    base_version_id: Mapped[int] = mapped_column(Key)
    remit_claim_id: Mapped[int | None] = mapped_column(Key)
    previous_id: Mapped[int | None] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(State, 16))
    open: Mapped[bool] = mapped_column(Boolean)
    control: Mapped[str] = mapped_column(String(20))
    original_reference: Mapped[str] = mapped_column(String(50))
    charge: Mapped[Money] = mapped_column(Cents)
    expected: Mapped[Money] = mapped_column(Cents)
    claim_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    base_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[str] = mapped_column(String(32))
    base_content: Mapped[str] = mapped_column(String(32))
    filing: Mapped[str] = mapped_column(String(2))
    delay_reason: Mapped[str] = mapped_column(String(2))
    reason: Mapped[str] = mapped_column(String(200))
    problems: Mapped[list[Any]] = mapped_column(Json)
    errors: Mapped[int] = mapped_column(Integer)
    on_hold: Mapped[bool] = mapped_column(Boolean)
    file_by: Mapped[date | None] = mapped_column(Date)
    file_rule: Mapped[str] = mapped_column(String(80))
    file_clock: Mapped[dict[str, Any] | None] = mapped_column(Json)
    coding_changed: Mapped[bool] = mapped_column(Boolean)
    coding_signed_by: Mapped[str] = mapped_column(String(80))
    coding_signed_at: Mapped[datetime | None] = mapped_column(Instant)
    batch_id: Mapped[int | None] = mapped_column(Key, index=True)
    place: Mapped[int | None] = mapped_column(Integer)
    version_id: Mapped[int | None] = mapped_column(Key, index=True)
    owner_id: Mapped[int | None] = mapped_column(Key)
    author: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    sent_on: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("kind", Kind),
        one_of("cause", Cause),
        one_of("state", State),
        UniqueConstraint("entity_id", "control"),
        Index("ix_rebill_list", "entity_id", "state", "file_by", "id"),
        Index("ix_rebill_payer", "payer_id", "state", "id"),
        Index(
            "uq_rebill_open",
            "claim_id",
            "rank",
            unique=True,
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
    )


class RebillEvent(Base):
    """What happened to a submission; added, never changed. source_id: the document that says so, if one."""

    __tablename__ = "rebill_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    rebill_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    move: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    day: Mapped[date] = mapped_column(Date)
    source_id: Mapped[int | None] = mapped_column(Key)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)


class RebillHold(Base):
    """Why a claim is kept back, by whom and until when (G6); `ended_at` absent while it holds."""

    __tablename__ = "rebill_hold"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    rebill_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    reason: Mapped[str] = mapped_column(choice(HoldReason, 16))
    note: Mapped[str] = mapped_column(String(200))
    until: Mapped[date] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str] = mapped_column(String(80))
    ended_why: Mapped[str] = mapped_column(String(200))
    __table_args__ = (one_of("reason", HoldReason), Index("ix_rebill_hold_until", "ended_at", "until"))


class Receiver(Base):
    """Where claims of an entity go: a clearinghouse or payer, its numbers, and how a file gets there.

    next_interchange: ISA13 of the next batch, next_group: its first GS06; both counted without gaps.
    secret_sealed: password or private key. host_key: the only key its server may show. is_default: takes
    what no route names.
    """

    __tablename__ = "receiver"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    name: Mapped[str] = mapped_column(String(60))
    how: Mapped[str] = mapped_column(choice(How, 12))
    usage: Mapped[str] = mapped_column(String(1))
    sender_qualifier: Mapped[str] = mapped_column(String(2))
    sender: Mapped[str] = mapped_column(String(15))
    receiver_qualifier: Mapped[str] = mapped_column(String(2))
    receiver: Mapped[str] = mapped_column(String(15))
    submitter_name: Mapped[str] = mapped_column(String(60))
    submitter_number: Mapped[str] = mapped_column(String(80))
    contact_name: Mapped[str] = mapped_column(String(60))
    contact_phone: Mapped[str] = mapped_column(String(20))
    receiver_name: Mapped[str] = mapped_column(String(60))
    receiver_number: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(200))
    port: Mapped[int] = mapped_column(Integer)
    username: Mapped[str] = mapped_column(String(80))
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    host_key: Mapped[str] = mapped_column(String(800))
    is_default: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    next_interchange: Mapped[int] = mapped_column(Integer)
    next_group: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (one_of("how", How),)


class ReceiverRoute(Base):
    """Claims for this payer go to this receiver; the others to the default one. Effective `[from, to)`."""

    __tablename__ = "receiver_route"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    receiver_id: Mapped[int] = mapped_column(Key, index=True)
    payer_id: Mapped[int] = mapped_column(Key, index=True)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))


class RebillBatch(Base):
    """One file to one receiver, released by a person; its bytes are made once and never changed.

    interchange: ISA13, first_group and groups: GS06 of its first group and how many; usage: ISA15. file_no:
    the stored file; sha256 of its bytes. ta1, syntax: what the receiver said of
    it (A, E, P, R; empty: nothing yet). accepted, rejected: claims by their 277CA. proof: how we know that it
    arrived, in words.
    """

    __tablename__ = "rebill_batch"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    receiver_id: Mapped[int] = mapped_column(Key)
    how: Mapped[str] = mapped_column(choice(How, 12))
    state: Mapped[str] = mapped_column(choice(BatchState, 12))
    interchange: Mapped[int] = mapped_column(Integer)
    first_group: Mapped[int] = mapped_column(Integer)
    groups: Mapped[int] = mapped_column(Integer)
    usage: Mapped[str] = mapped_column(String(1))
    claims: Mapped[int] = mapped_column(Integer)
    charge: Mapped[Money] = mapped_column(Cents)
    file_no: Mapped[int] = mapped_column(Key)
    file_name: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    released_by: Mapped[str] = mapped_column(String(80))
    released_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    proof: Mapped[str] = mapped_column(String(200))
    ta1: Mapped[str] = mapped_column(String(1))
    syntax: Mapped[str] = mapped_column(String(1))
    accepted: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("how", How),
        one_of("state", BatchState),
        UniqueConstraint("receiver_id", "interchange"),
        Index("ix_rebill_batch_list", "entity_id", "released_at", "id"),
        Index("ix_rebill_batch_state", "state"),
    )


class BatchAttempt(Base):
    """One try to hand a batch over, written before anything leaves the house; `ended_at` absent: in doubt."""

    __tablename__ = "batch_attempt"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(Key)
    entity_id: Mapped[int] = mapped_column(Key)
    number: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(200))
    __table_args__ = (UniqueConstraint("batch_id", "number"),)


class NextPayerLook(Base):
    """A claim whose next payer is to be looked at, from a day on: now, or when a wait is over.

    reason: new, or crossover while the payer before may have forwarded it. Gone when nothing waits any more.
    """

    __tablename__ = "next_payer_look"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    due_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(24))
    __table_args__ = (Index("ix_next_payer_look_due", "entity_id", "due_on", "claim_id"),)


class FilingProof(Base):
    """A fact that shows a claim was filed in time: the accepting document, its day, the page made of it."""

    __tablename__ = "filing_proof"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(choice(Proof, 16))
    day: Mapped[date] = mapped_column(Date)
    source_id: Mapped[int] = mapped_column(Key)
    document_no: Mapped[int | None] = mapped_column(Key)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (one_of("kind", Proof), UniqueConstraint("claim_id", "kind", "source_id"))


class ScrubRule(Base):
    """A rule of our own a claim is checked by: over the shipped one of the same code, or beside them.

    rule: what it says, by the names of rules_scrub.SAID; payer_id: for claims to this payer only. Effective
    `[from, to)`; a change closes the row and writes another.
    """

    __tablename__ = "scrub_rule"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    code: Mapped[str] = mapped_column(String(40))
    payer_id: Mapped[int | None] = mapped_column(Key)
    rule: Mapped[dict[str, Any]] = mapped_column(Json)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)


class RebillSet(Base):
    """Claims opened together for denials of one cause; undone as a whole while they are unsent.

    field: the one corrected in all of them, empty when none was.
    """

    __tablename__ = "rebill_set"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    claims: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(40))
    undone_at: Mapped[datetime | None] = mapped_column(Instant)


class RebillSetClaim(Base):
    """A submission of a set, and the version it was opened with."""

    __tablename__ = "rebill_set_claim"
    set_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    rebill_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    version: Mapped[int] = mapped_column(Integer)
