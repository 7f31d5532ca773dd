"""Reads of the ledger's journal: batches, entries, the entries of one claim with what stays open.

Debit is positive, credit negative.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.entities.models import Entity
from app.kernel import typed
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.ledger.accounts import NAMES, Account
from app.ledger.entry import Event
from app.ledger.models import PLACE_BITS, LedgerBatch, LedgerEntry
from app.ledger.models import batch_of as batch_of_entry
from app.payers.models import Payer

_batch, _entry = table_of(LedgerBatch), table_of(LedgerEntry)
_entity, _payer = table_of(Entity), table_of(Payer)
batch_of = batch_of_entry(_entry.c.id)
"""The batch of an entry, as SQL."""

BATCH_SORTS = {
    "recorded": Sort(_batch.c.id, descending=True),
    "effective": Sort(_batch.c.effective_date, descending=True),
    "entries": Sort(_batch.c.entries, descending=True),
    "total": Sort(_batch.c.total, descending=True),
}
BATCH_FILTERS = ("entity", "kind", "from", "to", "known")
ENTRY_SORTS = {
    "recorded": Sort(_entry.c.id, descending=True),
    "effective": Sort(_entry.c.effective_date, descending=True),
    "amount": Sort(_entry.c.amount, descending=True),
}
ENTRY_FILTERS = ("entity", "account", "side", "event", "claim", "from", "to", "batch", "known")


def read_day(text: str, field: str) -> date | None:
    """A day as filters write it, `2026-01-31` or `t+14` from today in UTC; None when it is empty, `Refused`
    when it cannot be read.
    """
    return typed.read_day(text, field, now().date()) if text.strip() else None


def read_instant(text: str, field: str) -> datetime | None:
    """A moment as filters write it, with its offset or in UTC: `2026-01-31T17:00`; None when it is empty.

    A minute written without seconds means all of it, a day alone all of that day.
    """
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        words = "A moment is written 2026-01-31T17:00, in UTC."
        raise Refused(words, code="instant_unreadable", field=field) from None
    if found is None:
        return None
    rest = {10: timedelta(days=1), 16: timedelta(minutes=1)}.get(len(text))
    through = found + rest - timedelta(microseconds=1) if rest else found
    return through if through.tzinfo else through.replace(tzinfo=UTC)


# ---------------------------------------------------------------- batches


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A posting batch: a link of its entity's chain. `transaction_id` and `source_key` say what caused it."""

    id: int
    public_id: str
    entity: str
    chain_no: int
    kind: str
    source_key: str
    transaction_id: int | None
    reverses_batch_id: int | None
    reason: str | None
    actor: str
    recorded_at: datetime
    effective_date: date
    entries: int
    total: Money
    digest: str
    previous: str
    hash: str
    time_zone: str

    @property
    def short(self) -> str:
        """The hash as people compare it."""
        return self.hash[:12]


_BATCH = ("id", "public_id", "chain_no", "kind", "source_key", "transaction_id", "reverses_batch_id",
          "reason", "actor", "recorded_at", "effective_date", "entries", "total", "digest", "previous",
          "hash")  # fmt: skip


def _batch_columns() -> list[Any]:
    return [*(_batch.c[name] for name in _BATCH), _entity.c.name.label("entity"), _entity.c.time_zone]


def _batch_row(row: Row[Any]) -> BatchRow:
    return BatchRow(**{name: getattr(row, name) for name in (*_BATCH, "entity", "time_zone")})


def _batches(w: Work, ask: Ask) -> Select[Any]:
    found = [w.within(_batch.c.entity_id)]
    if ask.get("entity"):
        found.append(_entity.c.public_id == ask.get("entity"))
    if ask.get("kind"):
        found.append(_batch.c.kind == ask.get("kind"))
    if (first := read_day(ask.get("from"), "from")) is not None:
        found.append(_batch.c.effective_date >= first)
    if (last := read_day(ask.get("to"), "to")) is not None:
        found.append(_batch.c.effective_date <= last)
    if (known := read_instant(ask.get("known"), "known")) is not None:
        found.append(_batch.c.recorded_at <= known)
    joined = select(*_batch_columns()).select_from(_batch).join(_entity, _entity.c.id == _batch.c.entity_id)
    return joined.where(*found)


def batches(w: Work, ask: Ask) -> Slice[BatchRow]:
    """Batches by keyset, newest first by default."""
    return page(w.db, _batches(w, ask), ask, sorts=BATCH_SORTS, key=_batch.c.id, row=_batch_row)


def batch_kinds(w: Work) -> list[str]:
    """The kinds of batches there are."""
    query = select(_batch.c.kind).where(w.within(_batch.c.entity_id)).distinct().order_by(_batch.c.kind)
    return list(w.db.execute(query).scalars())


def batch(w: Work, public_id: str) -> BatchRow:
    """One batch; `NotFound` when there is none or it is another entity's."""
    query = _batches(w, Ask("recorded")).where(_batch.c.public_id == public_id)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such posting batch.")
    return _batch_row(row)


def related(w: Work, one: BatchRow) -> list[BatchRow]:
    """The batches that take this one back, and the one it takes back."""
    ids = or_(_batch.c.reverses_batch_id == one.id, _batch.c.id == (one.reverses_batch_id or 0))
    return [
        _batch_row(row) for row in w.db.execute(_batches(w, Ask("recorded")).where(ids).order_by(_batch.c.id))
    ]


# ---------------------------------------------------------------- entries


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One transfer. `reference` names it outside: its batch's public id and its place in it, from 1.

    `source` is the address the amount was read from, `byte` the place of its segment in the file, `element`
    the one that holds it. The ids are for whoever names claims and remits; they stay inside.
    """

    id: int
    entity: str
    batch: str
    chain_no: int
    kind: str
    recorded_at: datetime
    event: str
    debit: int
    debit_rank: int
    credit: int
    credit_rank: int
    amount: Money
    effective_date: date
    original_date: date | None
    claim_id: int | None
    remit_claim_id: int | None
    payer: str | None
    source: int
    byte: int
    element: int
    basis: int
    reverses: int | None
    actor: str

    @property
    def reference(self) -> str:
        """How others name it."""
        return f"{self.batch}-{self.id % (1 << PLACE_BITS) + 1}"

    @property
    def segment(self) -> int:
        """The segment of the file it was read from."""
        return (self.source >> 3) % (1 << 32)


_ENTRY = ("id", "event", "debit", "debit_rank", "credit", "credit_rank", "amount", "effective_date",
          "original_date", "claim_id", "remit_claim_id", "source", "byte", "element", "basis",
          "reverses")  # fmt: skip
_NAMED = ("entity", "batch", "chain_no", "kind", "recorded_at", "payer", "actor")


def account_name(number: int, rank: int = 0) -> str:
    """`1100 Payer receivable`, with the payer's rank where it matters."""
    whose = {2: " (secondary)", 3: " (tertiary)"}.get(rank, "")
    return f"{number} {NAMES.get(number, 'Unknown account')}{whose}"


def _entry_columns() -> list[Any]:
    named = (
        _entity.c.name,
        _batch.c.public_id,
        _batch.c.chain_no,
        _batch.c.kind,
        _batch.c.recorded_at,
        _payer.c.name,
        _batch.c.actor,
    )
    return [
        *(_entry.c[name] for name in _ENTRY),
        *(column.label(label) for label, column in zip(_NAMED, named, strict=True)),
    ]


def _entry_row(row: Row[Any]) -> EntryRow:
    return EntryRow(**{name: getattr(row, name) for name in (*_ENTRY, *_NAMED)})


def _entries(w: Work, ask: Ask, claim_ids: Collection[int] | None) -> Select[Any]:
    joined = (
        select(*_entry_columns())
        .select_from(_entry)
        .join(_batch, _batch.c.id == batch_of)
        .join(_entity, _entity.c.id == _entry.c.entity_id)
        .outerjoin(_payer, _payer.c.id == _entry.c.payer_id)
    )
    return joined.where(*_which(w, ask, claim_ids))


def _which(w: Work, ask: Ask, claim_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    """The entries a filter means; all but `known` speak of the entry alone."""
    found: list[ColumnElement[bool]] = [w.within(_entry.c.entity_id)]
    if claim_ids is not None:
        found.append(_entry.c.claim_id.in_(claim_ids))
    if ask.get("entity"):
        own = select(_entity.c.id).where(_entity.c.public_id == ask.get("entity"))
        found.append(_entry.c.entity_id == own.scalar_subquery())
    if ask.get("account"):
        number = _account(ask.get("account"))
        sides = {"debit": _entry.c.debit == number, "credit": _entry.c.credit == number}
        found.append(sides.get(ask.get("side"), or_(*sides.values())))
        # A transfer between two payers of one claim leaves its account as it was.
        found.append(_entry.c.debit != _entry.c.credit)
    if ask.get("event"):
        found.append(_entry.c.event == ask.get("event"))
    if (first := read_day(ask.get("from"), "from")) is not None:
        found.append(_entry.c.effective_date >= first)
    if (last := read_day(ask.get("to"), "to")) is not None:
        found.append(_entry.c.effective_date <= last)
    if ask.get("batch"):
        found.append(_in_batch(w, ask.get("batch")))
    if (known := read_instant(ask.get("known"), "known")) is not None:
        found.append(_batch.c.recorded_at <= known)
    return found


def _account(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) not in NAMES:
        raise Refused("There is no such account.", code="unknown_account", field="account")
    return int(text)


def _in_batch(w: Work, public_id: str) -> ColumnElement[bool]:
    """The entries of a batch are a range of keys."""
    first = batch(w, public_id).id << PLACE_BITS
    return and_(_entry.c.id >= first, _entry.c.id < first + (1 << PLACE_BITS))


def entries(w: Work, ask: Ask, *, claim_ids: Collection[int] | None = None) -> Slice[EntryRow]:
    """Entries by keyset, last recorded first by default; `claim_ids` narrows them to these claims."""
    query = _entries(w, ask, claim_ids)
    return page(w.db, query, ask, sorts=ENTRY_SORTS, key=_entry.c.id, row=_entry_row)


@dataclass(frozen=True, slots=True)
class EntryTotals:
    """What a filter selects: how many entries, and with an account what they debit and credit it."""

    count: int
    total: Money
    debit: Money
    credit: Money


def entry_totals(w: Work, ask: Ask, *, claim_ids: Collection[int] | None = None) -> EntryTotals:
    """The totals of the whole list, not of one page; of the whole ledger they stand on its batches."""
    if not ask.filters and claim_ids is None:
        whole = select(func.sum(_batch.c.entries), func.sum(_batch.c.total)).where(
            w.within(_batch.c.entity_id)
        )
        count, total = w.db.execute(whole).one()
        return EntryTotals(int(count or 0), _money(total), _money(0), _money(0))
    number = _account(ask.get("account")) if ask.get("account") else 0
    amount = _entry.c.amount
    sums = [func.sum(amount), func.sum(amount).filter(_entry.c.debit == number),
            func.sum(amount).filter(_entry.c.credit == number)]  # fmt: skip
    query = select(func.count(), *sums).select_from(_entry)
    if ask.get("known"):
        query = query.join(_batch, _batch.c.id == batch_of)
    query = query.where(*_which(w, ask, claim_ids))
    row = w.db.execute(query).one()
    return EntryTotals(int(row[0]), *(_money(cents) for cents in row[1:]))


def _money(cents: Any) -> Money:
    return Money.of_sum(int(cents or 0))


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """An entry of a claim, and what payers and the patient owe after it."""

    entry: EntryRow
    payer_after: Money
    patient_after: Money


def claim_entries(w: Work, claim_id: int) -> list[ClaimEntry]:
    """All entries of a claim in the order they were recorded, with the running payer and patient balance."""
    query = _entries(w, Ask("recorded"), (claim_id,)).order_by(_entry.c.id)
    return list(_running(_entry_row(row) for row in w.db.execute(query)))


def _running(found: Iterable[EntryRow]) -> Iterable[ClaimEntry]:
    payer = patient = Money(0)
    for one in found:
        payer += _moved(one, Account.AR_PAYER)
        patient += _moved(one, Account.AR_PATIENT)
        yield ClaimEntry(one, payer, patient)


def _moved(one: EntryRow, account: int) -> int:
    return (int(one.amount) if one.debit == account else 0) - (
        int(one.amount) if one.credit == account else 0
    )


EVENTS = tuple(event.value for event in Event)
