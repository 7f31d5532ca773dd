"""Billing entities and the numbers payers know them by."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Key


class Entity(Base):
    """A billing entity; `test` ones take files marked T, the others refuse them."""

    __tablename__ = "entity"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(40))
    test: Mapped[bool] = mapped_column(Boolean, default=False)
    post_on_era: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)


class EntityIdentifier(Base):
    """An NPI, tax id or payee id; a tax id that is a person's SSN is sealed and found by its blind index."""

    __tablename__ = "entity_identifier"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"))
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str | None] = mapped_column(String(40))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lookup: Mapped[str] = mapped_column(String(32))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("kind", "lookup"),)
