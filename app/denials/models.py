"""Denial cases, the adjustments behind them, and their history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.denials.lifecycle import Origin, State
from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money


class Denial(Base):
    """One case: the items of one claim and one remit with the same category (RDEN-01).

    `remit_claim_id` is the adjudication that opened it, `latest_remit_claim_id` that of its newest round.
    `denied` are the adjusted cents of the newest round, `at_stake` what we may expect of them (RDEN-02),
    `recovered` what came.
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
    __table_args__ = (
        UniqueConstraint("entity_id", "remit_claim_id", "category"),
        Index("ix_denial_claim", "claim_id"),
        Index("ix_denial_open", "entity_id", "state", "rank"),
        Index("ix_denial_due", "entity_id", "internal_due"),
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
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
