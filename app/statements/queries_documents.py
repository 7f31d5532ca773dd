"""Statements and letters as issued: the lists of the screens, one of them, those of an account, an export."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, Table, func, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, Sorts, page
from app.kernel.typed import read_day
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.patients.queries_guarantors import seen_of
from app.statements.models import CollectionLetter, Statement

_entity, _guarantor = table_of(Entity), table_of(Guarantor)
_statement, _letter = table_of(Statement), table_of(CollectionLetter)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A statement or letter as issued. kind: statement, itemised_bill, or the name of a letter."""

    id: int
    public_id: str
    entity_id: int
    account_id: int
    account: str
    account_number: str
    name: str
    number: str
    kind: str
    stage: str
    day: date
    amount: Money
    language: str
    way: str
    state: str
    template: str
    sha256: str
    facts_hash: str
    file_no: int
    pages: int
    reason: str


def _sorts(table: Table) -> dict[str, Sort]:
    return {
        "day": Sort(table.c.day, descending=True),
        "number": Sort(table.c.number, descending=True),
        "amount": Sort(table.c.amount, descending=True),
    }


DOCUMENT_SORTS: Sorts = _sorts(_statement)
LETTER_SORTS: Sorts = _sorts(_letter)
DOCUMENT_FILTERS = ("entity", "account", "kind", "stage", "language", "way", "state", "from", "to", "number")
DOCUMENT_COLUMNS = [
    Column("number", "Number", Kind.CODE, sort="number"),
    Column("day", "Day", Kind.DAY, sort="day"),
    Column("account_number", "Account", Kind.CODE),
    Column("name", "Guarantor"),
    Column("kind", "Kind"),
    Column("stage", "Stage", Kind.STATE),
    Column("amount", "Asked for", Kind.MONEY, sort="amount"),
    Column("language", "Language"),
    Column("way", "Way"),
    Column("state", "State", Kind.STATE),
    Column("sha256", "SHA-256", Kind.CODE),
]
_SAME = ("id", "public_id", "entity_id", "account_id", "number", "stage", "day", "amount", "language", "way",
         "state", "template", "sha256", "facts_hash", "file_no", "pages")  # fmt: skip


def _documents(w: Work, letters: bool) -> Select[Any]:
    table = _letter if letters else _statement
    more = (
        (_letter.c.letter.label("kind"), _letter.c.reason)
        if letters
        else (_statement.c.kind, _statement.c.number.label("reason"))
    )
    named = (_guarantor.c.public_id.label("account"), _guarantor.c.number.label("account_number"),
             _guarantor.c.last, _guarantor.c.first)  # fmt: skip
    joined = select(*(table.c[name] for name in _SAME), *more, *named)
    return joined.join(_guarantor, _guarantor.c.id == table.c.account_id).where(w.within(table.c.entity_id))


def _document_row(row: Row[Any]) -> DocumentRow:
    name = f"{row.last}, {row.first}" if row.first else row.last
    same = {key: getattr(row, key) for key in (*_SAME, "kind", "account", "account_number")}
    return DocumentRow(**same, name=name, reason="" if row.reason == row.number else row.reason)


def _filtered(w: Work, ask: Ask, letters: bool) -> Select[Any]:
    query, table = _documents(w, letters), _letter if letters else _statement
    if ask.get("entity"):
        wanted = select(_entity.c.id).where(_entity.c.public_id == ask.get("entity"))
        query = query.where(table.c.entity_id.in_(wanted))
    kind = _letter.c.letter if letters else _statement.c.kind
    plain = (("account", _guarantor.c.public_id), ("kind", kind), ("stage", table.c.stage),
             ("language", table.c.language), ("way", table.c.way), ("state", table.c.state))  # fmt: skip
    for name, column in plain:
        if ask.get(name):
            query = query.where(column == ask.get(name))
    if text := ask.get("number").upper():
        # What people read from the paper in their hand: the document's number, or the account's.
        query = query.where((table.c.number == text) | (_guarantor.c.number == text))
    if ask.get("from"):
        query = query.where(table.c.day >= read_day(ask.get("from"), "from", w.now.date()))
    if ask.get("to"):
        query = query.where(table.c.day <= read_day(ask.get("to"), "to", w.now.date()))
    return query


def statements(w: Work, ask: Ask) -> Slice[DocumentRow]:
    """Statements and itemised bills as issued, the newest first."""
    return _listed(w, ask, letters=False)


def letters(w: Work, ask: Ask) -> Slice[DocumentRow]:
    """Collection letters as issued, the newest first; kind is the name of the letter."""
    return _listed(w, ask, letters=True)


def _listed(w: Work, ask: Ask, *, letters: bool) -> Slice[DocumentRow]:
    table = _letter if letters else _statement
    sorts = LETTER_SORTS if letters else DOCUMENT_SORTS
    found = page(w.db, _filtered(w, ask, letters), ask, sorts=sorts, key=table.c.id, row=_document_row)
    seen, kind = seen_of(w, [one.account for one in found.rows]), "letters" if letters else "statements"
    w.audit(f"{kind}.list", "R", table.name, patients=seen, detail={"rows": len(found.rows)})
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """What a list of documents comes to, over all its pages."""

    rows: int
    amount: Money


def document_totals(w: Work, ask: Ask, *, letters: bool) -> Totals:
    """How many documents fit the filters, and what they ask for."""
    inner = _filtered(w, ask, letters).subquery()
    count, cents = w.db.execute(select(func.count(), func.coalesce(func.sum(inner.c.amount), 0))).one()
    return Totals(int(count), Money(int(cents)))


def document(w: Work, public_id: str) -> DocumentRow:
    """One statement, itemised bill or letter; `NotFound` when there is none of yours."""
    for letters in (False, True):
        table = _letter if letters else _statement
        row = w.db.execute(_documents(w, letters).where(table.c.public_id == public_id)).one_or_none()
        if row is not None:
            return _document_row(row)
    raise NotFound("There is no such document.")


def of_accounts(w: Work, account_ids: Collection[int]) -> dict[int, list[DocumentRow]]:
    """Every document accounts got, the newest first. The caller notes what it told."""
    found: dict[int, list[DocumentRow]] = {}
    for letters in (False, True):
        table = _letter if letters else _statement
        for row in w.db.execute(_documents(w, letters).where(table.c.account_id.in_(list(account_ids)))):
            found.setdefault(row.account_id, []).append(_document_row(row))
    return {key: sorted(rows, key=lambda one: (one.day, one.number), reverse=True) for key, rows in
            found.items()}  # fmt: skip


def export_statements(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[DocumentRow]]:
    """Every statement, for `export statements`; as_of: issued up to and on that day."""
    query = _documents(w, letters=False)
    if as_of is not None:
        query = query.where(_statement.c.day <= as_of)
    rows = w.db.execute(query.order_by(_statement.c.id))
    w.audit("statements.export", "R", "statement")
    return DOCUMENT_COLUMNS, (_document_row(row) for row in rows)
