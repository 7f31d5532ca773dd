"""Whatever statement fails, and however: a payment posts whole or not at all, and the next try posts it."""

import errno
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.kernel import failpoints
from app.kernel.db import engine, table_of
from app.kernel.outbox import Job
from app.worker import run_one
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line

Fault = Callable[[Any], None]
STATEMENTS = 400
"""More than one small remit takes; the test ends when a number is not reached any more."""
_job = table_of(Job)


def locked(_: Any) -> None:
    raise OperationalError("statement", None, sqlite3.OperationalError("database is locked"))


def deadlock(_: Any) -> None:
    raise OperationalError("statement", None, psycopg.errors.DeadlockDetected("deadlock detected"))


def io_error(_: Any) -> None:
    raise OperationalError("statement", None, sqlite3.OperationalError("disk I/O error"))


def disk_full(_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def out_of_memory(_: Any) -> None:
    raise MemoryError


def cut(connection: Any) -> None:
    """The server ends this connection, as a restart does; SQLite has none, so its file is unreadable."""
    if connection.dialect.name == "postgresql":
        pid = connection.connection.dbapi_connection.info.backend_pid
        server, _, _ = engine().url.render_as_string(hide_password=False).rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
    else:
        io_error(connection)


FAULTS = (locked, deadlock, io_error, disk_full, out_of_memory, cut)


class Nth:
    """Fails at the n-th statement of any connection, once."""

    def __init__(self, number: int, fault: Fault):
        self.number, self.fault, self.seen = number, fault, 0

    def __call__(self, connection: Any, *_: Any) -> None:
        self.seen += 1
        if self.seen == self.number:
            self.fault(connection)

    @property
    def struck(self) -> bool:
        return self.seen >= self.number


@contextmanager
def failing(nth: Nth) -> Iterator[Nth]:
    """While the block lasts, statements count and one of them fails."""
    event.listen(Engine, "before_cursor_execute", nth)
    try:
        yield nth
    finally:
        event.remove(Engine, "before_cursor_execute", nth)


def try_once() -> None:
    """Do what is due until a fault stops it; one that strikes outside a job ends the worker's turn."""
    while (job := books.next_job()) is not None:
        run_one(job)


def files(number: int) -> tuple[bytes, bytes]:
    """A bill and the remit that pays it, small and different from all others."""
    control, trace = f"A{number}", f"T{number}"
    cas = "CO*45*20 PR*1*10"
    answer = (line("99214", "100", "70", cas), line("93000", "50", "0", "CO*197*50"))
    remit = era(claim(control, *answer), claim(f"X{number}", line("99214", "30")), trace=trace, plb="L6*-2")
    return bill(billed(control, "99214 100", "93000 50")), remit


WHOLE = {1010: "102.00", 1100: "-100.00", 1110: "10.00", 2000: "-30.00", 4100: "20.00", 4210: "-2.00"}


def strike(number: int, shift: int, at: int = 0) -> bool:
    """One remit with a fault at its n-th statement (`at`, else its number); False when it took fewer."""
    at = at or number
    billing, remit = files(number)
    books.take(billing)
    books.offer(remit, f"t{number}.835")
    # What strikes between two jobs ends the turn of the worker.
    with (
        failing(Nth(at, FAULTS[(at + shift) % len(FAULTS)])) as nth,
        suppress(OperationalError, OSError, MemoryError),
    ):
        try_once()
    after = books.accounts(books.posted(f"T{number}"))
    assert after in ({}, WHOLE), f"statement {number}: half of the payment is posted"
    assert not books.rows(_job, _job.c.state == "running"), f"statement {number}: a job hangs"
    books.hurry()
    books.settle()
    assert books.accounts(books.posted(f"T{number}")) == WHOLE, (
        f"statement {number}: the next try did not post"
    )
    return nth.struck


@pytest.mark.timeout(600)  # several processes, one after the other, on a busy machine
def test_a_fault_at_any_statement_leaves_a_payment_whole_or_absent(house: House) -> None:
    books.practice()
    struck = 0
    for number in range(1, STATEMENTS):
        if not strike(number, shift=0 if house.kind == "sqlite" else 3):
            break
        struck += 1
    else:
        raise AssertionError("the remit takes more statements than this test has tries")
    assert struck > 20, "too few statements were seen to prove anything"
    assert books.problems(with_bytes=False) == []


@pytest.mark.parametrize(
    "point", ["remits.after_rows", "remits.after_consequences", "remits.before_commit", "jobs.before_commit"]
)
def test_a_fault_between_rows_and_commit_leaves_nothing(house: House, point: str) -> None:
    books.practice()
    billing, remit = files(1)
    books.take(billing)
    books.offer(remit)
    with failpoints.armed(f"{point}=raise"):
        books.settle()
        assert books.posted("T1") == []
    books.hurry()
    books.settle()
    assert books.accounts(books.posted("T1")) == WHOLE


def test_a_disk_that_is_full_keeps_nothing_of_a_file_and_takes_it_later(house: House) -> None:
    books.practice()
    content = era(*(claim(f"A{n}", line("99214", "10")) for n in range(9_000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            books.offer(content)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    left = [path for path in (house.folder / "files").rglob("*") if path.is_file()]
    assert left == [], "half a file stays on a disk that is full already"
    assert books.rows(table_of(Job), _job.c.kind == "stage_file") == []
    assert books.offer(content).first
