"""`verify` finds whatever somebody changes in the books behind the product's back (L1)."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.documents.models import StoredFile
from app.flows.verify import verify
from app.kernel.clock import now
from app.kernel.db import engine, table_of
from app.kernel.work import Work, system
from tests import books
from tests.conftest import House
from tests.faults import month

TIMES = 200
GUARDS = {
    "sqlite": [
        f"DROP TRIGGER {table}_no_{doing}"
        for table in ("ledger_batch", "ledger_entry")
        for doing in ("update", "delete", "replace")
    ],
    "postgresql": [
        "RESET ROLE",
        "SELECT set_config('reclaim.scope', '*', true)",
        *(f"DROP TRIGGER {table}_append_only ON {table}" for table in ("ledger_batch", "ledger_entry")),
    ],
}
_stored = table_of(StoredFile)
Corruption = Callable[[Connection, random.Random], None]


def sql(db: Connection, statement: str, **values: Any) -> Any:
    return db.execute(text(statement), values)


def pick(db: Connection, dice: random.Random, query: str) -> Any:
    """One row of a query, by the dice."""
    return dice.choice(sql(db, query + " ORDER BY 1").all())


def change(table: str, column: str, expression: str, *, where: str = "1 = 1") -> Corruption:
    """A corruption of one column of one row."""

    def corrupt(db: Connection, dice: random.Random) -> None:
        key = "entity_id" if table == "ledger_head" else "claim_id" if table == "claim_balance" else "id"
        [row] = [pick(db, dice, f"SELECT {key} FROM {table} WHERE {where}")]
        done = sql(db, f"UPDATE {table} SET {column} = {expression} WHERE {key} = :key", key=row[0])
        assert done.rowcount == 1

    return corrupt


def delete(table: str, *, where: str = "1 = 1") -> Corruption:
    def corrupt(db: Connection, dice: random.Random) -> None:
        key = "claim_id" if table == "claim_balance" else "id"
        row = pick(db, dice, f"SELECT {key} FROM {table} WHERE {where}")
        sql(db, f"DELETE FROM {table} WHERE {key} = :key", key=row[0])

    return corrupt


def swap_amounts(db: Connection, dice: random.Random) -> None:
    """Two entries exchange their amounts: every total stays the same."""
    one = pick(db, dice, "SELECT id, amount FROM ledger_entry")
    other = pick(db, dice, f"SELECT id, amount FROM ledger_entry WHERE amount <> {int(one.amount)}")
    for key, amount in ((one.id, other.amount), (other.id, one.amount)):
        sql(db, "UPDATE ledger_entry SET amount = :amount WHERE id = :key", amount=int(amount), key=key)


def insert_copy(db: Connection, dice: random.Random) -> None:
    """An entry more, at the end of its batch."""
    row = pick(db, dice, "SELECT * FROM ledger_entry WHERE reverses IS NULL")
    values = {**row._mapping, "id": row.id + 4_000}
    marks = ", ".join(f":{name}" for name in values)
    sql(db, f"INSERT INTO ledger_entry ({', '.join(values)}) VALUES ({marks})", **values)


def delete_batch(db: Connection, dice: random.Random) -> None:
    """A batch and all its entries, as if they had never been."""
    row = pick(db, dice, "SELECT id FROM ledger_batch")
    first = row.id << 24
    sql(db, "DELETE FROM ledger_entry WHERE id >= :a AND id < :b", a=first, b=first + (1 << 24))
    sql(db, "DELETE FROM ledger_batch WHERE id = :key", key=row.id)


def strange_balance(db: Connection, dice: random.Random) -> None:
    """An open balance of a claim without entries."""
    entity = pick(db, dice, "SELECT id FROM entity").id
    values = {"claim": 10**15 + dice.randrange(999), "entity": entity}
    sql(
        db,
        "INSERT INTO claim_balance (claim_id, entity_id, payer, patient) VALUES (:claim, :entity, 5, 0)",
        **values,
    )


CORRUPTIONS: dict[str, Corruption] = {
    "a cent more": change("ledger_entry", "amount", "amount + 1"),
    "ten times as much": change("ledger_entry", "amount", "amount * 10"),
    "another account debited": change("ledger_entry", "debit", "4140", where="debit <> 4140"),
    "another account credited": change("ledger_entry", "credit", "5000", where="credit <> 5000"),
    "an account nobody knows": change("ledger_entry", "credit", "9999"),
    "another payer's receivable": change("ledger_entry", "credit_rank", "credit_rank + 1"),
    "another claim": change("ledger_entry", "claim_id", "claim_id + 8", where="claim_id IS NOT NULL"),
    "no claim": change("ledger_entry", "claim_id", "NULL", where="claim_id IS NOT NULL"),
    "another line": change("ledger_entry", "line_id", "COALESCE(line_id, 0) + 8"),
    "another payer": change("ledger_entry", "payer_id", "COALESCE(payer_id, 0) + 1"),
    "another day": change("ledger_entry", "effective_date", "'2025-06-30'"),
    "another first day": change("ledger_entry", "original_date", "'2025-06-30'"),
    "another event": change("ledger_entry", "event", "'undo'", where="event <> 'undo'"),
    "another place in the file": change("ledger_entry", "byte", "byte + 1"),
    "another element": change("ledger_entry", "element", "element + 1"),
    "another source": change("ledger_entry", "source", "source + 8"),
    "a reversal of nothing": change("ledger_entry", "reverses", "77", where="reverses IS NULL"),
    "a reversal forgotten": change("ledger_entry", "reverses", "NULL", where="reverses IS NOT NULL"),
    "two amounts exchanged": swap_amounts,
    "an entry gone": delete("ledger_entry"),
    "an entry put in": insert_copy,
    "a batch gone": delete("ledger_batch"),
    "a batch gone with its entries": delete_batch,
    "a batch counted wrong": change("ledger_batch", "entries", "entries + 1"),
    "a batch summed wrong": change("ledger_batch", "total", "total + 1"),
    "a batch recorded at another time": change("ledger_batch", "recorded_at", "'2020-01-01 00:00:00'"),
    "a batch of another person": change("ledger_batch", "actor", "'somebody else'"),
    "a batch of another kind": change("ledger_batch", "kind", "'resolve'", where="kind <> 'resolve'"),
    "a batch of another day": change("ledger_batch", "effective_date", "'2020-01-01'"),
    "a batch for another reason": change("ledger_batch", "reason", "'because'"),
    "a batch of another transaction": change("ledger_batch", "transaction_id", "transaction_id + 8"),
    "a batch with another key": change("ledger_batch", "source_key", "'made up'"),
    "a batch with another digest": change("ledger_batch", "digest", "hash"),
    "a batch with another hash": change("ledger_batch", "hash", "digest"),
    "a batch after another one": change("ledger_batch", "previous", "hash"),
    "a batch out of order": change("ledger_batch", "chain_no", "chain_no + 1000"),
    "the end of the chain moved": change("ledger_head", "chain_no", "chain_no - 1"),
    "the end of the chain rewritten": change("ledger_head", "hash", "'0'"),
    "a balance a cent off": change("claim_balance", "payer", "payer + 1"),
    "a balance with the wrong party": change("claim_balance", "patient", "patient - 1"),
    "a balance gone": delete("claim_balance", where="payer <> 0 OR patient <> 0"),
    "a balance of nothing": strange_balance,
    "a payment a cent off": change("remit", "paid", "paid + 1"),
    "a posting without a batch": change(
        "intake_transaction", "batch_id", "batch_id + 900", where="state = 'posted'"
    ),
}


@pytest.fixture
def unguarded(house: House) -> Iterator[Connection]:
    """A month on the books, its guards taken off in a transaction that is never committed."""
    books.practice()
    for contents in month.deliveries(claims=6):
        books.take(*contents)
    assert books.problems() == []
    with engine().connect() as db:
        for statement in GUARDS[house.kind]:
            sql(db, statement)
        yield db
        db.rollback()


def found_in(db: Connection) -> bool:
    """Does verify find anything in the books as this transaction sees them?"""
    return next(verify(Work(db, system("auditor"), now(), readonly=True)), None) is not None


def test_every_corruption_of_the_books_is_found(unguarded: Connection) -> None:
    dice, names = random.Random(7), list(CORRUPTIONS)
    assert not found_in(unguarded)
    missed = []
    for turn in range(TIMES):
        name = names[turn % len(names)]
        inner = unguarded.begin_nested()
        CORRUPTIONS[name](unguarded, dice)
        if not found_in(unguarded):
            missed.append(name)
        inner.rollback()
    assert not missed, f"{len(missed)} of {TIMES} corruptions are not found: {sorted(set(missed))}"
    assert not found_in(unguarded)


def test_a_stored_file_that_was_changed_is_found(house: House) -> None:
    books.practice()
    for contents in month.deliveries(claims=6):
        books.take(*contents)
    for place in sorted(path for path in (house.folder / "files").rglob("*") if path.is_file()):
        sealed = place.read_bytes()
        place.write_bytes(sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:])
        changed = books.problems()
        place.unlink()
        gone = books.problems()
        place.write_bytes(sealed)
        named = books.rows(_stored, _stored.c.sha256 == place.name)[0].file_no
        used = {row.source >> 35 for row in books.entries()}
        assert (bool(changed), bool(gone)) == (named in used, named in used)
    assert books.problems() == []
