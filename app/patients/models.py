"""Patients."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Key


class Patient(Base):
    """A person of one entity. `id` is the address of the claim that first named them, slot 7."""

    __tablename__ = "patient"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"))
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    natural: Mapped[str] = mapped_column(String(32))
    last: Mapped[str] = mapped_column(String(80))
    first: Mapped[str] = mapped_column(String(60))
    middle: Mapped[str] = mapped_column(String(40), default="")
    birth: Mapped[date | None] = mapped_column(Date)
    sex: Mapped[str] = mapped_column(String(1), default="")
    member_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    member_lookup: Mapped[str | None] = mapped_column(String(32))
    home_lookup: Mapped[str | None] = mapped_column(String(32))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("entity_id", "natural"),
        Index("ix_patient_member", "entity_id", "member_lookup"),
        Index("ix_patient_name", "entity_id", "last", "first"),
        Index("ix_patient_last", "last", "id"),  # the list, for whoever works for every entity
    )
