"""Rows a user wrote over the shipped code lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Json, Key


class CodeRow(Base):
    """One dated override: only the attributes it names differ from the shipped row.

    `entity_id` None: for every entity. Effective `[from, to)`; `replaced_at` is when a later row took its
    place.
    """

    __tablename__ = "code_row"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    list: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(12))
    entity_id: Mapped[int | None] = mapped_column(Key)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    attributes: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200), server_default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_code_row_known", "entity_id", "list", "code"),)
