"""What remits leave of a claim: remitted, reversed, remitted again; and what an undo gives back."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from app.claims import queries, queries_states
from app.claims.models import ClaimPayer
from app.claims.rules_standing import Answer
from app.claims.service_payers import standing_of
from app.flows import resolve
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.paging import Ask
from app.kernel.work import reading, work
from tests import answers, books
from tests.app.claims.test_silent import a_bill as a_recent_bill
from tests.app.claims.test_silent import every_day, paid, silent
from tests.conftest import House
from tests.era import bill, billed, claim, era, line, reversal

_payer = table_of(ClaimPayer)
ORIGINAL = bill(billed("A1", "99214 150"), billed("B2", "99213 200", patient="ROE*JOHN", member="M2"))
LINES = (line("99214", "150", "90", "CO*45*60", control="L1"),)
LESS = (line("99214", "150", "70", "CO*45*80", control="L1"),)
OTHER = claim("B2", line("99213", "200", "200"), number="ICN9", patient="ROE*JOHN", member="M2")
PAID = era(claim("A1", *LINES, number="ICN1"), trace="EFT1")
TAKEN_BACK = era(reversal("A1", *LINES, number="ICN1"), OTHER, trace="EFT2", day="20260220")
CORRECTED = era(claim("A1", *LESS, number="ICN1C"), trace="EFT3", day="20260225")
AT_ONCE = era(
    reversal("A1", *LINES, number="ICN1"),
    claim("A1", *LESS, number="ICN1C"),
    OTHER,
    trace="EFT4",
    day="20260220",
)


def state(control: str = "A1") -> str:
    with reading(books.CLERK) as w:
        found = queries.claims(w, Ask("control", limit=0)).rows
    return next(row.state for row in found if row.control == control)


def road() -> list[tuple[str, bool]]:
    with reading(books.CLERK) as w:
        one = next(row for row in queries.claims(w, Ask("control", limit=0)).rows if row.control == "A1")
        return [(step.state, step.moved) for step in queries_states.history(w, [one.id])[one.id]]


def undo(trace: str) -> None:
    public = next(row.public_id for row in books.transactions() if row.trace == trace)
    with work(books.CLERK) as w:
        resolve.undo(w, public, reason="sent to the wrong practice")


def take(*files: bytes) -> None:
    for number, content in enumerate(files):
        books.take(content, name=f"f{number}")
    books.hurry()
    books.settle()


def test_a_reversal_shows_and_a_correction_ends_it(house: House) -> None:
    books.practice()
    take(ORIGINAL, PAID, TAKEN_BACK)
    assert (state("A1"), state("B2")) == ("reversed", "remitted")
    assert road() == [("transmitted", True), ("remitted", True), ("reversed", True)]
    take(CORRECTED)
    assert state() == "remitted"
    assert road()[2:] == [("reversed", True), ("remitted", True)]


def test_a_correction_in_the_same_remit_leaves_the_claim_remitted(house: House) -> None:
    books.practice()
    take(ORIGINAL, PAID, AT_ONCE)
    assert state() == "remitted"
    assert road()[1:] == [("remitted", True), ("reversed", True), ("remitted", True)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_reversed_whatever_comes_first(house: House, order: Sequence[int]) -> None:
    books.practice()
    files = (ORIGINAL, PAID, TAKEN_BACK, answers.report("A1 A2:20"))
    take(*[files[number] for number in order])
    assert state() == "reversed"


def test_an_undone_remit_is_no_answer_any_more(house: House) -> None:
    books.practice()
    take(ORIGINAL, answers.report("A1 A2:20"), PAID)
    assert state() == "remitted"
    undo("EFT1")
    assert state() == "accepted"
    [row] = [one for one in books.rows(_payer) if one.answered_on is None and one.state == "billed"][:1]
    assert (row.answer_id, row.reversed_on) == (None, None)


def test_an_undone_reversal_lets_the_first_answer_stand(house: House) -> None:
    books.practice()
    take(ORIGINAL, PAID, TAKEN_BACK)
    undo("EFT2")
    assert (state("A1"), state("B2")) == ("remitted", "transmitted")


def test_a_claim_is_silent_again_once_its_remit_is_undone(house: House) -> None:
    books.practice()
    today = now().date()
    books.take(a_recent_bill("A1", made=today - timedelta(20)))
    every_day()
    books.take(paid("A1", today))
    assert silent() == []
    undo("TA1")
    every_day()
    assert [one.claim for one in silent()] == ["A1"]


def test_an_undone_crossover_takes_the_next_payer_it_named_with_it(house: House) -> None:
    books.practice()
    crossed = era(claim("A1", *LINES, number="ICN1", status="19"), trace="EFT5")
    take(ORIGINAL, crossed)
    assert [(one.rank, one.state) for one in books.rows(_payer)][:2] == [(1, "answered"), (2, "crossed_over")]
    undo("EFT5")
    assert {(one.rank, one.state) for one in books.rows(_payer)} == {(1, "billed")}


def test_the_answers_of_a_payer_are_taken_in_turn() -> None:
    first = Answer(1, 1, "1", date(2026, 1, 5), 10, 100)
    back = Answer(1, 1, "22", date(2026, 1, 9), 20, 200)
    again = Answer(1, 1, "1", date(2026, 1, 9), 20, 201)
    assert standing_of([])["answered_on"] is None
    assert standing_of([back])["reversed_on"] is None
    told = standing_of([first, back, again])
    assert (told["taken_back_id"], told["reversal_id"], told["answer_id"]) == (10, 20, 20)
    assert standing_of([first, back])["answer_id"] == 10
