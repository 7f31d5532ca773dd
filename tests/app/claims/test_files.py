"""The page of a file says whom an answer speaks of, and how a file of ours was acknowledged."""

from dataclasses import replace

from app.claims.queries_files import NO_FILE, NOT_OURS, SEVERAL, answers_in, sent_in
from app.intake.models import IntakeFile
from app.kernel.db import table_of
from app.kernel.work import reading
from app.web import application
from tests import answers, books
from tests.conftest import House
from tests.era import PLAIN, bill, billed
from tests.policy import visitors

BILL = 4711


def a_bill(*controls: str) -> bytes:
    claims = [billed(one, "99213 100", member=f"M{one}", patient=f"DOE*{one}") for one in controls]
    return bill(*claims, dress=replace(PLAIN, control=BILL))


def test_an_answer_lists_the_claims_it_speaks_of_and_why_some_are_not_found(house: House) -> None:
    books.practice()
    books.take(a_bill("A1", "A2"))
    [report] = books.take(answers.report("A1 A2:20", "A2 A7:562:85", "ZZ A2:20"), name="report")
    with reading(books.CLERK) as w:
        found = answers_in(w, report.file_no)
    assert found is not None and (found.said, found.unmatched) == (3, 1)
    assert [(one.what, one.codes, one.refused, one.why) for one in found.rows] == [
        ("ZZ", "A2:20", False, NOT_OURS),
        ("A1", "A2:20", False, ""),
        ("A2", "A7:562:85", True, ""),
    ]
    assert SEVERAL != NOT_OURS


def test_a_999_links_to_the_file_it_takes_or_waits_for_it(house: House) -> None:
    books.practice()
    [early] = books.take(answers.taken(BILL, "0001 A"), name="early")
    with reading(books.CLERK) as w:
        found = answers_in(w, early.file_no)
    assert found is not None and {one.why for one in found.rows} == {NO_FILE}
    books.take(a_bill("A1"))
    with reading(books.CLERK) as w:
        found = answers_in(w, early.file_no)
    assert found is not None and found.unmatched == 0 and all(one.file for one in found.rows)


def test_submitted_is_accepted_and_rejected_and_what_nobody_answered(house: House) -> None:
    books.practice()
    [sent] = books.take(a_bill("A1", "A2", "A3"))
    books.take(answers.taken(BILL, "0001 A"), answers.report("A1 A2:20", "A2 A7:562:85"))
    with reading(books.CLERK) as w:
        [one] = sent_in(w, sent.file_no)
    assert (one.state, one.submitted, one.accepted, one.rejected, one.unanswered) == (
        "syntax_accepted", 3, 1, 1, 1,
    )  # fmt: skip


def test_a_refused_transaction_rejects_all_its_claims(house: House) -> None:
    books.practice()
    [sent] = books.take(a_bill("A1", "A2"))
    books.take(answers.opened(BILL, "R", "006"))
    with reading(books.CLERK) as w:
        [one] = sent_in(w, sent.file_no)
    assert (one.state, one.submitted, one.accepted, one.rejected) == ("interchange_rejected", 2, 0, 2)


def test_both_pages_say_so(house: House) -> None:
    books.practice()
    books.take(a_bill("A1", "A2"), answers.taken(BILL, "0001 A"))
    books.take(answers.report("A1 A2:20", "ZZ A2:20"), name="report")
    carl = visitors.add("carl", "clerk").browser(application.make_app())
    pages = [carl.get(f"/files/{row.public_id}").text for row in books.rows(table_of(IntakeFile))]
    assert "submitted = accepted + rejected" in pages[0] and "yntax accepted" in pages[0]
    assert "What it answers" in pages[1]
    assert "2 in all, 1 not matched" in pages[2] and "/claims/" in pages[2]
