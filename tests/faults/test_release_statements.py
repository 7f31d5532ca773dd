"""Whatever statement fails on the way of a batch: it is whole or absent, and sent once."""

from contextlib import suppress

from sqlalchemy.exc import OperationalError

from app.claims.models import ClaimVersion
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.outbox import Job
from app.kernel.settings import settings
from app.kernel.work import work
from app.rebill import service_batches, service_receivers, service_sending
from app.rebill.lifecycle import How
from tests import books, rebills
from tests.conftest import House
from tests.faults import sending
from tests.faults.test_statement_faults import FAULTS, Nth, failing, try_once
from tests.rebills import HELPER

STATEMENTS = 600
"""More than a release, its sending and its taking in need; the test ends when a number is not reached."""
EVERY = {"sqlite": 5, "postgresql": 9}
"""In CI every so manieth statement; at night each of them."""
_job, _version = table_of(Job), table_of(ClaimVersion)


def strike(receiver: str, rebill: str, at: int, shift: int) -> bool:
    """One claim released, sent and taken in with a fault at its n-th statement; False when it took fewer."""
    # What strikes between two jobs ends the turn of the worker.
    with (
        failing(Nth(at, FAULTS[(at + shift) % len(FAULTS)])) as nth,
        suppress(OperationalError, OSError, MemoryError),
    ):
        rebills.release(receiver, rebill)
        try_once()
    row = rebills.row(rebill)
    found = books.rows(rebills.BATCH, rebills.BATCH.c.id == row.batch_id) if row.batch_id else []
    assert (row.state == "ready") == (not found), f"statement {at}: half a release"
    assert not books.rows(_job, _job.c.state == "running"), f"statement {at}: a job hangs"
    if not found:
        rebills.release(receiver, rebill)
    for _ in range(2):
        books.hurry()
        books.settle()
    by_hand(rebill, at)
    return nth.struck


def by_hand(rebill: str, at: int) -> None:
    """A batch nobody is sure of is a person's; at the end it is there once, and so is its version."""
    row = rebills.row(rebill)
    [batch] = books.rows(rebills.BATCH, rebills.BATCH.c.id == row.batch_id)
    path = settings().outgoing / "out" / batch.file_name
    if batch.state == "unknown":
        with work(HELPER) as w:
            words = "They looked."
            service_sending.settle_unknown(w, batch.public_id, path.exists(), words, batch.version)
        if not path.exists():
            with work(HELPER) as w:
                service_batches.retry(w, batch.public_id, rebills.batch(batch.public_id).version)
        books.settle()
    assert rebills.batch(batch.public_id).state == "sent", f"statement {at}: {batch.state}"
    assert path.stat().st_size == batch.size
    assert rebills.row(rebill).state == "transmitted"
    assert len(books.rows(_version, _version.c.control == row.control)) == 1, f"statement {at}: not once"


def strike_all(every: int, shift: int) -> int:
    """Every so manieth statement fails once; returns how many did."""
    clinic, waiting = sending.claims_ready(STATEMENTS // every)
    before = books.accounts()
    with work(HELPER) as w:
        receiver = service_receivers.add(w, clinic.public_id, rebills.facts(How.FOLDER, place="out"))
    struck = 0
    for number, rebill in enumerate(waiting):
        if not strike(receiver, rebill, 1 + number * every, shift):
            break
        struck += 1
    else:
        raise AssertionError("a batch takes more statements than this test has tries")
    sent = [row.interchange for row in rebills.batches()]
    assert sent == list(range(1, struck + 2)), "a number is missing or was given twice"
    names = sorted(path.name for path in (settings().outgoing / "out").iterdir())
    assert names == sorted(row.file_name for row in rebills.batches())
    with suppress(Refused):
        rebills.release(receiver)  # what was left over changes no book either
        books.settle()
    assert books.accounts() == before and books.problems() == []
    return struck


def test_a_fault_at_any_statement_leaves_a_batch_whole_or_absent_and_sends_it_once(house: House) -> None:
    assert strike_all(EVERY[house.kind], shift=0 if house.kind == "sqlite" else 3) > 12
