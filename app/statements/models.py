"""Dunning, its policies, runs, statements, letters, print batches, e-mails and edited words."""

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
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money
from app.statements.lifecycle import (
    BatchState,
    DocumentState,
    EditionState,
    EmailState,
    Outcome,
    PolicyState,
    RunKind,
    RunState,
    Stage,
    Way,
)


class Policy(Base):
    """One version of a dunning policy. minimum: no statement below it, cents. cycle_days: between statements.

    due_days: from a statement to the day it asks for. households: several patients of one guarantor may stand
    on one statement (RPAT-13). Live ones are never edited: a change is the next version.
    """

    __tablename__ = "dunning_policy"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(60))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(choice(PolicyState, 8))
    minimum: Mapped[Money] = mapped_column(Cents)
    cycle_days: Mapped[int] = mapped_column(SmallInteger)
    due_days: Mapped[int] = mapped_column(SmallInteger)
    households: Mapped[bool] = mapped_column(Boolean)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int | None] = mapped_column(Key)
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (one_of("state", PolicyState), UniqueConstraint("entity_id", "name", "number"))


class Level(Base):
    """One step of a policy: into `stage`, not sooner than `after_days` since the first statement and
    `wait_days` since the step before. statement, letter: what is sent (letter: name of a template or empty).
    review: a person releases it. message: which paragraph of the statement.
    """

    __tablename__ = "dunning_level"
    policy_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    stage: Mapped[str] = mapped_column(choice(Stage, 20))
    after_days: Mapped[int] = mapped_column(SmallInteger)
    wait_days: Mapped[int] = mapped_column(SmallInteger)
    minimum: Mapped[Money] = mapped_column(Cents)
    statement: Mapped[bool] = mapped_column(Boolean)
    letter: Mapped[str] = mapped_column(String(40))
    review: Mapped[bool] = mapped_column(Boolean)
    message: Mapped[str] = mapped_column(String(40))
    __table_args__ = (one_of("stage", Stage),)


class Dunning(Base):
    """Where an account stands. first_on: its first statement of this episode (day 0). notice_on: the final
    notice. next_on: the earliest day of the next step, absent when none is left. statement_on, statement_due:
    the last statement and what it asked for (cents), so that nothing unchanged is sent again too soon.
    """

    __tablename__ = "dunning"
    account_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    stage: Mapped[str] = mapped_column(choice(Stage, 20))
    since: Mapped[date] = mapped_column(Date)
    first_on: Mapped[date | None] = mapped_column(Date)
    episode_on: Mapped[date | None] = mapped_column(Date)
    notice_on: Mapped[date | None] = mapped_column(Date)
    next_on: Mapped[date | None] = mapped_column(Date)
    paused_on: Mapped[date | None] = mapped_column(Date)
    skip_one: Mapped[bool] = mapped_column(Boolean)
    statement_on: Mapped[date | None] = mapped_column(Date)
    statement_due: Mapped[Money] = mapped_column(Cents)
    policy_id: Mapped[int | None] = mapped_column(Key)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (one_of("stage", Stage), Index("ix_dunning_next", "entity_id", "next_on", "account_id"))


class DunningEvent(Base):
    """A move of an account through the stages, with its reason; added, never changed."""

    __tablename__ = "dunning_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key, index=True)
    move: Mapped[str] = mapped_column(String(16))
    from_stage: Mapped[str] = mapped_column(String(20))
    to_stage: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)


class Run(Base):
    """One run over the accounts of an entity. looked, sending, skipped: accounts; amount: what its documents
    ask for. plan_hash: over all its lines: what was signed is what is released. sample: how many are audited.
    """

    __tablename__ = "statement_run"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(choice(RunKind, 12))
    day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(choice(RunState, 12))
    looked: Mapped[int] = mapped_column(Integer)
    sending: Mapped[int] = mapped_column(Integer)
    skipped: Mapped[int] = mapped_column(Integer)
    dropped: Mapped[int] = mapped_column(Integer)
    made: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Money] = mapped_column(Cents)
    sample: Mapped[int] = mapped_column(Integer)
    plan_hash: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int | None] = mapped_column(Key)
    planned_at: Mapped[datetime] = mapped_column(Instant)
    signed_by: Mapped[str] = mapped_column(String(80))
    signed_by_id: Mapped[int | None] = mapped_column(Key)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    released_by: Mapped[str] = mapped_column(String(80))
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("kind", RunKind),
        one_of("state", RunState),
        Index("ix_statement_run_list", "entity_id", "day", "id"),
        Index(
            "uq_statement_run_open",
            "entity_id",
            "kind",
            unique=True,
            sqlite_where=text("state IN ('planned', 'in_audit', 'signed', 'released')"),
            postgresql_where=text("state IN ('planned', 'in_audit', 'signed', 'released')"),
        ),
    )


class RunItem(Base):
    """What a run does with one account, and why. reason: code of data/reasons.csv. asked: cents it asks for.

    stage: the one its document leads into. sampled: shown to the auditor; `fine` is their word on it.
    """

    __tablename__ = "run_item"
    run_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    outcome: Mapped[str] = mapped_column(choice(Outcome, 8))
    reason: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(choice(Stage, 20))
    level: Mapped[int] = mapped_column(SmallInteger)
    letter: Mapped[str] = mapped_column(String(40))
    asked: Mapped[Money] = mapped_column(Cents)
    way: Mapped[str] = mapped_column(choice(Way, 8))
    language: Mapped[str] = mapped_column(String(2))
    sampled: Mapped[bool] = mapped_column(Boolean)
    fine: Mapped[bool | None] = mapped_column(Boolean)
    remark: Mapped[str] = mapped_column(String(200))
    statement_id: Mapped[int | None] = mapped_column(Key)
    letter_id: Mapped[int | None] = mapped_column(Key)
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("stage", Stage),
        one_of("way", Way),
        Index("ix_run_item_account", "account_id", "run_id"),
        Index("ix_run_item_list", "run_id", "outcome", "reason", "account_id"),
    )


class Statement(Base):
    """A statement as issued; its facts, hash and bytes never change (RPAT-11, H14).

    amount: what it asks for; balance: what was owed in all that day, waiting parts included. facts_sealed,
    facts_hash: all that the template was given. template: its version. file_no, sha256: the stored PDF.
    link: blind index of the token in its link and QR code; link_ends: last day it opens.
    """

    __tablename__ = "statement"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    run_id: Mapped[int | None] = mapped_column(Key, index=True)
    number: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(12))
    stage: Mapped[str] = mapped_column(choice(Stage, 20))
    day: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Money] = mapped_column(Cents)
    balance: Mapped[Money] = mapped_column(Cents)
    language: Mapped[str] = mapped_column(String(2))
    way: Mapped[str] = mapped_column(choice(Way, 8))
    scan_line: Mapped[str] = mapped_column(String(60))
    facts_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    facts_hash: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(80))
    file_no: Mapped[int] = mapped_column(Key)
    sha256: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int] = mapped_column(SmallInteger)
    link: Mapped[str | None] = mapped_column(String(32), unique=True)
    link_ends: Mapped[date | None] = mapped_column(Date)
    link_misses: Mapped[int] = mapped_column(SmallInteger)
    address_id: Mapped[int | None] = mapped_column(Key)
    batch_id: Mapped[int | None] = mapped_column(Key, index=True)
    state: Mapped[str] = mapped_column(choice(DocumentState, 12))
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        one_of("state", DocumentState),
        UniqueConstraint("entity_id", "number"),
        Index("ix_statement_account", "account_id", "id"),
        Index("ix_statement_list", "entity_id", "day", "id"),
    )


class StatementLine(Base):
    """One visit on a statement, as the ledger had it that day; cents, RPAT-11 holds line by line:
    charges - insurance_paid - insurance_adjusted - patient_paid - patient_adjusted + refunded = balance.
    """

    __tablename__ = "statement_line"
    statement_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    charges: Mapped[Money] = mapped_column(Cents)
    insurance_paid: Mapped[Money] = mapped_column(Cents)
    insurance_adjusted: Mapped[Money] = mapped_column(Cents)
    patient_paid: Mapped[Money] = mapped_column(Cents)
    patient_adjusted: Mapped[Money] = mapped_column(Cents)
    refunded: Mapped[Money] = mapped_column(Cents)
    balance: Mapped[Money] = mapped_column(Cents)
    waiting: Mapped[Money] = mapped_column(Cents)
    asked: Mapped[Money] = mapped_column(Cents)
    __table_args__ = (Index("ix_statement_line_claim", "claim_id"),)


class CollectionLetter(Base):
    """A letter as issued, with its reason (level and what was found); facts, hash and bytes never change."""

    __tablename__ = "collection_letter"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    run_id: Mapped[int | None] = mapped_column(Key, index=True)
    number: Mapped[str] = mapped_column(String(16))
    letter: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(choice(Stage, 20))
    day: Mapped[date] = mapped_column(Date)
    amount: Mapped[Money] = mapped_column(Cents)
    language: Mapped[str] = mapped_column(String(2))
    way: Mapped[str] = mapped_column(choice(Way, 8))
    reason: Mapped[str] = mapped_column(String(200))
    facts_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    facts_hash: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(80))
    file_no: Mapped[int] = mapped_column(Key)
    sha256: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int] = mapped_column(SmallInteger)
    address_id: Mapped[int | None] = mapped_column(Key)
    batch_id: Mapped[int | None] = mapped_column(Key, index=True)
    state: Mapped[str] = mapped_column(choice(DocumentState, 12))
    released_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        one_of("state", DocumentState),
        UniqueConstraint("entity_id", "number"),
        Index("ix_collection_letter_account", "account_id", "id"),
    )


class PrintBatch(Base):
    """What the print vendor gets: one PDF and its manifest, with counts and hashes; made once."""

    __tablename__ = "print_batch"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    run_id: Mapped[int] = mapped_column(Key, unique=True)
    state: Mapped[str] = mapped_column(choice(BatchState, 8))
    documents: Mapped[int] = mapped_column(Integer)
    pages: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Money] = mapped_column(Cents)
    file_no: Mapped[int] = mapped_column(Key)
    sha256: Mapped[str] = mapped_column(String(64))
    manifest_file_no: Mapped[int] = mapped_column(Key)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    handed_at: Mapped[datetime | None] = mapped_column(Instant)
    handed_by: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (one_of("state", BatchState),)


class StatementEmail(Base):
    """An e-mail that says a statement is there: a link and no clinical word. One per statement."""

    __tablename__ = "statement_email"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key, index=True)
    statement_id: Mapped[int] = mapped_column(Key, unique=True)
    contact_point_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(EmailState, 8))
    message_id: Mapped[str] = mapped_column(String(80))
    answer: Mapped[str] = mapped_column(String(120))
    tries: Mapped[int] = mapped_column(SmallInteger)
    queued_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (one_of("state", EmailState),)


class LetterEdition(Base):
    """The words of a letter in one language as somebody wrote them: placeholders, never programs (W5)."""

    __tablename__ = "letter_edition"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    letter: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(choice(EditionState, 8))
    author: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int | None] = mapped_column(Key)
    approved_by: Mapped[str] = mapped_column(String(80))
    effective_from: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("state", EditionState),
        UniqueConstraint("entity_id", "letter", "language", "number"),
    )
