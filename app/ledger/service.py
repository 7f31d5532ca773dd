"""Posting to the ledger: open a batch, add transfers, close it; undo a batch; close a month."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, select, update

from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import Broken, NotAllowed, Refused, Unavailable
from app.kernel.ids import public_id
from app.kernel.limits import SQL_VARIABLES
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger import service_looks
from app.ledger.accounts import Account
from app.ledger.entry import Event, Source, Transfer
from app.ledger.models import PLACE_BITS, ClaimBalance, LedgerBatch, LedgerEntry, LedgerHead

GENESIS = "0" * 64
CHARGES = "charges"
_batch, _entry = table_of(LedgerBatch), table_of(LedgerEntry)
_head, _balance = table_of(LedgerHead), table_of(ClaimBalance)
ENTRY_COLUMNS = (
    "id",
    "entity_id",
    "event",
    "debit",
    "debit_rank",
    "credit",
    "credit_rank",
    "amount",
    "claim_id",
    "line_id",
    "remit_claim_id",
    "payer_id",
    "effective_date",
    "original_date",
    "source",
    "byte",
    "element",
    "basis",
    "reverses",
)
_LINK = "%s|%s|%s|%s.%s|%s.%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s"


def entry_digest(rows: Iterable[tuple[object, ...]]) -> bytes:
    """The joined hashes of entries, each over all its columns in the order of `ENTRY_COLUMNS`."""
    sha256 = hashlib.sha256
    return b"".join([sha256((_LINK % row).encode()).digest() for row in rows])


TOLD = ("kind", "transaction_id", "reverses_batch_id", "reason", "actor", "effective_date")
"""What a batch says of itself beside its entries; in its hash, so that nobody rewrites who posted what."""


def link(
    previous: str,
    *,
    entity_id: int,
    chain_no: int,
    source_key: str,
    recorded_at: str,
    digest: str,
    told: Mapping[str, object],
) -> str:
    """The hash of a batch: over the one before it, its names, what it says of itself, its entries' digest."""
    said = "|".join("" if told.get(name) is None else str(told[name]) for name in TOLD)
    text = f"{previous}|{entity_id}|{chain_no}|{source_key}|{recorded_at}|{digest}|{said}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class PostedBatch:
    """A closed batch."""

    id: int
    public_id: str
    entries: int
    total: Money


class Batch:
    """A posting batch being filled in one transaction; `close` seals it into the entity's chain."""

    def __init__(self, w: Work, entity_id: int, kind: str, source_key: str, effective: date, **named: object):
        self._w, self.entity_id, self.kind, self.source_key = w, entity_id, kind, source_key
        self.id = w.numbers("ledger_batch")
        self._closed = _closed_through(w, entity_id)
        self.effective = self._open(effective)[0]
        self._day = effective
        self._named = named
        self._count, self._total = 0, 0
        self._earliest = self.effective
        self._digest = hashlib.sha256()
        # New charges of the insured are nobody's business but their payer's.
        self._look = kind != CHARGES

    def add(self, transfers: Sequence[Transfer], *, days: Sequence[date] | None = None) -> list[int]:
        """Write transfers; returns their entry ids in order. Each must move money; a claim's balance follows.

        `days` are their effective days where they differ from the batch's; one that lies in a closed month
        moves to the first open day and keeps the original beside it.
        """
        if not transfers:
            return []
        first = (self.id << PLACE_BITS) + self._count
        if self._count + len(transfers) >= 1 << PLACE_BITS:
            raise Refused("A batch holds at most 16,777,215 entries.", code="batch_full")
        days = days if days is not None else [self._day] * len(transfers)
        opened = {day: self._open(day) for day in set(days)}
        self._earliest = min(self._earliest, *[day for day, _ in opened.values()])
        written = {
            day: (at.isoformat(), was.isoformat() if was else None) for day, (at, was) in opened.items()
        }
        rows = _rows(first, self.entity_id, transfers, [written[day] for day in days])
        if bulk_insert(self._w.db, _entry, ENTRY_COLUMNS, rows) != len(rows):
            raise Broken(f"ledger batch {self.source_key}: an entry was already reversed or posted")
        self._digest.update(entry_digest(rows))
        self._count += len(rows)
        self._total += sum(row[7] for row in rows)
        self._look = _move_balances(self._w, self.entity_id, transfers) or self._look
        return [row[0] for row in rows]

    def _open(self, day: date) -> tuple[date, date | None]:
        if self._closed is None or day > self._closed:
            return day, None
        return self._closed + timedelta(days=1), day

    def close(self) -> PostedBatch:
        """Link the batch to the chain of its entity and write it; nothing can be added afterwards."""
        w = self._w
        chain_no, previous = _lock_head(w, self.entity_id)
        if (closed := _closed_through(w, self.entity_id)) is not None and self._earliest <= closed:
            raise Unavailable("the month was closed while this was being posted; it is tried again")
        recorded, digest = instant_text(w.now), self._digest.hexdigest()
        told = {
            "kind": self.kind,
            "actor": w.actor.name[:80],
            "effective_date": self.effective,
            **self._named,
        }
        made = link(
            previous,
            entity_id=self.entity_id,
            chain_no=chain_no,
            source_key=self.source_key,
            recorded_at=recorded,
            digest=digest,
            told=told,
        )
        public = public_id()
        w.db.execute(
            insert(_batch).values(
                id=self.id,
                public_id=public,
                entity_id=self.entity_id,
                chain_no=chain_no,
                source_key=self.source_key,
                recorded_at=w.now,
                entries=self._count,
                total=self._total,
                digest=digest,
                previous=previous,
                hash=made,
                **told,
            )
        )
        w.db.execute(
            update(_head).where(_head.c.entity_id == self.entity_id).values(chain_no=chain_no, hash=made)
        )
        w.audit("posting", "C", "ledger_batch", public, entity_id=self.entity_id, detail={"kind": self.kind})
        if self._look:
            service_looks.after_batch(w, self.entity_id, self.id)
        return PostedBatch(self.id, public, self._count, Money(self._total))


def _rows(
    first: int, entity_id: int, transfers: Sequence[Transfer], days: Sequence[tuple[str, str | None]]
) -> list[tuple[Any, ...]]:
    """Transfers as rows in the order of `ENTRY_COLUMNS`; a negative amount swaps its sides (RGL-03).

    Enum members become plain values: drivers look up an adapter for everything else, once per value.
    """
    rows = []
    for entry_id, (one, day) in enumerate(zip(transfers, days, strict=True), start=first):
        event, debit, debit_rank, credit, credit_rank, cents, *keys, source, basis, reverses = one
        if type(event) is not str:
            event = str(event)
        if type(debit) is not int or type(credit) is not int:
            debit, credit = int(debit), int(credit)
        if cents < 0:
            sides, cents = (credit, credit_rank, debit, debit_rank), -cents
        else:
            sides = (debit, debit_rank, credit, credit_rank)
        rows.append((entry_id, entity_id, event, *sides, cents, *keys, *day, *source, int(basis), reverses))
    return rows


def _closed_through(w: Work, entity_id: int) -> date | None:
    return w.db.execute(select(_head.c.closed_through).where(_head.c.entity_id == entity_id)).scalar()


def _lock_head(w: Work, entity_id: int) -> tuple[int, str]:
    query = select(_head.c.chain_no, _head.c.hash).where(_head.c.entity_id == entity_id)
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        w.db.execute(insert(_head).values(entity_id=entity_id, chain_no=0, hash=GENESIS))
        return 1, GENESIS
    return int(row.chain_no) + 1, str(row.hash)


def _move_balances(w: Work, entity_id: int, transfers: Sequence[Transfer]) -> bool:
    """Bring the balances of claims up to date; says whether any patient's moved."""
    moved: dict[int, list[int]] = {}
    payer, patient = int(Account.AR_PAYER), int(Account.AR_PATIENT)
    for one in transfers:
        _, debit, _, credit, _, cents, claim_id, *_ = one
        if claim_id is None:
            continue
        pair = moved.get(claim_id)
        if pair is None:
            pair = moved[claim_id] = [0, 0]
        if debit == payer:
            pair[0] += cents
        elif debit == patient:
            pair[1] += cents
        if credit == payer:
            pair[0] -= cents
        elif credit == patient:
            pair[1] -= cents
    _apply(w, [(claim, entity_id, pair[0], pair[1]) for claim, pair in sorted(moved.items())])
    return any(pair[1] for pair in moved.values())


def _apply(w: Work, changes: list[tuple[int, int, int, int]]) -> None:
    """Add to the balances of claims in the order of their keys: two imports never wait for each other."""
    if not changes:
        return
    cursor = w.db.connection.cursor()
    if w.db.dialect.name == "sqlite":
        sql = (
            "INSERT INTO claim_balance (claim_id, entity_id, payer, patient) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (claim_id) DO UPDATE "
            "SET payer = payer + excluded.payer, patient = patient + excluded.patient"
        )
        cursor.executemany(sql, changes)
        return
    cursor.execute(
        "INSERT INTO claim_balance AS b (claim_id, entity_id, payer, patient) "
        "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) ON CONFLICT (claim_id) "
        "DO UPDATE SET payer = b.payer + excluded.payer, patient = b.patient + excluded.patient",
        [list(column) for column in zip(*changes, strict=True)],
    )


def rebuild_balances(w: Work, entity_id: int) -> int:
    """Drop and rebuild every claim balance of an entity from its entries (L6); returns how many claims."""
    w.db.execute(delete(_balance).where(_balance.c.entity_id == entity_id))
    rows = [
        (claim, entity_id, payer, patient) for claim, payer, patient in balances_from_entries(w, entity_id)
    ]
    return bulk_insert(w.db, _balance, ("claim_id", "entity_id", "payer", "patient"), rows)


def balances_from_entries(w: Work, entity_id: int) -> list[tuple[int, int, int]]:
    """(claim, payer cents, patient cents) of every claim with an entry, straight from the entries."""

    def side(account: int) -> ColumnElement[int]:
        debit = func.sum(case((_entry.c.debit == account, _entry.c.amount), else_=0))
        credit = func.sum(case((_entry.c.credit == account, _entry.c.amount), else_=0))
        return debit - credit

    query = (
        select(_entry.c.claim_id, side(Account.AR_PAYER), side(Account.AR_PATIENT))
        .where(_entry.c.entity_id == entity_id, _entry.c.claim_id.is_not(None))
        .group_by(_entry.c.claim_id)
    )
    return [(int(claim), int(payer), int(patient)) for claim, payer, patient in w.db.execute(query)]


def reversing_claims(w: Work, remit_claim_ids: Sequence[int]) -> dict[int, list[Transfer]]:
    """The transfers that take back what stands of these remit claims, by remit claim (R835-32)."""
    query = select(_entry).where(_entry.c.remit_claim_id.in_(remit_claim_ids)).order_by(_entry.c.id)
    rows = w.db.execute(query).all()
    followers = {row.reverses: row for row in rows if row.reverses is not None}
    found: dict[int, list[Transfer]] = {}
    for chain in _chains(rows, followers):
        if len(chain) % 2:
            found.setdefault(int(chain[-1].remit_claim_id), []).append(_reversed(chain[-1]))
    return found


def _chains(rows: Iterable[Any], followers: Mapping[int, Any]) -> Iterator[list[Any]]:
    """Each entry with what took it back, what took that back, and so on; an odd number of them stands."""
    seen: set[int] = set()
    for row in rows:
        if row.id in seen:
            continue
        chain = [row]
        while (after := followers.get(chain[-1].id)) is not None:
            chain.append(after)
        seen.update(one.id for one in chain)
        yield chain


def _reversed(row: Any) -> Transfer:
    source = Source(row.source, row.byte, row.element)
    keys = (row.claim_id, row.line_id, row.remit_claim_id, row.payer_id)
    debit, credit = (row.credit, row.credit_rank), (row.debit, row.debit_rank)
    return Transfer(Event.REVERSAL, *debit, *credit, int(row.amount), *keys, source, row.basis, row.id)


def undo_transaction(
    w: Work, entity_id: int, transaction_id: int, *, reason: str, effective: date, posting: int
) -> PostedBatch:
    """Take back all that a transaction posted, later releases of parked claims included, in one batch.

    Refused while a later remit or a person has taken back part of it by another batch.
    """
    ids = select(_batch.c.id).where(
        _batch.c.entity_id == entity_id, _batch.c.transaction_id == transaction_id
    )
    batches = {int(one) for one in w.db.execute(ids).scalars()}
    transfers = [_reversed(row) for row in _standing(w, batches)]
    named = dict(reverses_batch_id=min(batches), reason=reason[:200], transaction_id=transaction_id)
    batch = Batch(w, entity_id, "undo", f"undo:{transaction_id}:{posting}", effective, **named)
    batch.add([one._replace(event=Event.UNDO) for one in transfers])
    return batch.close()


def _standing(w: Work, batches: set[int]) -> list[Any]:
    """The entries to take back so that nothing of these batches stands.

    What they had taken back themselves stands again; what another batch took back, and gave back, as well.
    """
    own: dict[int, Any] = {}
    followers: dict[int, Any] = {}
    for batch_id in sorted(batches):
        first, last = batch_id << PLACE_BITS, (batch_id + 1) << PLACE_BITS
        for row in w.db.execute(select(_entry).where(_entry.c.id >= first, _entry.c.id < last)):
            own[row.id] = row
        taken = select(_entry).where(_entry.c.reverses >= first, _entry.c.reverses < last)
        followers |= {row.reverses: row for row in w.db.execute(taken)}
    strange = [row.id for row in followers.values() if row.id not in own]
    while strange:
        later: list[Any] = []
        for chunk in in_chunks(strange, SQL_VARIABLES // 2):
            later += w.db.execute(select(_entry).where(_entry.c.reverses.in_(chunk))).all()
        followers |= {row.reverses: row for row in later}
        strange = [row.id for row in later if row.id not in own]
    standing = []
    for chain in _chains((own[key] for key in sorted(own)), followers):
        ours = sum(one.id in own for one in chain)
        if (len(chain) - ours) % 2:
            words = "A later remit or a person already took back part of this posting. Undo that first."
            raise NotAllowed(words, code="undo_order")
        if ours % 2:
            standing.append(chain[-1])
    return standing


def close_month(w: Work, entity_id: int, through: date) -> None:
    """Close every day up to and including `through`: later postings for them move to the first open day."""
    chain_no, _ = _lock_head(w, entity_id)
    closed = _closed_through(w, entity_id)
    if closed is not None and through <= closed:
        raise NotAllowed("These days are already closed.", code="already_closed")
    w.db.execute(update(_head).where(_head.c.entity_id == entity_id).values(closed_through=through))
    w.audit("close", "U", "ledger", through.isoformat(), entity_id=entity_id, detail={"chain": chain_no})
