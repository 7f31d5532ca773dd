"""Denial cases, the adjustments behind them, and their history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.denials.lifecycle import Origin, State, Writeoff
from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money

NOT_CLOSED = text("state <> 'closed'")
IS_OPEN: dict[str, Any] = {"sqlite_where": NOT_CLOSED, "postgresql_where": NOT_CLOSED}
OPEN_ORDERS = {
    "rank": ("rank", "id"),
    "entity": ("entity_id", "rank", "id"),
    "owner": ("owner_id", "rank", "id"),
    "category": ("category", "rank", "id"),
    "cause": ("payer_id", "carc", "rank", "id"),
    "carc": ("carc", "rank", "id"),
    "group": ("entity_id", "category", "rank", "id"),
    "payer": ("payer_id", "rank", "id"),
    "state": ("state", "rank", "id"),
    "due": ("internal_due", "id"),
    "stake": ("at_stake", "id"),
    "denied": ("denied", "id"),
    "day": ("denied_on", "id"),
}
"""Open cases in every order the list offers, and by what it is narrowed with most. Closed ones are many and
seldom looked at, so they stand in none of these.
"""


class Denial(Base):
    """One case: the items of one claim and one remit with the same category (RDEN-01).

    `remit_claim_id` is the adjudication that opened it, `latest_remit_claim_id` that of its newest round.
    `denied` are the adjusted cents of the newest round, `at_stake` what we may expect of them (RDEN-02),
    `recovered` what came. `appeal_by` and `file_by` are the last legal days to appeal and to send the claim
    again; `legal_due` is the nearer of those that run. `held_by` has it on the screen until `held_until`.
    """

    __tablename__ = "denial"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key)
    remit_claim_id: Mapped[int] = mapped_column(Key)
    latest_remit_claim_id: Mapped[int] = mapped_column(Key)
    remit_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    patient_id: Mapped[int | None] = mapped_column(Key)
    payer_class: Mapped[str] = mapped_column(String(24))
    filing: Mapped[str] = mapped_column(String(2))
    category: Mapped[str] = mapped_column(String(24))
    stage: Mapped[str] = mapped_column(String(8))
    root_cause: Mapped[str] = mapped_column(String(40))
    next_action: Mapped[str] = mapped_column(String(24))
    evidence: Mapped[str] = mapped_column(String(120))
    letter: Mapped[str] = mapped_column(String(40))
    group: Mapped[str] = mapped_column("group_code", String(2))
    carc: Mapped[str] = mapped_column(String(5))
    rarc: Mapped[str | None] = mapped_column(String(6))
    round: Mapped[int] = mapped_column(SmallInteger)
    origin: Mapped[str] = mapped_column(choice(Origin, 16))
    state: Mapped[str] = mapped_column(choice(State, 24))
    denied: Mapped[Money] = mapped_column(Cents)
    at_stake: Mapped[Money] = mapped_column(Cents)
    recovered: Mapped[Money] = mapped_column(Cents)
    hardness: Mapped[str] = mapped_column(String(4))
    preventable: Mapped[str] = mapped_column(String(6))
    appealable: Mapped[str] = mapped_column(String(12))
    patient_hold: Mapped[bool] = mapped_column(Boolean)
    level: Mapped[int] = mapped_column(SmallInteger)
    denied_on: Mapped[date] = mapped_column(Date)
    first_denied_on: Mapped[date] = mapped_column(Date)
    service_from: Mapped[date | None] = mapped_column(Date)
    basis_event: Mapped[str] = mapped_column(String(32))
    basis_date: Mapped[date] = mapped_column(Date)
    deadline_rule: Mapped[str] = mapped_column(String(60))
    deadline: Mapped[dict[str, Any] | None] = mapped_column(Json)
    legal_due: Mapped[date | None] = mapped_column(Date)
    internal_due: Mapped[date | None] = mapped_column(Date)
    follow_up: Mapped[date | None] = mapped_column(Date)
    score: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Key)
    score_reasons: Mapped[list[Any] | None] = mapped_column(Json)
    owner_id: Mapped[int | None] = mapped_column(Key)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(Integer)
    appeal_by: Mapped[date | None] = mapped_column(Date)
    file_by: Mapped[date | None] = mapped_column(Date)
    snoozes: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    touched_at: Mapped[datetime | None] = mapped_column(Instant)
    held_by: Mapped[int | None] = mapped_column(Key)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("entity_id", "remit_claim_id", "category"),
        Index("ix_denial_claim", "claim_id"),
        Index("ix_denial_patient", "patient_id"),
        Index("ix_denial_due", "entity_id", "internal_due"),
        *(Index(f"ix_denial_open_{name}", *columns, **IS_OPEN) for name, columns in OPEN_ORDERS.items()),
        one_of("state", State),
        one_of("origin", Origin),
    )


class DenialItem(Base):
    """One denied adjustment.

    Its key is the address of the CAS triplet: the same triplet is never two items.
    """

    __tablename__ = "denial_item"
    address: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    denial_id: Mapped[int] = mapped_column(Key, index=True)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    remit_claim_id: Mapped[int] = mapped_column(Key)
    remit_line_id: Mapped[int | None] = mapped_column(Key)
    claim_line_id: Mapped[int | None] = mapped_column(Key)
    code: Mapped[str] = mapped_column(String(48))
    round: Mapped[int] = mapped_column(SmallInteger)
    group: Mapped[str] = mapped_column("group_code", String(2))
    carc: Mapped[str] = mapped_column(String(5))
    rarcs: Mapped[str] = mapped_column(String(80))
    charge: Mapped[Money] = mapped_column(Cents)
    cents: Mapped[Money] = mapped_column(Cents)
    stake: Mapped[Money] = mapped_column(Cents)
    withdrawn: Mapped[bool] = mapped_column(Boolean)
    element: Mapped[int] = mapped_column(SmallInteger)
    byte: Mapped[int] = mapped_column(Key)


class DenialEvent(Base):
    """A change of state with who, when and why (RDEN-10); never edited.

    `remit_claim_id` is the adjudication that made a posting's move; `was` holds the columns it changed as
    they were.
    """

    __tablename__ = "denial_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    denial_id: Mapped[int] = mapped_column(Key, index=True)
    remit_claim_id: Mapped[int | None] = mapped_column(Key, index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(80))
    move: Mapped[str] = mapped_column(String(24))
    before: Mapped[str] = mapped_column(String(24))
    after: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)
    was: Mapped[dict[str, Any] | None] = mapped_column(Json)


class DenialChance(Base):
    """How often closed cases of a category (of one payer, or of any when absent) were paid, as of a day."""

    __tablename__ = "denial_chance"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    measured_on: Mapped[date] = mapped_column(Date)
    category: Mapped[str] = mapped_column(String(24))
    payer_id: Mapped[int | None] = mapped_column(Key)
    closed: Mapped[int] = mapped_column(Integer)
    paid: Mapped[int] = mapped_column(Integer)
    chance: Mapped[str] = mapped_column(String(8))
    __table_args__ = (Index("ix_denial_chance_day", "entity_id", "measured_on"),)


class DenialPlay(Base):
    """A row of our own over the playbook: `match` says when it fits, `answers` what differs then.

    Effective `[from, to)`; a change closes the row and writes another.
    """

    __tablename__ = "denial_play"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    match: Mapped[dict[str, Any]] = mapped_column("fits", Json)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200), server_default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)


class DenialBulk(Base):
    """One act over one or many cases: who, when, what; it can be undone as a whole."""

    __tablename__ = "denial_bulk"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int | None] = mapped_column(Key)
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    act: Mapped[str] = mapped_column(String(24))
    cases: Mapped[int] = mapped_column(Integer)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_denial_bulk_person", "person_id", "id"),)


class DenialBulkCase(Base):
    """A case in an act: the columns it changed as they were, and the version it left behind."""

    __tablename__ = "denial_bulk_case"
    bulk_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    denial_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    version: Mapped[int] = mapped_column(Integer)
    was: Mapped[dict[str, Any]] = mapped_column(Json)
    contact_id: Mapped[int | None] = mapped_column(Key)


class DenialWriteoff(Base):
    """A request to give up money of a case, and what another person decided (RDEN-12). Amount in cents."""

    __tablename__ = "denial_writeoff"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    denial_id: Mapped[int] = mapped_column(Key, index=True)
    claim_id: Mapped[int] = mapped_column(Key)
    amount: Mapped[Money] = mapped_column(Cents)
    reason: Mapped[str] = mapped_column(String(24))
    words: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(choice(Writeoff, 12))
    requested_by: Mapped[int | None] = mapped_column(Key)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(Key)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(String(200))
    batch_id: Mapped[int | None] = mapped_column(Key)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        Index("ix_denial_writeoff_state", "entity_id", "state", "id"),
        one_of("state", Writeoff),
    )


class DenialDocument(Base):
    """A document attached to a case. The bytes are in the file store; taken off the case, they stay there."""

    __tablename__ = "denial_document"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    denial_id: Mapped[int] = mapped_column(Key, index=True)
    file_no: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(24))
    media: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(Key)
    actor: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class DenialLimit(Base):
    """A limit of our own over a shipped one: of a name, for a role where it differs by role. Dated, kept."""

    __tablename__ = "denial_limit"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    name: Mapped[str] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(24))
    amount: Mapped[int] = mapped_column(Key)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)


class DenialCorrection(Base):
    """A claim that is made and sent again because of a refusal; while it is under way no appeal is (G1).

    source: the number its maker knows it by; rank: of the payer it goes to. until: the day that payer should
    have answered; both days absent until it was sent. `ended_at`: answered, cancelled or replaced.
    """

    __tablename__ = "denial_correction"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    rank: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[int] = mapped_column(Key)
    public_id: Mapped[str] = mapped_column(String(20))
    opened_on: Mapped[date] = mapped_column(Date)
    sent_on: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("entity_id", "source"),)
