"""A million open cases from a few hundred: rows of the example world, copied inside PostgreSQL.

Each copy is shifted: its keys by a constant far above every key in use, its public ids and other unique texts
by a hash. What is shared (entities, payers, people, remits, batches) stays one. Amounts, dates and states
keep the mix of the world, so plans meet the same distribution as in an installation that grew.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    String,
    Table,
    UniqueConstraint,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)

SHIFT = 1 << 48
SHARED = frozenset(
    {
        *("entity_id", "payer_id", "remit_id", "transaction_id", "batch_id", "file_id", "owner_id"),
        *("person_id", "schedule_id", "fee_row_id", "pattern_id", "project_id", "answer_id"),
    }
)
"""Keys that point to what is not copied."""


def multiply(db: Connection, tables: Iterable[Table], times: int, *, chosen: Any = None) -> dict[str, int]:
    """Copy the rows of these tables `times` times over; returns how many rows each has then.

    chosen: keys of the claims whose rows are copied; every table here has `claim_id`, or is claim or patient.
    """
    copied = list(tables)
    numbers = select(func.generate_series(1, times).label("n")).subquery()
    for table in copied:
        names = [column.name for column in table.columns]
        query = select(*(_shifted(table, column, numbers.c.n) for column in table.columns))
        query = query.select_from(table.join(numbers, literal(True)))
        if chosen is not None:
            query = query.where(_of(table, chosen))
        db.execute(insert(table).from_select(names, query))
    for table in copied:
        # A name of a declared table, in a statement that takes no parameters.
        db.execute(text(f"ANALYZE {table.name}"))
    return {
        table.name: int(db.execute(select(func.count()).select_from(table)).scalar_one()) for table in copied
    }


def _of(table: Table, chosen: Any) -> Any:
    if table.name == "claim":
        return table.c.id.in_(select(chosen.c.claim_id))
    if table.name == "patient":
        return table.c.id.in_(select(chosen.c.patient_id))
    return table.c.claim_id.in_(select(chosen.c.claim_id))


def _shifted(table: Table, column: Column[Any], n: Any) -> Any:
    if column.name in SHARED:
        return column
    if _is_key(column):
        return column + cast(n, BigInteger) * SHIFT
    if isinstance(column.type, String) and _is_unique(table, column) and not column.name.startswith("state"):
        length = min(column.type.length or 32, 32)
        return func.substr(func.md5(column + cast(n, String)), 1, length)
    return column


def _is_key(column: Column[Any]) -> bool:
    named = column.name in ("id", "address", "source") or column.name.endswith("_id")
    return named and not isinstance(column.type, String)


def _is_unique(table: Table, column: Column[Any]) -> bool:
    sets = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    sets += [one.columns for one in table.indexes if one.unique]
    keyed = [found for found in sets if column.name in found]
    # A key beside it makes the row unique already: then the text keeps its meaning.
    return any(not any(_is_key(other) and other.name not in SHARED for other in found) for found in keyed)
