"""What clearinghouses and payers answer before they pay moves claims, whatever comes first (R837-30)."""

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from app.claims import queries, queries_states
from app.claims.models import ClaimAnswer, ClaimEvent
from app.kernel.db import table_of
from app.kernel.paging import Ask
from app.kernel.work import reading
from app.worklist.models import WorklistItem
from tests import answers, books
from tests.conftest import House
from tests.era import PLAIN, bill, billed, claim, era, line

BILL = 4711
_item = table_of(WorklistItem)


def a_bill(*controls: str, control: int = BILL) -> bytes:
    """An 837 of these claims, in one transaction, with a control number to answer to."""
    claims = [billed(one, "99213 100", member=f"M{one}", patient=f"DOE*{one}") for one in controls]
    return bill(*claims, dress=replace(PLAIN, control=control))


def states() -> dict[str, str]:
    """Where each claim stands, by its control number, as the list of claims shows it."""
    with reading(books.CLERK) as w:
        found = queries.claims(w, Ask("control", limit=0))
    return {row.control: row.state for row in found.rows}


def rejections() -> list[tuple[str, str, str]]:
    """The queue: (state of the item, subject, reason)."""
    rows = books.rows(_item, _item.c.queue == "rejections")
    return [(row.state, row.subject, row.reason) for row in rows]


def told(control: str) -> list[tuple[str, bool]]:
    """The life of a claim: (state, did it move)."""
    with reading(books.CLERK) as w:
        found = queries.claims(w, Ask("control", limit=0)).rows
        one = next(row for row in found if row.control == control)
        return [(step.state, step.moved) for step in queries_states.history(w, [one.id])[one.id]]


def test_a_claim_nobody_answered_is_transmitted(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"))
    assert states() == {"A1": "transmitted"}


def test_a_999_takes_and_refuses_transactions_and_their_claims(house: House) -> None:
    books.practice()
    books.take(a_bill("A1", "A2"))
    books.take(answers.taken(BILL, "0001 R 5", errors=["IK3*CLM*22**8", "CTX*CLM01:A1", "IK4*2*782*1"]))
    assert states() == {"A1": "syntax_rejected", "A2": "syntax_rejected"}
    assert rejections() == [("open", "transmission", "999:R")]
    books.take(answers.taken(BILL, "0001 A", day="20251229"))
    assert states() == {"A1": "syntax_accepted", "A2": "syntax_accepted"}
    assert rejections() == [("done", "transmission", "999:R")]


def test_a_ta1_that_refuses_the_file_refuses_its_claims(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"), answers.opened(BILL, "R", "006"))
    assert states() == {"A1": "interchange_rejected"}
    assert rejections() == [("open", "transmission", "TA1:R")]


def test_a_277ca_accepts_and_rejects_claims(house: House) -> None:
    books.practice()
    books.take(a_bill("A1", "A2", "A3"), answers.report("A1 A2:20", "A2 A7:562:85", "A3 A1:19:PR"))
    assert states() == {"A1": "accepted", "A2": "rejected", "A3": "received"}
    assert rejections() == [("open", "claim", "A7:562:85")]


def test_a1_after_a2_is_logged_and_moves_nothing(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"), answers.report("A1 A2:20"), answers.report("A1 A1:19", day="20251223"))
    assert states() == {"A1": "accepted"}
    assert told("A1") == [("transmitted", True), ("accepted", True), ("accepted", False)]


def test_a_rejection_of_the_payer_after_the_clearinghouse_took_it_wins(house: House) -> None:
    books.practice()
    late = answers.report("A1 A3:33:IL", day="20251224", origin="PR")
    books.take(a_bill("A1"), answers.report("A1 A2:20"), late)
    assert states() == {"A1": "rejected"}


def test_any_rejection_wins_over_an_acceptance_of_the_same_level(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"), answers.report("A1 A2:20 A7:562:85 A1:19"))
    assert states() == {"A1": "rejected"}


def test_a_refused_line_of_an_accepted_claim_is_work_too(house: House) -> None:
    books.practice()
    lines = ["SVC*HC:99213*100", "STC*A7:454*20251222*U", "REF*FJ*L1"]
    books.take(a_bill("A1"), answers.report("A1 A2:20", lines=lines))
    assert states() == {"A1": "accepted_with_line_rejects"}
    assert [one[:2] for one in rejections()] == [("open", "claim")]


def test_a_277_moves_a_claim_to_pending_and_to_asking(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"), answers.report("A1 A2:20"), answers.response("A1 P1:0", day="20260105"))
    assert states() == {"A1": "pending"}
    books.take(answers.response("A1 R4:294", day="20260106"))
    assert states() == {"A1": "info_requested"}


def test_a_remit_ends_the_waiting_and_the_rejection(house: House) -> None:
    books.practice()
    paid = era(claim("A1", line("99213", "100", cas="CO*45*20"), member="MA1", patient="DOE*A1"))
    books.take(a_bill("A1"), answers.report("A1 A7:562:85"))
    assert rejections() == [("open", "claim", "A7:562:85")]
    books.take(paid)
    assert states() == {"A1": "remitted"}
    assert rejections() == [("done", "claim", "A7:562:85")]


def test_a_claim_with_no_answer_but_its_remit_is_remitted(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"))
    books.take(era(claim("A1", line("99213", "100", cas="CO*45*20"), member="MA1", patient="DOE*A1")))
    assert states() == {"A1": "remitted"}


FILES = {
    "bill": a_bill("A1", "A2"),
    "999": answers.taken(BILL, "0001 A"),
    "early": answers.report("A1 A1:19", "A2 A2:20", day="20251222"),
    "late": answers.report("A1 A2:20", "A2 A7:562:85", day="20251224", origin="PR"),
    "paid": era(claim("A1", line("99213", "100", cas="CO*45*20"), member="MA1", patient="DOE*A1")),
}
ORDERS = list(itertools.permutations(FILES))


def in_order(names: Iterable[str]) -> None:
    for name in names:
        books.take(FILES[name], name=name)
    books.hurry()
    books.settle()


@pytest.mark.parametrize("names", ORDERS[::17], ids=" ".join)
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_any_order_of_import_ends_the_same(house: House, names: tuple[str, ...]) -> None:
    books.practice()
    in_order(names)
    assert states() == {"A1": "remitted", "A2": "rejected"}
    assert [one for one in rejections() if one[0] == "open"] == [("open", "claim", "A7:562:85")]
    assert told("A2") == [
        ("transmitted", True),
        ("syntax_accepted", True),
        ("accepted", True),
        ("rejected", True),
    ]


def test_answers_before_their_claims_wait_for_them(house: House) -> None:
    books.practice()
    in_order(("late", "999", "early", "bill"))
    assert states() == {"A1": "accepted", "A2": "rejected"}


def test_the_same_answer_twice_is_one(house: House) -> None:
    books.practice()
    books.take(FILES["bill"], FILES["late"])
    books.take(FILES["late"] + b"\n")
    assert len(books.rows(table_of(ClaimEvent))) == 2
    assert len(books.rows(table_of(ClaimAnswer))) == 2


def test_numbers_used_again_are_told_apart_by_day(house: House) -> None:
    books.practice()
    first = bill(billed("A1", "99213 100"), dress=replace(PLAIN, control=BILL, day="20251220"))
    again = bill(billed("B1", "99213 90"), dress=replace(PLAIN, control=BILL, day="20260105"))
    books.take(first, again)
    books.take(answers.taken(BILL, "0001 R 5", day="20251221"), answers.taken(BILL, "0001 A", day="20260106"))
    assert states() == {"A1": "syntax_rejected", "B1": "syntax_accepted"}


def test_sent_again_and_taken_closes_the_rejection(house: House) -> None:
    books.practice()
    books.take(a_bill("A1"), answers.report("A1 A7:562:85"))
    fixed = bill(
        billed("A1", "99213 100", member="MA1", patient="DOE*A1"),
        dress=replace(PLAIN, control=BILL + 1, day="20251229"),
    ).replace(b"20251220*0615", b"20251229*0615")
    books.take(fixed)
    assert states() == {"A1": "transmitted"}
    assert rejections() == [("open", "claim", "A7:562:85")]
    books.take(answers.report("A1 A2:20", day="20251230"))
    assert states() == {"A1": "accepted"}
    assert rejections() == [("done", "claim", "A7:562:85")]
