"""Payment plans, what they cover and their schedules."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money
from app.plans.lifecycle import InstalmentState, State


class Plan(Base):
    """One agreement. total: what it covered when it was made (cents); instalment: the regular amount.

    schedule_no: which schedule is in force; each re-establishment or change makes the next. missed: in a row.
    disclosures: more than four instalments or a finance charge by written agreement (Reg Z). signed_on: the
    agreement of version `agreement_file` was signed, seen by `witness`. previous_id: the plan it replaced.
    token_id: the card its instalments are charged to; absent: they pay by themselves.
    """

    __tablename__ = "plan"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(State, 16))
    total: Mapped[Money] = mapped_column(Cents)
    down: Mapped[Money] = mapped_column(Cents)
    instalment: Mapped[Money] = mapped_column(Cents)
    count: Mapped[int] = mapped_column(SmallInteger)
    due_day: Mapped[int] = mapped_column(SmallInteger)
    first_due: Mapped[date] = mapped_column(Date)
    schedule_no: Mapped[int] = mapped_column(SmallInteger)
    missed: Mapped[int] = mapped_column(SmallInteger)
    late_since: Mapped[date | None] = mapped_column(Date)
    defaulted_on: Mapped[date | None] = mapped_column(Date)
    re_established_on: Mapped[date | None] = mapped_column(Date)
    disclosures: Mapped[bool] = mapped_column(Boolean)
    signed_on: Mapped[date | None] = mapped_column(Date)
    witness: Mapped[str] = mapped_column(String(80))
    agreement_file: Mapped[int | None] = mapped_column(Key)
    token_id: Mapped[int | None] = mapped_column(Key)
    previous_id: Mapped[int | None] = mapped_column(Key)
    reason: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int | None] = mapped_column(Key)
    approved_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("state", State),
        CheckConstraint("total > 0", name="total_positive"),
        Index("ix_plan_account", "account_id", "id"),
        Index("ix_plan_list", "entity_id", "state", "id"),
    )


class PlanItem(Base):
    """A visit a plan covers, and how much of it. live: the plan runs or is in default; a visit is in one such
    plan only. since_id: payments applied to the visit after this application count for the plan.
    """

    __tablename__ = "plan_item"
    plan_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    amount: Mapped[Money] = mapped_column(Cents)
    live: Mapped[bool] = mapped_column(Boolean)
    since_id: Mapped[int] = mapped_column(Key)
    __table_args__ = (
        Index("ix_plan_item_claim", "claim_id"),
        Index(
            "uq_plan_item_live",
            "claim_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )


class Instalment(Base):
    """One line of a schedule; paid: what of it came so far."""

    __tablename__ = "instalment"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    plan_id: Mapped[int] = mapped_column(Key)
    schedule_no: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    due_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Money] = mapped_column(Cents)
    paid: Mapped[Money] = mapped_column(Cents)
    state: Mapped[str] = mapped_column(choice(InstalmentState, 12))
    tries: Mapped[int] = mapped_column(SmallInteger)
    next_try: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        one_of("state", InstalmentState),
        CheckConstraint("amount > 0", name="amount_positive"),
        UniqueConstraint("plan_id", "schedule_no", "number"),
        Index("ix_instalment_due", "entity_id", "state", "due_on"),
    )


class PlanEvent(Base):
    """What happened to a plan; added, never changed."""

    __tablename__ = "plan_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    plan_id: Mapped[int] = mapped_column(Key, index=True)
    move: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
