"""What a posting notes of claims with a next payer, what it costs, and what a person may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import event

from app.claims.models import Claim
from app.flows import bill_secondary, resolve
from app.intake.models import IntakeTransaction
from app.kernel.db import engine, table_of
from app.kernel.outbox import Job
from app.kernel.work import work
from app.rebill import service, service_secondary
from app.rebill.models import NextPayerLook
from app.remits.rules import Posted, PostedClaim
from tests import books, era
from tests.app.rebill.test_secondary import billed, billed_elsewhere, only, paid, states, take

_claim = table_of(Claim)
_look, _job, _transaction = table_of(NextPayerLook), table_of(Job), table_of(IntakeTransaction)
TODAY = date(2026, 1, 20)
pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(autouse=True)
def january() -> Iterator[None]:
    """A few days after the remits."""
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=True):
        yield


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def posted(count: int, **named: Any) -> Posted:
    """A batch of so many posted claims, as far as this consequence looks at it."""
    books.practice()
    each = [
        era.billed(f"C{n}", "99214 150", patient=f"DOE{n}*JANE", member=f"M{n}", **named)
        for n in range(count)
    ]
    books.take(era.bill(*each))
    rows = books.rows(_claim)
    claims = [
        PostedClaim(0, row.id, None, row.control, "", "1", 1, "12", 0, 0, None, None, (), (), ())
        for row in rows
    ]
    return Posted(rows[0].entity_id, 7, 7, None, TODAY, TODAY, claims, None)


def test_a_batch_without_second_payers_costs_one_question() -> None:
    batch = posted(40)
    with work(books.CLERK) as w, statements() as said:
        bill_secondary.look_from(w, batch)
    assert len(said) == 1 and not books.rows(_look)
    assert not books.rows(_job, _job.c.kind == "bill_secondary")


@pytest.mark.parametrize("count", [3, 40])
def test_a_batch_with_them_asks_no_more_for_many_than_for_few(count: int) -> None:
    batch = posted(count, second=era.Cover("SECOND HEALTH PLAN", era.OTHER_PAYER))
    with work(books.CLERK) as w, statements() as said:
        bill_secondary.look_from(w, batch)
    assert len(said) <= 8 and len(books.rows(_look)) == count


def test_an_eob_moves_nothing_on() -> None:
    batch = replace(posted(1, second=era.Cover("SECOND HEALTH PLAN", era.OTHER_PAYER)), cash=False)
    with work(books.CLERK) as w:
        bill_secondary.look_from(w, batch)
    assert not books.rows(_look)


def test_a_person_may_make_a_forwarded_claim_before_the_wait_is_over_and_reads_what_bars_it() -> None:
    take(billed(), era.era(paid(status="19", crossed_to="SECOND HEALTH PLAN")))
    (waits,) = books.rows(_look)
    with work(books.CLERK) as w:
        service_secondary.look(w, waits.entity_id, [waits.claim_id], TODAY, asked=2)
    one = only()
    assert one.row.state == "draft"
    assert "guard.crossed_over" in {each["code"] for each in one.row.problems}


def test_what_was_cancelled_is_made_again_only_when_a_person_asks() -> None:
    take(billed(), era.era(paid()))
    first = only().row
    with work(books.CLERK) as w:
        service.cancel(w, first.public_id, first.version, "not yet")
    with work(books.CLERK) as w:
        service_secondary.look(w, first.entity_id, [first.claim_id], TODAY)
    assert states() == ["cancelled"]
    with work(books.CLERK) as w:
        service_secondary.look(w, first.entity_id, [first.claim_id], TODAY, asked=2)
    assert states() == ["cancelled", "ready"]


def test_a_file_that_was_undone_billed_nobody() -> None:
    take(billed())
    (other,) = books.take(billed_elsewhere(), name="monday")
    row = books.rows(_transaction, _transaction.c.file_no == other.file_no)[0]
    with work(books.CLERK) as w:
        resolve.undo(w, row.public_id, reason="not sent")
    books.take(era.era(paid()))
    assert states() == ["ready"]
