"""Payers, the numbers and names they go by, and terms of our own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Json, Key, choice, one_of
from app.payers.rules import PayerClass


class Payer(Base):
    """One payer of one billing entity. `class_` follows the filing indicators seen until a person sets it."""

    __tablename__ = "payer"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key, index=True)
    name: Mapped[str] = mapped_column(String(80))
    class_: Mapped[str] = mapped_column("class", choice(PayerClass, 24))
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (one_of("class", PayerClass),)


class PayerIdentifier(Base):
    """A number or name a payer goes by. One value of a kind belongs to one payer of an entity.

    `kind`: trn03, plan (837 NM109, 835 N104 and REF*2U share it, so that claim and remit meet), naic
    (REF*NF), name.
    """

    __tablename__ = "payer_identifier"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int] = mapped_column(Key, index=True)
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(80))
    seen_as: Mapped[str] = mapped_column(String(8))
    __table_args__ = (UniqueConstraint("entity_id", "kind", "value"),)


class PayerAlias(Base):
    """Two records turned out to be one payer: `payer_id` reads as `same_as`; neither row is deleted."""

    __tablename__ = "payer_alias"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int] = mapped_column(Key)
    same_as: Mapped[int] = mapped_column(Key)
    reason: Mapped[str] = mapped_column(String(24))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("entity_id", "payer_id"),)


class PayerTerm(Base):
    """Terms of our own over the shipped ones: of one payer, or of a class when `payer_id` is absent.

    `terms` names only what differs. Effective `[from, to)`; a change closes the row and writes another.
    """

    __tablename__ = "payer_term"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    class_: Mapped[str | None] = mapped_column("class", String(24))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    terms: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200), server_default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_payer_term_entity", "entity_id", "payer_id"),)
