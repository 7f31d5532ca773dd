"""Who wants to be told, what happened, and what became of telling."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.hooks.rules import DeliveryState
from app.kernel.db import Base, Instant, Json, Key, choice, one_of


class Hook(Base):
    """A receiver of one entity's events. `secret` is sealed; `kinds` names what it wants, `*` everything."""

    __tablename__ = "hook"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    url: Mapped[str] = mapped_column(String(400))
    kinds: Mapped[list[Any]] = mapped_column(Json)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(Boolean)
    author: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_why: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)


class HookEvent(Base):
    """Something that happened, for programs: a kind and the public id of what it is about; never edited."""

    __tablename__ = "hook_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(24))
    subject_public: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_hook_event_entity", "entity_id", "id"),)


class HookDelivery(Base):
    """Events `first_event_id` to `last_event_id` on their way to one receiver; `tries` counts attempts."""

    __tablename__ = "hook_delivery"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    hook_id: Mapped[int] = mapped_column(Key)
    first_event_id: Mapped[int] = mapped_column(Key)
    last_event_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(DeliveryState, 12))
    tries: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[int] = mapped_column(SmallInteger)
    problem: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_hook_delivery_hook", "hook_id", "id"), one_of("state", DeliveryState))
