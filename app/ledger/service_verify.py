"""Proving the ledger: every link, every entry, every balance, from the rows alone (L1, N2).

A problem names its place; nothing is repaired. Reads in order of keys, flat memory.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.entities.models import Entity
from app.kernel.db import instant_text, table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import NAMES
from app.ledger.models import PLACE_BITS, ClaimBalance, LedgerBatch, LedgerEntry, LedgerHead, batch_of
from app.ledger.service import ENTRY_COLUMNS, GENESIS, TOLD, balances_from_entries, entry_digest, link

_batch, _entry = table_of(LedgerBatch), table_of(LedgerEntry)
_head, _balance, _entity = table_of(LedgerHead), table_of(ClaimBalance), table_of(Entity)
CHUNK = 20_000


@dataclass(frozen=True)
class Problem:
    """Something that should not be: where, and what in words. Places are ids, never names."""

    place: str
    words: str


def verify_entity(w: Work, entity_id: int) -> Iterator[Problem]:
    """Every problem in one entity's ledger: chain, digests, entries, reversals, open items."""
    yield from _chain(w, entity_id)
    yield from _strangers(w, entity_id)
    yield from _reversals(w, entity_id)
    yield from _open_items(w, entity_id)


def entity_ids(w: Work) -> list[int]:
    """The entities whose ledger can be proven."""
    return list(
        w.db.execute(select(_entity.c.id).where(w.within(_entity.c.id)).order_by(_entity.c.id)).scalars()
    )


def _chain(w: Work, entity_id: int) -> Iterator[Problem]:
    expected, previous = 1, GENESIS
    query = select(_batch).where(_batch.c.entity_id == entity_id).order_by(_batch.c.chain_no)
    for row in w.db.execute(query).all():
        place = f"batch {row.public_id} (number {row.chain_no} of entity {entity_id})"
        if row.chain_no != expected:
            yield Problem(place, f"follows number {expected - 1}: a batch is missing or was put in")
        if row.previous != previous:
            yield Problem(place, "does not link to the batch before it")
        digest, entries, total = _contents(w, row.id)
        if entries != row.entries or total != int(row.total):
            yield Problem(
                place, f"says {row.entries} entries for {row.total}; {entries} for {Money(total)} are there"
            )
        if digest != row.digest:
            yield Problem(place, "an entry was changed, added or removed")
        named = dict(entity_id=entity_id, chain_no=row.chain_no, source_key=row.source_key)
        told = {name: row._mapping[name] for name in TOLD}
        if row.hash != link(
            row.previous, recorded_at=instant_text(row.recorded_at), digest=row.digest, told=told, **named
        ):
            yield Problem(place, "its hash is not that of its contents")
        expected, previous = row.chain_no + 1, row.hash
    head = w.db.execute(select(_head).where(_head.c.entity_id == entity_id)).one_or_none()
    if (head is None and expected > 1) or (
        head is not None and (head.chain_no, head.hash) != (expected - 1, previous)
    ):
        yield Problem(
            f"entity {entity_id}", "the end of the chain is not the last batch: batches are missing"
        )


def _contents(w: Work, batch_id: int) -> tuple[str, int, int]:
    """(digest, number of entries, cents) of what a batch holds now."""
    digest, count, total = hashlib.sha256(), 0, 0
    after, last = batch_id << PLACE_BITS, (batch_id + 1) << PLACE_BITS
    columns = [_entry.c[name] for name in ENTRY_COLUMNS]
    at = after - 1
    while True:
        query = (
            select(*columns).where(_entry.c.id > at, _entry.c.id < last).order_by(_entry.c.id).limit(CHUNK)
        )
        rows = [_as_written(row) for row in w.db.execute(query)]
        if not rows:
            return digest.hexdigest(), count, total
        digest.update(entry_digest(rows))
        count += len(rows)
        total += sum(row[7] for row in rows)
        at = rows[-1][0]


def _as_written(row: Any) -> tuple[Any, ...]:
    values = list(row)
    values[7] = int(values[7])
    values[12] = values[12].isoformat()
    values[13] = values[13].isoformat() if values[13] else None
    return tuple(values)


def _strangers(w: Work, entity_id: int) -> Iterator[Problem]:
    """Entries of no batch of this entity, with accounts nobody knows, or that move nothing."""
    bad = or_(
        _entry.c.amount <= 0,
        and_(_entry.c.debit == _entry.c.credit, _entry.c.debit_rank == _entry.c.credit_rank),
        _entry.c.debit.not_in(list(NAMES)),
        _entry.c.credit.not_in(list(NAMES)),
    )
    for entry_id in w.db.execute(select(_entry.c.id).where(_entry.c.entity_id == entity_id, bad)).scalars():
        yield Problem(f"entry {entry_id}", "does not move money from one known account to another")
    known = {
        int(one) for one in w.db.execute(select(_batch.c.id).where(_batch.c.entity_id == entity_id)).scalars()
    }
    query = select(batch_of(_entry.c.id)).where(_entry.c.entity_id == entity_id).distinct()
    found = w.db.execute(query).scalars()
    for batch_id in sorted({int(one) for one in found} - known):
        yield Problem(f"entries {batch_id << PLACE_BITS} and on", "belong to no batch of this entity")


def _reversals(w: Work, entity_id: int) -> Iterator[Problem]:
    """A reversing entry takes back exactly what it names: same amount, sides swapped, same claim."""
    other = _entry.alias("original")
    differs = or_(
        other.c.id.is_(None),
        other.c.amount != _entry.c.amount,
        other.c.debit != _entry.c.credit,
        other.c.credit != _entry.c.debit,
        func.coalesce(other.c.claim_id, 0) != func.coalesce(_entry.c.claim_id, 0),
    )
    query = select(_entry.c.id).outerjoin(other, other.c.id == _entry.c.reverses)
    query = query.where(_entry.c.entity_id == entity_id, _entry.c.reverses.is_not(None), differs)
    for entry_id in w.db.execute(query).scalars():
        yield Problem(f"entry {entry_id}", "does not take back exactly the entry it names")


def _open_items(w: Work, entity_id: int) -> Iterator[Problem]:
    """The control accounts equal their open items: claim balances are what the entries say (RGL-02)."""
    query = select(_balance.c.claim_id, _balance.c.payer, _balance.c.patient).where(
        _balance.c.entity_id == entity_id
    )
    kept = {row.claim_id: (int(row.payer), int(row.patient)) for row in w.db.execute(query)}
    for claim_id, payer, patient in balances_from_entries(w, entity_id):
        if kept.pop(claim_id, (0, 0)) != (payer, patient):
            yield Problem(f"claim {claim_id}", "its open balance is not what its entries add up to")
    for claim_id in sorted(key for key, pair in kept.items() if pair != (0, 0)):
        yield Problem(f"claim {claim_id}", "has an open balance without any entry")
