"""The database: one code for SQLite and PostgreSQL. Core only: declared tables, rows are tuples or frozen.

SQLite begins IMMEDIATE for writers (a read that becomes a write must not lose an update) and plainly for
readers. PostgreSQL connections take the role `reclaim_app`, which may not change a posted entry nor see
another entity's rows (row-level security reads `reclaim.scope`, set at the start of each transaction).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar

from psycopg.errors import UniqueViolation
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import JSON, TypeDecorator

from app.kernel.money import Money
from app.kernel.settings import settings

APP_ROLE = "reclaim_app"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=20000",
    "cache_size=-64000",
    "temp_store=MEMORY",
)


class Base(DeclarativeBase):
    """Every table of the product; constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Key = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key."""

Json = JSON(none_as_null=True)


class Cents(TypeDecorator[Money]):
    """Whole cents in a BIGINT; reads come back as Money."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Money | None:
        return None if value is None else Money.of_sum(int(value))


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; a naive value is a bug and raises."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def instant_text(moment: datetime) -> str:
    """How bulk rows write an instant: both databases read it as UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def choice(values: type[StrEnum], size: int = 24) -> String:
    """The column type of an enum kept as text; see `one_of` for its CHECK."""
    if max(map(len, values)) > size:
        raise ValueError(f"{values.__name__} needs more than {size} characters")
    return String(size)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK that a text column holds one of an enum's values.

    Spelled out: SQLite builds the list of an IN of three or more anew for each row it writes, which takes as
    long as writing it. Steps before 2026-11-23 say IN, which means the same.
    """
    listed = " OR ".join(f"{column} = '{value.value}'" for value in values)
    return CheckConstraint(listed, name=f"{column}_known")


KEPT_OPEN = 8
"""Connections a process keeps; what it needs for a moment beyond them is closed again."""


def _most() -> int:
    """How many connections a process may hold: one a thread, and one for the heartbeat of each job."""
    chosen = settings()
    return max(2 * KEPT_OPEN, chosen.web_threads, 2 * chosen.worker_threads)


@lru_cache(maxsize=8)
def _engine(url: str, reader: bool, most: int) -> Engine:
    kept = min(KEPT_OPEN, most)
    made = create_engine(
        url, hide_parameters=True, pool_size=kept, max_overflow=most - kept, pool_pre_ping=False
    )
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _sqlite_settings)
        event.listen(made, "begin", _begin_plainly if reader else _begin_immediate)
    else:
        event.listen(made, "connect", _postgresql_settings)
    return made


def _sqlite_settings(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute("PRAGMA " + pragma)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_plainly(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _postgresql_settings(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,))
        if cursor.fetchone():
            cursor.execute("SET ROLE " + APP_ROLE)
    connection.commit()


def engine() -> Engine:
    """The engine that writes."""
    return _engine(settings().database_url, False, _most())


def numberer() -> Engine:
    """The engine that gives numbers out, apart: who waits for one holds a connection already, and when all
    who hold one wait for a second, nobody ever gets it.
    """
    return _engine(settings().database_url, False, 3)


def reader() -> Engine:
    """The engine that only reads; on SQLite its transactions do not wait for a writer."""
    url = settings().database_url
    return _engine(url, url.startswith("sqlite"), _most())


def dispose() -> None:
    """Close every pooled connection (tests, forked workers)."""
    for made in (engine(), reader(), numberer()):
        made.dispose()
    _engine.cache_clear()


SCOPED = "entity_id"
"""A table with this column has row-level security on PostgreSQL."""
FEW_ROWS = 40
"""Up to here PostgreSQL is quicker without COPY, its stage and the catalogue entries that costs."""

TOGETHER = 50
"""Rows SQLite takes in one statement: it builds the lists of the CHECKs anew for each statement, which takes
as long as the row itself. Far below its limit of parameters.
"""

T = TypeVar("T")


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size` items, in order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def bulk_insert(
    db: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    fresh: bool = False,
) -> int:
    """Write many rows at once; returns how many were written, skipping those whose natural key exists.

    Rows are plain tuples: whole cents, ISO texts for days, `instant_text` for instants, JSON as text.
    SQLite takes them fifty at a time, PostgreSQL by COPY into a stage and INSERT .. SELECT.

    fresh: nobody else can have written these keys, so that PostgreSQL may COPY without the stage. A key that
    exists all the same answers 0, and the transaction can only be given up. Tables with row-level security
    take no COPY and keep the stage.
    """
    if not rows:
        return 0
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = db.connection.cursor()
    sqlite = db.dialect.name == "sqlite"
    if sqlite or len(rows) <= FEW_ROWS:
        marks = "(" + ", ".join(["?" if sqlite else "%s"] * len(columns)) + ")"
        into = f"INSERT INTO {table.name} ({names}) VALUES "  # nosec B608 - names of a declared table
        whole = len(rows) - len(rows) % TOGETHER if sqlite else 0
        written = 0
        if whole:
            together = into + ", ".join([marks] * TOGETHER) + " ON CONFLICT DO NOTHING"
            for at in range(0, whole, TOGETHER):
                cursor.execute(together, list(chain.from_iterable(rows[at : at + TOGETHER])))
                written += cursor.rowcount
        if whole < len(rows):
            cursor.executemany(f"{into}{marks} ON CONFLICT DO NOTHING", rows[whole:])
            written += cursor.rowcount
        return int(written)
    if fresh and SCOPED not in table.c:
        return _copied(cursor, f"COPY {table.name} ({names}) FROM STDIN", rows)
    stage = f"stage_{table.name}"
    shape = f"SELECT {names} FROM {table.name} WHERE false"  # nosec B608 - names of a declared table
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DROP AS {shape}")
    _copied(cursor, f"COPY {stage} ({names}) FROM STDIN", rows)
    filling = f"SELECT {names} FROM {stage}"  # nosec B608 - names of a declared table
    cursor.execute(f"INSERT INTO {table.name} ({names}) {filling} ON CONFLICT DO NOTHING")
    written = int(cursor.rowcount)
    cursor.execute(f"TRUNCATE {stage}")
    return written


def _copied(cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except UniqueViolation:
        return 0
    return len(rows)


def table_of(model: type[Base]) -> Table:
    """The table behind a declared class."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not a table")
    return table
