"""The one table of work for people."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Index, Integer, String, UniqueConstraint
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
        one_of("state", ItemState),
    )
