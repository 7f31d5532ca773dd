"""The lists `export` writes: name -> (columns, rows), read set-wise with flat memory."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from app.denials.queries_exports import (
    export_denials,
    export_entries,
    export_exceptions,
    export_lines,
)
from app.denials.queries_figures import export_claims, tax_ids
from app.entities import queries as entities
from app.kernel.export import Column, Kind
from app.kernel.work import Work
from app.ledger.queries import trial_balance

Table = Callable[[Work, date | None], tuple[list[Column], Iterator[Any]]]
BALANCE = [
    Column("entity", "entity"),
    Column("entity_name", "entity_name"),
    Column("account", "account", Kind.CODE),
    Column("name", "name"),
    Column("debit", "debit", Kind.MONEY),
    Column("credit", "credit", Kind.MONEY),
    Column("balance", "balance", Kind.MONEY),
]


def export_trial_balance(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[Any]]:
    """Debit, credit and balance of every account of every entity, named by its tax id as in every export."""
    numbers = tax_ids(w)
    named = {one.public_id: numbers.get(one.id, one.name) for one in entities.practices(w)}
    rows = trial_balance(w, as_of=as_of).rows
    return BALANCE, (
        {
            "entity": named[row.entity_public],
            "entity_name": row.entity,
            "account": row.account,
            "name": row.name,
            "debit": row.debit,
            "credit": row.credit,
            "balance": row.balance,
        }
        for row in rows
    )


TABLES: dict[str, Table] = {
    "claims": export_claims,
    "lines": export_lines,
    "denials": export_denials,
    "exceptions": export_exceptions,
    "entries": export_entries,
    "trial-balance": export_trial_balance,
}
