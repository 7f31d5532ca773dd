"""Proving the books: chain, balances, and that the bytes at each entry's place say its amount (N1, N2)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, func, select

from app.accounts import queries_proof as accounts
from app.audit.verify import verify as verify_audit
from app.documents import service as documents
from app.entities import queries as entities
from app.intake.lifecycle import State
from app.intake.models import IntakeFile, IntakeTransaction
from app.intake.translate import cents_at
from app.kernel.db import table_of
from app.kernel.errors import Broken, NotFound
from app.kernel.ids import unpack
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.kernel.work import Work
from app.ledger.accounts import Account
from app.ledger.entry import Basis
from app.ledger.models import LedgerBatch, LedgerEntry, batch_of
from app.ledger.service_looks import JOB as REFRESH
from app.ledger.service_verify import Problem, entity_ids, verify_entity
from app.payments import queries_posted as payments
from app.payments.service_papers import SPAN
from app.remits.models import Remit

_entry, _batch = table_of(LedgerEntry), table_of(LedgerBatch)
_transaction, _remit = table_of(IntakeTransaction), table_of(Remit)
_job = table_of(Job)

CHUNK = 20_000


def verify(w: Work, *, with_bytes: bool = True) -> Iterator[Problem]:
    """Every problem found, each with its place; nothing when the books are whole."""
    for entity_id in entity_ids(w):
        yield from verify_entity(w, entity_id)
    yield from _transactions(w)
    yield from _cash(w)
    for place, words in payments.problems(w):
        yield Problem(place, words)
    yield from _owed(w)
    if with_bytes:
        yield from _bytes(w)
    audit = verify_audit(w.db)
    for problem in audit.problems:
        yield Problem(f"audit event {problem.seq}", problem.text)


def _owed(w: Work) -> Iterator[Problem]:
    """What patients owe is what the ledger and their visits say; not while a look at it is still promised."""
    looks = select(_job.c.id).where(_job.c.kind == REFRESH, _job.c.state.in_(("queued", "running")))
    if w.db.execute(looks.limit(1)).scalar() is not None:
        return
    for practice in entities.practices(w):
        for place, words in accounts.problems(w, practice.id, w.today(practice.time_zone)):
            yield Problem(place, words)


def _transactions(w: Work) -> Iterator[Problem]:
    """A posted transaction has its batch."""
    query = select(_transaction.c.public_id).outerjoin(_batch, _batch.c.id == _transaction.c.batch_id)
    posted = _transaction.c.state == State.POSTED.value
    for public in w.db.execute(query.where(posted, _batch.c.id.is_(None))).scalars():
        yield Problem(f"transaction {public}", "is posted, but its batch is not in the ledger")


def _cash(w: Work) -> Iterator[Problem]:
    """What a posted remit moved in cash clearing is its BPR02, parked claims included."""
    moved = func.sum(
        case(
            (_entry.c.debit == Account.CASH_CLEARING, _entry.c.amount),
            (_entry.c.credit == Account.CASH_CLEARING, -_entry.c.amount),
            else_=0,
        )
    )
    query = (
        select(_batch.c.transaction_id, moved)
        .join(_entry, batch_of(_entry.c.id) == _batch.c.id)
        .where(_batch.c.kind.in_(("remit", "release", "resolve", "undo")))
        .group_by(_batch.c.transaction_id)
    )
    cash = {key: int(cents or 0) for key, cents in w.db.execute(query)}
    remits = select(_remit.c.id, _remit.c.public_id, _remit.c.paid)
    standing = remits.join(_transaction, _transaction.c.id == _remit.c.id).where(
        _transaction.c.state == State.POSTED.value, w.within(_remit.c.entity_id)
    )
    for row in w.db.execute(standing):
        if cash.get(row.id, 0) != int(row.paid):
            words = f"moved {Money(cash.get(row.id, 0))} in cash clearing; its payment is {row.paid}"
            yield Problem(f"remit {row.public_id}", words)


def _bytes(w: Work) -> Iterator[Problem]:
    """Re-read every element an entry names, file by file in the order of the bytes."""
    spans: dict[int, list[dict[str, Any]]] = {}
    for row in w.db.execute(select(_transaction.c.file_no, _transaction.c.span).order_by(_transaction.c.id)):
        spans.setdefault(row.file_no, []).append(row.span)
    after = (-1, -1)
    while True:
        rows = _next_entries(w, after)
        if not rows:
            return
        after = (rows[-1].source, rows[-1].id)
        by_file: dict[int, list[Any]] = {}
        for row in rows:
            by_file.setdefault(unpack(row.source).file_no, []).append(row)
        for file_no, group in by_file.items():
            # A file that never came in through the door is a paper of our own: one segment, read whole.
            yield from _file(w, file_no, group, spans.get(file_no, [SPAN]))


def _next_entries(w: Work, after: tuple[int, int]) -> list[Any]:
    columns = (
        _entry.c.id,
        _entry.c.source,
        _entry.c.byte,
        _entry.c.element,
        _entry.c.amount,
        _entry.c.basis,
        _entry.c.entity_id,
    )
    behind = (_entry.c.source > after[0]) | ((_entry.c.source == after[0]) & (_entry.c.id > after[1]))
    query = select(*columns).where(behind, _entry.c.basis != int(Basis.NONE), w.within(_entry.c.entity_id))
    return list(w.db.execute(query.order_by(_entry.c.source, _entry.c.id).limit(CHUNK)))


def _file(w: Work, file_no: int, rows: list[Any], spans: list[dict[str, Any]]) -> Iterator[Problem]:
    try:
        with documents.open_file(w, file_no) as stream:
            for row in rows:
                span = next((one for one in spans if one["byte_from"] <= row.byte < one["byte_to"]), None)
                found = cents_at(stream, span, row.byte, row.element) if span else None
                whole = found is not None and abs(found) == int(row.amount)
                part = row.basis == Basis.PART and found is not None and abs(found) >= int(row.amount)
                if not whole and not part:
                    place = f"byte {row.byte} of file {file_no}, element {row.element}"
                    yield Problem(f"entry {row.id}", f"says {row.amount}; {place}, says otherwise")
    except (Broken, NotFound) as problem:
        yield Problem(f"file {file_no}", str(problem))


def counts(w: Work) -> dict[str, int]:
    """How much there is to prove: entries, batches, files."""
    found = {}
    for name, table in (("entries", _entry), ("batches", _batch), ("files", table_of(IntakeFile))):
        found[name] = int(w.db.execute(select(func.count()).select_from(table)).scalar_one())
    return found
