"""Two workers at the same moment: a payer's decision and a charge are still on the books once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.kernel import failpoints
from app.kernel.db import table_of
from app.kernel.outbox import Job
from app.remits.models import RemitClaim
from app.worker import run_one
from tests import books
from tests.conftest import House
from tests.era import Dress, bill, billed, claim, era, line

_job = table_of(Job)
ANSWER = claim("A1", line("99214", "200", "120", "CO*45*80"))


@pytest.fixture
def ours(house: House) -> House:
    books.practice()
    return house


def together(point: str) -> None:
    """Every posting job at once, each in a thread of its own, held for a moment where the race would be."""
    while (job := books.next_job()) is not None and books.rows(_job, _job.c.id == job)[
        0
    ].kind == "stage_file":
        run_one(job)
    jobs = [row.id for row in books.rows(_job, _job.c.kind == "post_transaction", _job.c.state == "queued")]
    assert len(jobs) == 2
    with failpoints.armed(f"{point}=sleep:0.6"), ThreadPoolExecutor(len(jobs)) as threads:
        list(threads.map(run_one, jobs))
    books.hurry()
    books.settle()


def test_one_decision_told_by_two_payments_at_once_posts_once(ours: House) -> None:
    books.take(bill(billed("A1", "200")))
    books.offer(era(ANSWER, trace="T1"), "one.835")
    books.offer(era(ANSWER, trace="T2"), "two.835")
    together("remits.after_rows")
    assert books.accounts() == {1010: "240.00", 2000: "-120.00", 4000: "-200.00", 4100: "80.00"}
    assert sorted(row.state for row in books.rows(table_of(RemitClaim))) == ["parked", "posted"]
    assert books.problems() == []


def test_one_payment_in_two_files_at_once_posts_once(ours: House) -> None:
    books.take(bill(billed("A1", "200")))
    books.offer(era(ANSWER, trace="T1"), "one.835")
    books.offer(era(ANSWER, trace="T1", dress=Dress(control=77)), "two.835")
    together("remits.after_rows")
    assert books.accounts() == {1010: "120.00", 4000: "-200.00", 4100: "80.00"}
    assert sorted(books.states()) == ["ignored", "posted"]


def test_one_visit_billed_in_two_files_at_once_is_charged_once(ours: House) -> None:
    books.offer(bill(billed("A1", "200")), "one.837")
    books.offer(bill(billed("A1", "200"), billed("A2", "10", patient="ROE*JOHN", member="M2")), "two.837")
    together("claims.before_commit")
    assert books.accounts() == {1100: "210.00", 4000: "-210.00"}
    assert books.problems() == []
