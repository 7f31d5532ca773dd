"""The lists `export` writes: name -> (columns, rows), read set-wise with flat memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.denials.queries_exports import (
    export_denials,
    export_entries,
    export_exceptions,
    export_lines,
)
from app.denials.queries_figures import CHUNK, ClaimExport, export_claims, tax_ids
from app.entities import queries as entities
from app.flows.export_answers import export_rejections, export_silent
from app.flows.export_rebills import export_rebills
from app.kernel.db import in_chunks
from app.kernel.export import Column, Kind
from app.kernel.work import Work
from app.ledger.queries import trial_balance
from app.payments.queries_list import export_payments
from app.rebill.queries_batches import export_batches
from app.underpayments.queries_exports import Expected, export_underpayments, of_claims

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


@dataclass(frozen=True, slots=True)
class _PricedClaim:
    """A claim of the list with what its contract owed."""

    claim: ClaimExport
    priced: Expected


def _claim_column(column: Column) -> Column:
    return replace(column, value=lambda row: column.of(row.claim))


EXPECTED = [
    Column("expected", "expected", Kind.MONEY, value=lambda row: row.priced.expected),
    Column("variance", "variance", Kind.MONEY, value=lambda row: row.priced.variance),
]


def export_priced_claims(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[Any]]:
    """Every claim with its figures, what its contract owed and how far the first payer fell short of it.

    Both are empty where no contract prices the claim.
    """
    columns, rows = export_claims(w, as_of)
    return [*map(_claim_column, columns), *EXPECTED], _priced(w, rows, as_of)


def _priced(w: Work, rows: Iterator[ClaimExport], as_of: date | None) -> Iterator[_PricedClaim]:
    for chunk in in_chunks(rows, CHUNK):
        found = of_claims(w, [row.figures.claim_id for row in chunk], as_of)
        for row in chunk:
            yield _PricedClaim(row, found.get(row.figures.claim_id, Expected(None, None)))


TABLES: dict[str, Table] = {
    "claims": export_priced_claims,
    "underpayments": export_underpayments,
    "lines": export_lines,
    "denials": export_denials,
    "exceptions": export_exceptions,
    "entries": export_entries,
    "trial-balance": export_trial_balance,
    "rejections": export_rejections,
    "silent-claims": export_silent,
    "batches": export_batches,
    "rebills": export_rebills,
    "payments": export_payments,
}
