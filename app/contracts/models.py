"""Fee schedules row by row, the terms around them, and the files they came in. Nothing is overwritten."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Cents, Instant, Json, Key
from app.kernel.money import Money


class FeeFile(Base):
    """A file of fees as it was handed in, kept sealed. It is the house's; what it loaded is an entity's.

    `awaits` is set when there was no billing entity yet: each one that comes loads it then.
    """

    __tablename__ = "fee_file"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    file_no: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    awaits: Mapped[bool] = mapped_column(Boolean)
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class FeeImport(Base):
    """What one file did to the schedules of one entity: counts of rows and the first findings."""

    __tablename__ = "fee_import"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    file_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)
    same: Mapped[int] = mapped_column(Integer)
    bad: Mapped[int] = mapped_column(Integer)
    findings: Mapped[list[Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("entity_id", "file_id"),)


class FeeSchedule(Base):
    """A version of a payer's schedule: the rows one import brought for one payer number.

    The number is the one payers go by in 837 NM109 and 835 N104 or REF*2U; a schedule may come before any
    payer of that number was met.
    """

    __tablename__ = "fee_schedule"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    import_id: Mapped[int] = mapped_column(Key)
    payer_number: Mapped[str] = mapped_column(String(80))
    payer_label: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("entity_id", "payer_number", "number"),)


class FeeRow(Base):
    """What is allowed for one unit of a code, in force `[effective_from, effective_to)`.

    `fee_key` is `PAYER|TYPE|CODE`; `line` the row of the file. A correction writes another row and sets
    `replaced_at`: what was known on a day can always be told. Indicators are those of the fee schedule
    (multiple procedure 0-9, bilateral 0-3 or 9, assistant 0-2 or 9, co-surgeon 0-2), empty when not given.
    """

    __tablename__ = "fee_row"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    schedule_id: Mapped[int] = mapped_column(Key, index=True)
    fee_key: Mapped[str] = mapped_column(String(110))
    payer_number: Mapped[str] = mapped_column(String(80))
    code_type: Mapped[str] = mapped_column(String(3))
    code: Mapped[str] = mapped_column(String(8))
    modifier: Mapped[str] = mapped_column(String(2))
    setting: Mapped[str] = mapped_column(String(12))
    allowed: Mapped[Money] = mapped_column(Cents)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    max_units: Mapped[int | None] = mapped_column(Integer)
    multiple: Mapped[str] = mapped_column(String(1))
    bilateral: Mapped[str] = mapped_column(String(1))
    assistant: Mapped[str] = mapped_column(String(1))
    co_surgeon: Mapped[str] = mapped_column(String(1))
    line: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "uq_fee_row_known",
            "entity_id",
            "fee_key",
            "modifier",
            "setting",
            "effective_from",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )


class ContractTerm(Base):
    """Terms with one payer number, or with every payer when it is empty; only what differs from the usual.

    Effective `[from, to)`; a change closes the row and writes another.
    """

    __tablename__ = "contract_term"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_number: Mapped[str] = mapped_column(String(80))
    payer_label: Mapped[str] = mapped_column(String(80))
    terms: Mapped[dict[str, Any]] = mapped_column(Json)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_contract_term_payer", "entity_id", "payer_number"),)
