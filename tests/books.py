"""What the books of a house say, in a form that tests can compare; and the way files get into them."""

import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from app.claims.models import Claim
from app.entities import service as entity_service
from app.entities.models import Entity
from app.entities.rules import Identifier, Practice
from app.flows import receive_file
from app.flows.verify import verify
from app.intake.models import IntakeTransaction
from app.intake.rules import Offered
from app.kernel import db
from app.kernel.clock import now
from app.kernel.db import engine, table_of
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.kernel.settings import settings
from app.kernel.work import Actor, reading, system, work
from app.ledger.models import ClaimBalance, LedgerBatch, LedgerEntry
from app.ledger.service import PLACE_BITS
from app.worker import run_one
from tests import era
from tests.conftest import copy_sqlite

CLERK = system("clerk", door="cli")
_entry, _balance, _job = table_of(LedgerEntry), table_of(ClaimBalance), table_of(Job)
_batch = table_of(LedgerBatch)
_claim, _transaction, ENTITY = table_of(Claim), table_of(IntakeTransaction), table_of(Entity)
LATER = "second_opinion"
"""pyx12's opinion changes no book and takes a process each; tests about the books leave it to others."""

Journal = Counter[tuple[int, int, str]]


@contextmanager
def looking() -> Iterator[Connection]:
    """A connection that reads every entity's rows."""
    with reading(CLERK) as w:
        yield w.db


def practice(name: str = "Example Clinic", npi: str = era.NPI, tax_id: str = era.TAX_ID) -> Practice:
    """A billing entity with these numbers."""
    with work(CLERK) as w:
        return entity_service.add(w, name, [Identifier("npi", npi), Identifier("tax_id", tax_id)])


def offer(content: bytes, name: str = "a.edi", *, actor: Actor = CLERK) -> Offered:
    """Offer a file, without working on it."""
    return receive_file.offer(actor, io.BytesIO(content), name)


def take(*files: bytes, name: str = "file") -> list[Offered]:
    """Offer files together and do every job that follows."""
    offered = [offer(content, f"{name}{number}.edi") for number, content in enumerate(files, start=1)]
    settle()
    return offered


def settle() -> int:
    """Do what is due in the order of the outbox, pyx12's opinion left out; returns how many jobs ran."""
    done = 0
    while (job := next_job()) is not None:
        done += run_one(job)
    return done


def next_job() -> int | None:
    """The most urgent job that is due."""
    due = select(_job.c.id).where(_job.c.state == "queued", _job.c.run_at <= now(), _job.c.kind != LATER)
    with looking() as line:
        return line.execute(due.order_by(_job.c.rank, _job.c.run_at, _job.c.id).limit(1)).scalar()


def hurry() -> None:
    """Let time pass for jobs that wait to be tried again, or whose worker died."""
    with engine().begin() as line:
        line.execute(update(_job).where(_job.c.state == "queued").values(run_at=now()))
        dead = update(_job).where(_job.c.state == "running")
        line.execute(dead.values(state="queued", run_at=now(), lease_until=None))


def rows(table: Any, *conditions: Any) -> list[Any]:
    """Rows of a table, in the order of their keys."""
    with looking() as line:
        return list(line.execute(select(table).where(*conditions).order_by(*table.primary_key.columns)))


def entries(*conditions: Any) -> list[Any]:
    """Ledger entries in the order they were posted."""
    with looking() as line:
        return list(line.execute(select(_entry).where(*conditions).order_by(_entry.c.id)))


def posted(trace: str) -> list[Any]:
    """The entries of one payment, by its trace; those of parked claims that were released later as well."""
    batches = select(_batch.c.id).join(_transaction, _transaction.c.id == _batch.c.transaction_id)
    with looking() as line:
        ids = set(line.execute(batches.where(_transaction.c.trace == trace)).scalars())
    return [row for row in entries() if row.id >> PLACE_BITS in ids]


def journal(found: Iterable[Any]) -> Journal:
    """How often each (debit account, credit account, amount) stands among entries."""
    return Counter((int(row.debit), int(row.credit), str(row.amount)) for row in found)


def transfers(*texts: str) -> Journal:
    """The same from words: `1010 1100 80.00` is a transfer of 80.00, debit 1010, credit 1100."""
    made = [text.split() for text in texts]
    return Counter((int(debit), int(credit), amount) for debit, credit, amount in made)


def accounts(found: Iterable[Any] | None = None) -> dict[int, str]:
    """Account -> debits less credits, those at zero left out."""
    net: Counter[int] = Counter()
    for row in entries() if found is None else found:
        net[int(row.debit)] += int(row.amount)
        net[int(row.credit)] -= int(row.amount)
    return {account: str(Money(amount)) for account, amount in sorted(net.items()) if amount}


def balance(control: str) -> tuple[str, str]:
    """(payer, patient) open on a claim, by its control number."""
    query = select(_balance.c.payer, _balance.c.patient).join(_claim, _claim.c.id == _balance.c.claim_id)
    with looking() as line:
        payer, patient = line.execute(query.where(_claim.c.control == control)).one()
    return str(payer), str(patient)


def balances() -> dict[int, tuple[int, int]]:
    """(payer, patient) cents of every claim that has any open, by its key."""
    found = {row.claim_id: (int(row.payer), int(row.patient)) for row in rows(_balance)}
    return {key: pair for key, pair in found.items() if pair != (0, 0)}


def transactions() -> list[Any]:
    """Every ST of every file, in order of arrival."""
    with looking() as line:
        return list(line.execute(select(_transaction).order_by(_transaction.c.id)))


def states(kind: str = "835") -> list[str]:
    """What became of each ST of a kind."""
    return [row.state for row in transactions() if row.kind == kind]


def problems(*, with_bytes: bool = True) -> list[str]:
    """What `verify` has against these books."""
    with reading(system("auditor")) as w:
        return [f"{one.place}: {one.words}" for one in verify(w, with_bytes=with_bytes)]


@contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """A second, empty house on SQLite for as long as the block lasts: what the first one is compared with."""
    folder.mkdir(mode=0o700, parents=True)
    before = {name: value for name, value in os.environ.items() if name.startswith("RECLAIM_")}
    db.dispose()
    os.environ |= {"RECLAIM_DATA": str(folder), "RECLAIM_DATABASE_URL": copy_sqlite(folder)}
    settings.cache_clear()
    try:
        yield
    finally:
        db.dispose()
        os.environ |= before
        settings.cache_clear()


Content = dict[tuple[str, int, str, date], int]


def content() -> Content:
    """What any order of import must agree on: net cents by entity, account, claim control, day."""
    net: Counter[tuple[str, int, str, date]] = Counter()
    with looking() as line:
        names = {row.id: row.name for row in line.execute(select(ENTITY.c.id, ENTITY.c.name))}
        controls = {row.id: row.control for row in line.execute(select(_claim.c.id, _claim.c.control))}
        for row in line.execute(select(_entry)):
            where = (controls.get(row.claim_id, ""), row.effective_date)
            net[names[row.entity_id], int(row.debit), *where] += int(row.amount)
            net[names[row.entity_id], int(row.credit), *where] -= int(row.amount)
    return {key: amount for key, amount in net.items() if amount}
