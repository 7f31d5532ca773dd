"""The one table of work for people, and the views of lists they keep."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money


class ItemState(StrEnum):
    """An item waits for a person, or it is finished."""

    OPEN = "open"
    DONE = "done"


class WorklistItem(Base):
    """One thing to do. Queue, kind and subject name it: the same work asked for twice is one item.

    `amount` is at stake, in cents, never below zero by meaning; `rank` orders it (score, due day, amount);
    `source` is the address of the fact that raised it; `detail` holds ids and codes only.
    """

    __tablename__ = "worklist_item"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    queue: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int | None] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    patient_id: Mapped[int | None] = mapped_column(Key)
    amount: Mapped[Money] = mapped_column(Cents)
    due: Mapped[date | None] = mapped_column(Date)
    score: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Key)
    owner_id: Mapped[int | None] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(ItemState, 8))
    reason: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)
    source: Mapped[int | None] = mapped_column(Key)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None] = mapped_column(String(80))
    outcome: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        UniqueConstraint("entity_id", "queue", "kind", "subject", "subject_id"),
        Index("ix_worklist_item_open", "entity_id", "state", "queue", "rank"),
        Index("ix_worklist_item_subject", "subject", "subject_id"),
        Index("ix_worklist_item_claim", "claim_id"),
        # Both hold all that a day's figures ask, so that a million open items are counted without their rows.
        Index(
            "ix_worklist_item_day", "entity_id", "state", "queue", "owner_id", "due", "amount", "opened_at"
        ),
        Index("ix_worklist_item_owner", "owner_id", "state", "queue", "rank"),
        one_of("state", ItemState),
    )


class SavedView(Base):
    """A list as somebody likes to see it: `query` is what stands behind the `?` of its address.

    Shared with whoever works at the entities of its `SavedViewShare` rows; only its owner changes it.
    """

    __tablename__ = "saved_view"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    owner_id: Mapped[int] = mapped_column(Key, index=True)
    page: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1000))
    shared: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (UniqueConstraint("owner_id", "page", "name"),)


class SavedViewShare(Base):
    """An entity whose people see a shared view."""

    __tablename__ = "saved_view_share"
    view_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)


class SavedViewChoice(Base):
    """The view a person's list opens with."""

    __tablename__ = "saved_view_choice"
    person_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    page: Mapped[str] = mapped_column(String(24), primary_key=True)
    view_id: Mapped[int] = mapped_column(Key)
