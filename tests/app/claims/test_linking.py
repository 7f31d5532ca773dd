"""A CLM01 we gave belongs to its claim whatever else was corrected, and charges it by the difference."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.claims import service as claims
from app.claims.models import Claim, ClaimAnswer, ClaimControl, ClaimLine, ClaimPayer, ClaimVersion
from app.flows import resolve
from app.kernel.db import engine, table_of
from app.kernel.errors import NotAllowed, Stale
from app.kernel.work import work
from app.patients.models import Patient
from tests import answers, books
from tests.era import PLAIN, bill, billed, claim, era, line, reversal

CLAIM, VERSION, LINE = table_of(Claim), table_of(ClaimVersion), table_of(ClaimLine)
PAYER, PATIENT, CONTROL = table_of(ClaimPayer), table_of(Patient), table_of(ClaimControl)
OURS = ("1100 4000",)


def made_at(content: bytes, moment: str) -> bytes:
    """The same file, made at this moment (YYYYMMDDHHMM)."""
    return content.replace(b"20251220*0615", f"{moment[:8]}*{moment[8:]}".encode())


def submission(control: str, *lines: str, at: str, number: int, **said: Any) -> bytes:
    """A file of ours with one claim."""
    return made_at(bill(billed(control, *lines, **said), dress=replace(PLAIN, control=number)), at)


def name(*controls: str, of: str = "A1") -> None:
    """What batching does: these CLM01s were given to submissions of a claim."""
    [owner] = [row for row in books.rows(CLAIM) if row.control == of]
    with work(books.CLERK) as w:
        claims.name_controls(w, owner.entity_id, [(control, owner.id) for control in controls])


def undo(number: int) -> None:
    public = [row.public_id for row in books.transactions() if row.kind.startswith("837")][number]
    with work(books.CLERK) as w:
        resolve.undo(w, public, reason="sent by mistake")


@pytest.fixture
def first(house: Any) -> Iterator[None]:
    del house
    books.practice()
    books.take(bill(billed("A1", "99213 100", "93000 50")))
    yield


def test_whatever_was_corrected_it_is_the_same_claim(first: None) -> None:
    name("A1R1")
    corrected = submission(
        "A1R1", "99214 130", "93000 50", at="202601050900", number=7, patient="DOH*JANET", day="20251217"
    )
    books.take(corrected)
    [one] = books.rows(CLAIM)
    assert (str(one.charge), str(one.service_from), one.control) == ("180.00", "2025-12-17", "A1")
    assert books.accounts() == {1100: "180.00", 4000: "-180.00"}
    assert books.balance("A1") == ("180.00", "0.00")
    assert [row.state for row in books.rows(VERSION)] == ["superseded", "current"]
    assert len(books.rows(PATIENT)) == 1, "a corrected spelling is not another patient"
    assert not books.problems()


def test_a_new_claim_after_a_rejection_is_the_one_in_force(first: None) -> None:
    name("A1R1", "A1R2")
    replaced = submission("A1R1", "99214 130", at="202601050900", number=7, frequency="7", original="P1")
    books.take(replaced)
    books.take(submission("A1R2", "99213 120", at="202601060900", number=8))
    assert books.balance("A1") == ("120.00", "0.00")
    assert [row.state for row in books.rows(VERSION)] == ["superseded", "superseded", "current"]


def test_a_correction_that_changes_no_price_is_in_force_and_moves_no_money(first: None) -> None:
    name("A1R1")
    before = len(books.entries())
    content = submission("A1R1", "99213 100", "93000 50", at="202601050900", number=7)
    books.take(content.replace(b"HI*ABK:E119", b"HI*ABK:I10"))
    assert len(books.entries()) == before
    assert [row.state for row in books.rows(VERSION)] == ["superseded", "current"]
    assert books.rows(CLAIM)[0].current_version_id == books.rows(VERSION)[1].id
    assert [row.live for row in books.rows(LINE)] == [True, True, False, False]


def test_the_same_file_again_charges_nothing(first: None) -> None:
    name("A1R1")
    content = submission("A1R1", "99214 130", at="202601050900", number=7)
    books.take(content)
    before = books.content()
    books.take(content)
    books.take(content.replace(b"\n", b""))
    assert books.content() == before and len(books.rows(CLAIM)) == 1


def test_a_corrected_payer_is_the_payer_of_the_claim(first: None) -> None:
    name("A1R1")
    content = submission("A1R1", "99213 100", "93000 50", at="202601050900", number=7)
    books.take(content.replace(b"EXAMPLE HEALTH PLAN*****PI*1512345678", b"OTHER PLAN*****PI*OTHER01"))
    [covered] = books.rows(PAYER)
    assert covered.payer_id == books.rows(VERSION)[1].payer_id != books.rows(VERSION)[0].payer_id


def test_a_charge_that_did_not_add_up_is_corrected_line_by_line(house: Any) -> None:
    del house
    books.practice()
    books.take(bill(billed("A1", "99213 100", "93000 50")).replace(b"CLM*A1*150*", b"CLM*A1*160*"))
    assert books.balance("A1") == ("160.00", "0.00")
    name("A1R1")
    books.take(submission("A1R1", "99213 100", "93000 55", at="202601050900", number=7))
    assert books.accounts() == {1100: "155.00", 4000: "-155.00"}
    assert not books.problems()


def test_late_charges_and_then_a_replacement_state_everything_once(first: None) -> None:
    name("A1R1", "A1R2")
    books.take(submission("A1R1", "36415 30", at="202601050900", number=7, frequency="5"))
    assert books.balance("A1") == ("180.00", "0.00")
    whole = ("99213 100", "93000 50", "36415 40")
    books.take(submission("A1R2", *whole, at="202601060900", number=8, frequency="7", original="P1"))
    assert books.balance("A1") == ("190.00", "0.00")
    assert str(books.rows(CLAIM)[0].charge) == "190.00"


def test_a_void_takes_the_charges_when_the_payer_confirms_it(first: None) -> None:
    name("A1R1")
    lines = (line("99213", "100", cas="CO*45*20"), line("93000", "50"))
    books.take(era(claim("A1", *lines), trace="T1"))
    void = submission("A1R1", "99213 100", "93000 50", at="202601200900", number=7, frequency="8",
                      original="PAYERA1")  # fmt: skip
    books.take(void)
    assert books.balance("A1") == ("0.00", "0.00"), "nothing moves before the payer says so"
    assert books.accounts()[4000] == "-150.00"
    back = reversal("A1R1", *lines, number="PAYERA1")
    books.take(era(back, trace="T2", day="20260201", plb="FB:1*-130", paid="0"))
    assert books.accounts().get(4000, "0") == "0" and books.balance("A1") == ("0.00", "0.00")
    books.settle()
    undone = [row for row in books.rows(VERSION) if row.state == "void"]
    assert len(undone) == 1 and not books.problems()


def test_a_payment_of_the_new_number_waits_for_our_file(first: None) -> None:
    name("A1R1")
    paid = era(claim("A1R1", line("99214", "130", cas="CO*45*30")), trace="T1")
    books.take(paid)
    assert books.balance("A1") == ("150.00", "0.00") and books.accounts()[2000] == "-100.00"
    books.take(submission("A1R1", "99214 130", at="202601050900", number=7, patient="DOH*JANE"))
    assert books.balance("A1") == ("0.00", "0.00") and 2000 not in books.accounts()


FILES = {
    "second": submission("A1R1", "99214 130", "93000 50", at="202601050900", number=7, day="20251217"),
    "third": submission("A1R2", "99214 130", "93000 45", at="202601070900", number=8, day="20251217",
                        frequency="7", original="P1"),
    "paid": era(claim("A1R2", line("99214", "130", cas="CO*45*30"), line("93000", "45", cas="PR*1*5"),
                      patient="DOH*J"), trace="T1"),
}  # fmt: skip


def test_any_order_of_arrival_ends_in_the_same_books(house: Any, tmp_path: Path) -> None:
    del house
    found = []
    for number, order in enumerate(permutations(FILES)):
        with books.elsewhere(tmp_path / str(number)):
            books.practice()
            books.take(bill(billed("A1", "99213 100", "93000 50")))
            name("A1R1", "A1R2")
            for one in order:
                books.take(FILES[one])
            assert books.balance("A1") == ("0.00", "5.00")
            assert books.rows(CLAIM)[0].current_version_id == max(
                row.id for row in books.rows(VERSION) if row.control == "A1R2"
            )
            found.append(books.content())
    assert all(one == found[0] for one in found)


def test_a_sent_correction_can_be_undone_and_read_again(first: None) -> None:
    name("A1R1")
    before = books.content()
    books.take(submission("A1R1", "99214 130", "93000 50", at="202601050900", number=7, day="20251217"))
    after = books.content()
    with pytest.raises(NotAllowed):
        undo(0)
    undo(1)
    assert {key[:3]: 0 for key in books.content()} and books.balance("A1") == ("150.00", "0.00")
    assert str(books.rows(CLAIM)[0].charge) == "150.00"
    assert str(books.rows(CLAIM)[0].service_from) == "2025-12-16"
    assert sum(before.values()) == sum(after.values()) == 0
    public = [row.public_id for row in books.transactions()][1]
    with work(books.CLERK) as w:
        resolve.replay(w, public, reason="it was sent after all")
    books.settle()
    assert books.balance("A1") == ("180.00", "0.00")
    assert [row.live for row in books.rows(LINE)].count(True) == 2
    assert not books.problems()


def test_after_a_correction_was_undone_the_first_claim_can_be_too(first: None) -> None:
    name("A1R1")
    books.take(submission("A1R1", "99214 130", at="202601050900", number=7))
    undo(1)
    undo(0)
    assert books.accounts() == {}


def test_a_correction_of_a_denied_claim_can_be_undone(first: None) -> None:
    name("A1R1")
    books.take(era(claim("A1", line("99213", "100", cas="CO*16*100"), line("93000", "50", cas="CO*16*50"),
                         status="4"), trace="T1"))  # fmt: skip
    books.take(submission("A1R1", "99214 130", "93000 50", at="202602050900", number=7))
    undo(1)
    assert books.balance("A1") == ("150.00", "0.00")


def test_an_answered_correction_is_undone_after_its_answer(first: None) -> None:
    name("A1R1")
    books.take(submission("A1R1", "99214 130", at="202601050900", number=7))
    books.take(era(claim("A1R1", line("99214", "130")), trace="T1"))
    with pytest.raises(NotAllowed):
        undo(1)


def test_a_number_belongs_to_one_claim_only(first: None) -> None:
    books.take(bill(billed("B1", "99213 90", patient="ROE*RICHARD", member="M2")))
    name("A1R1")
    name("A1R1")
    with pytest.raises(Stale):
        name("A1R1", of="B1")
    assert len(books.rows(CONTROL)) == 1


def test_a_report_about_our_number_finds_its_claim_before_the_file_is_taken_in(first: None) -> None:
    name("A1R1")
    books.take(answers.report("A1R1 A7:562:85", day="20260107").replace(b"DOE*JANE", b"ROE*X"))
    [told] = [row for row in books.rows(table_of(ClaimAnswer)) if row.control == "A1R1"]
    assert told.claim_id == books.rows(CLAIM)[0].id


def test_five_hundred_corrections_take_as_many_statements_as_five(house: Any) -> None:
    del house
    books.practice()
    counts = []
    for start, many in ((0, 5), (1000, 500)):
        names = [f"C{start + number}" for number in range(many)]
        books.take(bill(*(billed(one, "99213 100", patient=f"DOE*{one}", member=one) for one in names)))
        own = {row.control: row for row in books.rows(CLAIM)}
        with work(books.CLERK) as w:
            pairs = [(f"{one}R1", own[one].id) for one in names]
            claims.name_controls(w, own[names[0]].entity_id, pairs)
        again = bill(*(billed(f"{one}R1", "99213 110", patient=f"DOE*{one}", member=one) for one in names))
        books.offer(made_at(again, "202601050900"))
        statements: list[str] = []

        def count(_c: Any, _k: Any, text: str, *_: Any, kept: list[str] = statements) -> None:
            kept.append(text)

        event.listen(engine(), "before_cursor_execute", count)
        books.settle()
        event.remove(engine(), "before_cursor_execute", count)
        counts.append(len(statements))
        assert {books.balance(one) for one in names[:5]} == {("110.00", "0.00")}
    assert counts[1] <= counts[0] + 5


STEP = st.tuples(
    st.sampled_from("157"),
    st.lists(st.integers(1, 4).map(lambda n: n * 25), min_size=1, max_size=3),
    st.booleans(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=1, max_size=4), data=st.data())
def test_no_history_of_submissions_charges_twice(house: Any, steps: list[Any], data: Any) -> None:
    del house
    if not books.rows(books.ENTITY):
        books.practice()
    own = f"H{len(books.rows(CLAIM))}"
    who: Any = dict(patient=f"DOE*{own}", member=own)
    files, late, whole = [], 0, 150
    for number, (frequency, prices, other_day) in enumerate(steps, start=1):
        lines = [f"9921{at} {price}" for at, price in enumerate(prices, start=2)]
        at = f"202601{number:02d}0900"
        day = f"202512{16 + number}" if other_day else "20251216"
        said = dict(frequency=frequency, original="P1" if frequency == "7" else "", day=day, **who)
        key = len(books.transactions()) * 10 + number
        files.append(submission(f"{own}R{number}", *lines, at=at, number=key, **said))
        whole, late = (whole, late + sum(prices)) if frequency == "5" else (sum(prices), 0)
    order = data.draw(st.permutations([*files, *data.draw(st.lists(st.sampled_from(files), max_size=2))]))
    books.take(bill(billed(own, "99213 100", "93000 50", **who)))
    name(*(f"{own}R{number}" for number in range(1, len(steps) + 1)), of=own)
    for one in order:
        books.take(one)
    [row] = [row for row in books.rows(CLAIM) if row.control == own]
    assert books.balance(own) == (f"{whole + late}.00", "0.00")
    assert str(row.charge) == f"{whole + late}.00"
    live = sum(int(one.charge) for one in books.rows(LINE) if one.live and one.claim_id == row.id)
    assert live == (whole + late) * 100
