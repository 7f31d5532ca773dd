"""Statements are made once and numbered without a gap, wherever a worker dies."""

import signal

import pytest

from app.kernel.db import table_of
from app.kernel.outbox import Job
from tests import books, statements
from tests.conftest import House
from tests.faults.test_imports_killed import Worker
from tests.faults.test_imports_killed import worker as worker  # the fixture
from tests.statements import DUNNING, ITEM, LINE, STATEMENT

JOB = table_of(Job)
NAMES = ("A1", "A2", "A3")
POINTS = (
    "statements.drawn", "statements.before_documents", "statements.after_documents", "jobs.before_commit",
    "jobs.after_commit",
)  # fmt: skip
"""The last one dies with its work done; a job is given up after five tries, so there are no more."""


def whole(accounts: int) -> None:
    """Everybody has one statement, with a number of an unbroken row, its visits and one move."""
    made = books.rows(STATEMENT)
    assert sorted(one.number for one in made) == [f"S{number:08d}" for number in range(1, accounts + 1)]
    assert len({one.account_id for one in made}) == len(books.rows(LINE)) == accounts
    assert {one.stage for one in books.rows(DUNNING)} == {"stmt_1"}
    assert all(one.statement_id for one in books.rows(ITEM) if one.outcome == "send")


@pytest.mark.timeout(600)  # several processes, one after the other, on a busy machine
def test_killed_at_every_place_nothing_is_doubled_and_no_number_is_missing(
    house: House, worker: Worker
) -> None:
    """In processes begun anew: a fork of one that drew before waits for threads it does not have."""
    del house
    clinic = statements.owing(*NAMES)
    public = statements.planned(clinic)
    statements.released(public)
    deaths = 0
    for point in POINTS:
        books.hurry()
        assert len(books.rows(JOB, JOB.c.kind == "make_documents")) == 1
        deaths += worker.run(f"{point}=kill@1") == -signal.SIGKILL
        assert len(books.rows(STATEMENT)) in (0, len(NAMES))
    books.hurry()
    books.settle()
    whole(len(NAMES))
    assert statements.run(public).state == "made" and deaths == len(POINTS)
