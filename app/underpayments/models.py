"""Variances as computed, the underpayments people work, their history, projects and patterns."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money
from app.underpayments.lifecycle import State


class Variance(Base):
    """What a payer allowed for a line against what its contract owes: expected less actual, + underpaid.

    One answer and line (`line_number` 0: the claim as a whole) has one standing row; a new price or a new
    answer writes another and sets `replaced_at`. `gone_on` is the day the answer was taken back or replaced
    by a later one: up to then its figures held. `expected` absent: not priced; `variance` absent: none is
    told (denied, not priced). `steps` tell the calculation, `inputs` is a hash of all that went in.
    """

    __tablename__ = "variance"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key)
    remit_claim_id: Mapped[int] = mapped_column(Key, index=True)
    remit_id: Mapped[int] = mapped_column(Key)
    claim_line_id: Mapped[int | None] = mapped_column(Key)
    line_number: Mapped[int] = mapped_column(Integer)
    line_control: Mapped[str] = mapped_column(String(40))
    rank: Mapped[int] = mapped_column(SmallInteger)
    payer_id: Mapped[int | None] = mapped_column(Key)
    payer_number: Mapped[str] = mapped_column(String(80))
    code_type: Mapped[str] = mapped_column(String(3))
    code: Mapped[str] = mapped_column(String(48))
    modifiers: Mapped[str] = mapped_column(String(12))
    setting: Mapped[str] = mapped_column(String(12))
    units: Mapped[str] = mapped_column(String(16))
    charge: Mapped[Money] = mapped_column(Cents)
    service_on: Mapped[date] = mapped_column(Date)
    remit_on: Mapped[date] = mapped_column(Date)
    effective_on: Mapped[date] = mapped_column(Date)
    expected: Mapped[Money | None] = mapped_column(Cents)
    actual: Mapped[Money] = mapped_column(Cents)
    variance: Mapped[Money | None] = mapped_column(Cents)
    class_: Mapped[str] = mapped_column("class", String(16))
    cause: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(24))
    flags: Mapped[str] = mapped_column(String(80))
    expected_paid: Mapped[Money | None] = mapped_column(Cents)
    paid: Mapped[Money] = mapped_column(Cents)
    schedule_id: Mapped[int | None] = mapped_column(Key)
    fee_row_id: Mapped[int | None] = mapped_column(Key)
    terms: Mapped[str] = mapped_column(String(40))
    steps: Mapped[list[Any]] = mapped_column(Json)
    inputs: Mapped[str] = mapped_column(String(32))
    computed_at: Mapped[datetime] = mapped_column(Instant)
    gone_on: Mapped[date | None] = mapped_column(Date)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index("ix_variance_claim", "claim_id"),
        Index("ix_variance_pattern", "entity_id", "remit_on", "payer_id", "code"),
        Index(
            "uq_variance_standing",
            "remit_claim_id",
            "line_number",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )


class Underpayment(Base):
    """A line paid otherwise than agreed, as people work it. It outlives reversals and corrections of its
    claim: `identified` is what was missing at first, `amount` what is now, `recovered` what came since.

    kind: underpaid, or overpaid (money that may have to go back). `limit_on`: the last day to dispute.
    """

    __tablename__ = "underpayment"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int] = mapped_column(Key)
    rank: Mapped[int] = mapped_column(SmallInteger)
    line_number: Mapped[int] = mapped_column(Integer)
    variance_id: Mapped[int] = mapped_column(Key)
    remit_claim_id: Mapped[int] = mapped_column(Key)
    remit_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    patient_id: Mapped[int | None] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(48))
    modifiers: Mapped[str] = mapped_column(String(12))
    schedule_id: Mapped[int | None] = mapped_column(Key)
    expected: Mapped[Money] = mapped_column(Cents)
    actual: Mapped[Money] = mapped_column(Cents)
    amount: Mapped[Money] = mapped_column(Cents)
    identified: Mapped[Money] = mapped_column(Cents)
    recovered: Mapped[Money] = mapped_column(Cents)
    cause: Mapped[str] = mapped_column(String(24))
    pattern_id: Mapped[int | None] = mapped_column(Key)
    project_id: Mapped[int | None] = mapped_column(Key, index=True)
    state: Mapped[str] = mapped_column(choice(State, 16))
    service_on: Mapped[date] = mapped_column(Date)
    remit_on: Mapped[date] = mapped_column(Date)
    limit_on: Mapped[date] = mapped_column(Date)
    follow_up: Mapped[date | None] = mapped_column(Date)
    owner_id: Mapped[int | None] = mapped_column(Key)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        UniqueConstraint("entity_id", "claim_id", "rank", "line_number"),
        Index("ix_underpayment_claim", "claim_id"),
        Index("ix_underpayment_open", "entity_id", "state", "amount"),
        one_of("state", State),
    )


class UnderpaymentEvent(Base):
    """A change of an underpayment with who, when and why; never edited."""

    __tablename__ = "underpayment_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    underpayment_id: Mapped[int] = mapped_column(Key, index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(80))
    move: Mapped[str] = mapped_column(String(16))
    before: Mapped[str] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)


class UnderpaymentProject(Base):
    """Underpayments of one payer with one cause, disputed together."""

    __tablename__ = "underpayment_project"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    cause: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(120))
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("entity_id", "name"),)


class UnderpaymentPattern(Base):
    """Lines of a payer paid in one way: systematic when n >= 5, 80 % of them underpaid, and alike.

    Measured over the 90 days up to `measured_on`. `ratio`: mean of actual over expected among the underpaid;
    `spread`: its coefficient of variation; both as text decimals. `standing`: of the newest measurement.
    """

    __tablename__ = "underpayment_pattern"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    payer_number: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(48))
    modifiers: Mapped[str] = mapped_column(String(12))
    setting: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(24))
    lines: Mapped[int] = mapped_column(Integer)
    underpaid: Mapped[int] = mapped_column(Integer)
    total: Mapped[Money] = mapped_column(Cents)
    ratio: Mapped[str] = mapped_column(String(12))
    spread: Mapped[str] = mapped_column(String(12))
    systematic: Mapped[bool] = mapped_column(Boolean)
    measured_on: Mapped[date] = mapped_column(Date)
    standing: Mapped[bool] = mapped_column(Boolean)
    __table_args__ = (Index("ix_underpayment_pattern_standing", "entity_id", "standing"),)
