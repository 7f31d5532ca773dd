"""Submitted claims are accepted or rejected; what nobody heard of in time is work that names the claims."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.kernel.clock import now
from app.kernel.work import work
from app.rebill import service_reconcile
from tests import batches, books
from tests.answers import opened, report, taken
from tests.batches import ITEM


def day(days: int = 0) -> str:
    return f"{now() + timedelta(days=days):%Y%m%d}"


@pytest.fixture
def sent(house: Any) -> str:
    """Three claims in a file of ours."""
    del house
    receiver = batches.receiver(books.practice())
    batches.ready("A1", "A2", "A3")
    made = batches.release(receiver)
    books.settle()
    return made


def look(days: int) -> list[tuple[str, str, list[str]]]:
    """The open items so many days from now: reason, state, claims they name."""
    with time_machine.travel(now() + timedelta(days=days), tick=True), work(books.CLERK) as w:
        service_reconcile.reconcile(w, books.rows(books.ENTITY)[0].id)
    rows = books.rows(ITEM, ITEM.c.kind == service_reconcile.KIND, ITEM.c.state == "open")
    return [(row.reason, str(row.amount), (row.detail or {})["controls"]) for row in rows]


def test_nothing_is_missing_before_its_days_are_over(sent: str) -> None:
    assert look(0) == []


def test_a_file_nobody_acknowledged_is_listed(sent: str) -> None:
    assert look(6) == [("missing_999", "1200.00", ["A1R1", "A2R1", "A3R1"])]
    books.take(opened(1, "A", sent=day()[2:], day=day(1)), taken(1, "0001 A", day=day(1)))
    assert look(7) == [("missing_277ca", "1200.00", ["A1R1", "A2R1", "A3R1"])]


def test_claims_without_a_report_are_named_until_each_was_heard_of(sent: str) -> None:
    books.take(taken(1, "0001 A", day=day(1)), report("A1R1 A2:20:PR", "A2R1 A7:562:85", day=day(1)))
    assert look(8) == [("missing_277ca", "1200.00", ["A3R1"])]
    assert look(9) == look(8), "twice is once"
    books.take(report("A3R1 A2:20:PR", day=day(9)))
    row = batches.batch(sent)
    assert (row.claims, row.accepted, row.rejected) == (3, 2, 1)
    assert look(10) == []
