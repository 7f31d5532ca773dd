"""What a payer may put into a remit, case by case, and what it must do to the books, to the cent."""

from typing import NamedTuple

import pytest

from app.kernel.db import table_of
from app.remits.models import ProviderAdjustment, RemitClaim
from tests import books
from tests.books import accounts, balance, journal, posted, take, transfers
from tests.conftest import House
from tests.era import Clp, Cover, bill, billed, claim, era, line, reversal

_pair, _clp = table_of(ProviderAdjustment), table_of(RemitClaim)


class Case(NamedTuple):
    """One payer's answer to one billed claim, with what it moves and what stays open (payer, patient)."""

    billed: str
    answer: Clp
    moves: str
    opens: tuple[str, str]


CASES = {
    "adjusted at claim level only": Case(
        "1000",
        claim("A1", charge="1000", paid="600", cas="CO*45*400"),
        "1010 1100 600.00, 4100 1100 400.00",
        ("0.00", "0.00"),
    ),
    "adjusted at both levels": Case(
        "1000",
        claim("A1", line("99214", "1000", "600", "CO*45*400"), cas="PR*1*100"),
        "1010 1100 600.00, 1100 1010 100.00, 4100 1100 400.00, 1110 1100 100.00",
        ("0.00", "100.00"),
    ),
    "paid above the charge": Case(
        "100",
        claim("A1", line("99214", "100", "120", "OA*94*-20")),
        "1010 1100 120.00, 1100 4100 20.00",
        ("0.00", "0.00"),
    ),
    "sequestration": Case(
        "100",
        claim("A1", line("99214", "100", "78.40", "CO*45*20 CO*253*1.60")),
        "1010 1100 78.40, 4100 1100 20.00, 4150 1100 1.60",
        ("0.00", "0.00"),
    ),
    "withheld for performance and for tax": Case(
        "100",
        claim("A1", line("99214", "100", "70", "CO*104*20 CO*105*10")),
        "1010 1100 70.00, 1200 1100 20.00, 1220 1100 10.00",
        ("0.00", "0.00"),
    ),
    "covered by capitation": Case(
        "100", claim("A1", line("99214", "100", "0", "CO*24*100")), "4100 1100 100.00", ("0.00", "0.00")
    ),
    "all to the deductible": Case(
        "100", claim("A1", line("99214", "100", "0", "PR*1*100")), "1110 1100 100.00", ("0.00", "100.00")
    ),
    "a denial": Case("100", claim("A1", line("99214", "100", "0", "CO*197*100")), "", ("100.00", "0.00")),
    "a denial called the patient's": Case(
        "100", claim("A1", line("99214", "100", "0", "PR*27*100")), "", ("100.00", "0.00")
    ),
    "a reason nobody knows": Case(
        "100", claim("A1", line("99214", "100", "60", "CO*ZZ9*40")), "1010 1100 60.00", ("40.00", "0.00")
    ),
    "an odd group for a contract": Case(
        "100", claim("A1", line("99214", "100", "60", "PI*45*40")), "1010 1100 60.00", ("40.00", "0.00")
    ),
    "six reasons in one segment": Case(
        "100",
        claim("A1", line("99214", "100", "40", "CO*45*10**253*10**104*10**105*10**24*10**59*10")),
        "1010 1100 40.00, 4100 1100 10.00, 4150 1100 10.00, 1200 1100 10.00, 1220 1100 10.00, "
        "4100 1100 10.00",
        ("10.00", "0.00"),
    ),
    "not ours, sent on": Case(
        "100", claim("A1", charge="100", paid="0", status="23"), "", ("100.00", "0.00")
    ),
    "a price asked beforehand": Case(
        "100", claim("A1", charge="100", cas="OA*101*100", status="25"), "", ("100.00", "0.00")
    ),
}


@pytest.fixture
def ours(house: House) -> House:
    """A house with one billing entity."""
    books.practice()
    return house


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_answer_moves_exactly_this(ours: House, case: Case) -> None:
    take(bill(billed("A1", case.billed)), era(case.answer, trace="T1"))
    assert journal(posted("T1")) == transfers(*filter(None, case.moves.split(", ")))
    assert balance("A1") == case.opens
    assert books.states() == ["posted"]


def test_a_line_off_by_a_cent_waits_for_a_person_and_its_cash_does_too(ours: House) -> None:
    take(bill(billed("A1", "100")), era(claim("A1", line("99214", "100", "39.99", "CO*45*60"), paid="39.99")))
    assert journal(posted("EFT0001")) == transfers("1010 2000 39.99")
    assert balance("A1") == ("100.00", "0.00")
    [parked] = books.rows(_clp)
    assert (parked.state, parked.reason) == ("parked", "835.line_balance")


def test_a_claim_off_by_a_cent_waits_although_its_lines_balance(ours: House) -> None:
    take(bill(billed("A1", "100")), era(claim("A1", line("99214", "100", "40", "CO*45*60"), paid="39.99")))
    assert journal(posted("EFT0001")) == transfers("1010 2000 39.99")
    assert [row.reason for row in books.rows(_clp)] == ["835.claim_balance"]


@pytest.mark.parametrize("status", ["5", "10", "17", "99"])
def test_a_status_the_guide_does_not_know_waits_for_a_person(ours: House, status: str) -> None:
    take(bill(billed("A1", "100")), era(claim("A1", charge="100", paid="100", status=status)))
    assert journal(posted("EFT0001")) == transfers("1010 2000 100.00")
    assert [row.reason for row in books.rows(_clp)] == ["835.unknown_status"]


def test_half_a_cent_waits_for_a_person(ours: House) -> None:
    answer = claim("A1", line("99214", "100", "60", "CO*45*40.005"), paid="60")
    take(bill(billed("A1", "100")), era(answer))
    assert accounts(posted("EFT0001")) == {1010: "60.00", 2000: "-60.00"}


FIRST = claim("A1", line("99214", "200", "120", "CO*45*80"))


def test_a_takeback_put_off_leaves_this_payment_whole_and_a_later_one_collects_it(ours: House) -> None:
    """Overpayment pattern B of the guide."""
    take(bill(billed("A1", "200"), billed("A2", "300"), billed("A3", "300")), era(FIRST, trace="T1"))
    corrected = claim("A1", line("99214", "200", "80", "CO*45*120"), number="PAYERA1B")
    off = era(
        reversal("A1", line("99214", "200", "120", "CO*45*80")), corrected,
        claim("A2", line("99214", "300")),
        trace="T2", plb="WO:PAYERA1*-40",
    )  # fmt: skip
    take(off, era(claim("A3", line("99214", "300")), trace="T3", plb="WO:PAYERA1*40"))
    assert accounts(posted("T2"))[1010] == "300.00"
    assert accounts(posted("T2"))[2040] == "-40.00"
    assert accounts(posted("T3"))[1010] == "260.00"
    assert 2040 not in accounts()
    assert [row.state for row in books.rows(_pair)] == ["offset", "offset"]


def test_a_refund_check_the_payer_acknowledges_changes_no_payment(ours: House) -> None:
    """Overpayment pattern C of the guide."""
    paid = era(claim("A1", line("99214", "300")), trace="T1", plb="WO:PAYERA0*40 72:PAYERA0*-40")
    take(bill(billed("A1", "300")), paid)
    assert journal(posted("T1")) == transfers("1010 1100 300.00", "2040 1010 40.00", "1010 2040 40.00")
    assert accounts()[1010] == "300.00"


def test_interest_told_with_a_claim_is_no_money(ours: House) -> None:
    take(bill(billed("A1", "200")), era(FIRST, trace="T1"))
    again = claim("A1", line("99214", "200", "120", "CO*45*80"), number="PAYERA1B", amt="I*3.00")
    back = reversal("A1", line("99214", "200", "120", "CO*45*80"), amt="I*-3.00")
    take(era(back, again, trace="T2"))
    assert books.states() == ["posted", "posted"]
    assert 4210 not in accounts()
    assert accounts(posted("T2")) == {}


def test_a_payment_without_any_claim_is_capitation(ours: House) -> None:
    take(era(trace="T1", plb="CT*-1500"))
    assert journal(posted("T1")) == transfers("1010 4200 1500.00")


def test_what_a_payment_cannot_cover_is_carried_forward(ours: House) -> None:
    """Overpayment pattern D of the guide: claims -130, interest 5, nothing paid."""
    paid = claim("A1", line("99214", "200", "130", "CO*45*70"))
    take(bill(billed("A1", "200")), era(paid, trace="T1"))
    back = reversal("A1", line("99214", "200", "130", "CO*45*70"))
    take(era(back, trace="T2", plb="L6*-5 FB:T2*-125", paid="0"))
    assert journal(posted("T2")) == transfers(
        "1100 1010 130.00", "1100 4100 70.00", "1010 4210 5.00", "1010 2041 125.00"
    )
    assert accounts()[1010] == "130.00"


def test_a_payment_taken_back_for_good_leaves_the_whole_charge_open(ours: House) -> None:
    take(bill(billed("A1", "200")), era(FIRST, trace="T1"))
    take(era(reversal("A1", line("99214", "200", "120", "CO*45*80")), trace="T2", plb="FB:T2*-120", paid="0"))
    assert balance("A1") == ("200.00", "0.00")


def test_the_correction_may_come_in_a_later_remit(ours: House) -> None:
    take(bill(billed("A1", "200")), era(FIRST, trace="T1"))
    take(era(reversal("A1", line("99214", "200", "120", "CO*45*80")), trace="T2", plb="FB:T2*-120", paid="0"))
    take(era(claim("A1", line("99214", "200", "90", "CO*45*80 PR*2*30"), number="PAYERA1B"), trace="T3"))
    assert balance("A1") == ("0.00", "30.00")


def test_both_legs_post_although_they_are_nothing_together(ours: House) -> None:
    take(bill(billed("A1", "200")), era(FIRST, trace="T1"))
    same = claim("A1", line("99214", "200", "120", "CO*45*80"), number="PAYERA1B")
    take(era(reversal("A1", line("99214", "200", "120", "CO*45*80")), same, trace="T2"))
    assert journal(posted("T2")) == transfers(
        "1100 1010 120.00", "1100 4100 80.00", "1010 1100 120.00", "4100 1100 80.00"
    )


def test_a_reversal_of_nothing_waits_and_its_negative_cash_is_owed(ours: House) -> None:
    take(bill(billed("A1", "200"), billed("A2", "300")))
    back = reversal("A1", line("99214", "200", "120", "CO*45*80"))
    take(era(back, claim("A2", line("99214", "300")), trace="T1"))
    assert journal(posted("T1")) == transfers("2040 1010 120.00", "1010 1100 300.00")
    assert [row.reason for row in books.rows(_clp, _clp.c.status == "22")] == ["remit.no_original"]
    take(era(FIRST, trace="T0", day="20260110"))
    assert balance("A1") == ("200.00", "0.00")
    assert 2040 not in accounts()
    assert books.problems() == []


def test_a_reversal_of_other_amounts_waits(ours: House) -> None:
    take(bill(billed("A1", "200"), billed("A2", "300")), era(FIRST, trace="T1"))
    back = reversal("A1", line("99214", "200", "110", "CO*45*90"))
    take(era(back, claim("A2", line("99214", "300")), trace="T2"))
    assert balance("A1") == ("0.00", "0.00")
    assert [row.reason for row in books.rows(_clp, _clp.c.status == "22")] == ["remit.reversal_differs"]


def test_the_rest_goes_to_the_second_payer_and_from_there_to_the_patient(ours: House) -> None:
    one = billed("A1", "500", second=Cover())
    primary = claim(
        "A1", line("99214", "500", "300", "CO*45*125 PR*1*75"), status="19", crossed_to="SECOND PLAN"
    )
    take(bill(one), era(primary, trace="T1"))
    assert [(row.debit_rank, row.credit_rank) for row in posted("T1") if row.debit == row.credit] == [(2, 1)]
    assert balance("A1") == ("75.00", "0.00")
    second = claim("A1", line("99214", "500", "65", "OA*23*425 PR*2*10"), status="2", number="SEC1")
    take(era(second, trace="T2", payer="1987654321", payer_name="SECOND PLAN"))
    assert journal(posted("T2")) == transfers("1010 1100 65.00", "1110 1100 10.00")
    assert balance("A1") == ("0.00", "10.00")


def test_a_second_payer_cannot_write_off_more_than_is_open(ours: House) -> None:
    """R835-40: no OA-23, and a contractual of the whole charge."""
    take(bill(billed("A1", "500", second=Cover())))
    take(era(claim("A1", line("99214", "500", "300", "CO*45*125 PR*1*75")), trace="T1"))
    second = claim("A1", line("99214", "500", "65", "CO*45*435"), status="2", number="SEC1")
    take(era(second, trace="T2", payer="1987654321", payer_name="SECOND PLAN"))
    assert journal(posted("T2")) == transfers("1010 1100 65.00", "4100 1100 10.00")
    assert balance("A1") == ("0.00", "0.00")
    assert books.problems() == []


def test_lines_in_another_order_reach_the_lines_they_were_billed_as(ours: House) -> None:
    take(bill(billed("A1", "99214 150", "93000 100")))
    swapped = (
        line("93000", "100", "40", "CO*45*60", control="L2"),
        line("99214", "150", "80", "CO*45*70", control="L1"),
    )
    take(era(claim("A1", *swapped), trace="T1"))
    by_line: dict[int, int] = {}
    for row in books.entries():
        for account, sign in ((row.debit, 1), (row.credit, -1)):
            if account == 1100:
                by_line[row.line_id] = by_line.get(row.line_id, 0) + sign * int(row.amount)
    assert len(by_line) == 2
    assert set(by_line.values()) == {0}


HELD = {
    "that does not add up": era(claim("A1", charge="100", paid="100"), paid="99.99"),
    "that takes money": era(claim("A1", charge="100", paid="100"), bpr="BPR*I*100*D*ACH************20260116"),
    "that only announces": era(
        claim("A1", charge="100", paid="100"), bpr="BPR*P*100*C*ACH************20260116"
    ),
    "for somebody unknown": era(claim("A1", charge="100", paid="100"), npi="1999999984").replace(
        b"REF*TJ*999988880~\n", b"REF*D3*9999999~\n"
    ),
}


@pytest.mark.parametrize("content", HELD.values(), ids=HELD)
def test_nothing_posts_of_a_remit(ours: House, content: bytes) -> None:
    take(bill(billed("A1", "100")), content)
    assert books.states() == ["held"]
    assert accounts() == {1100: "100.00", 4000: "-100.00"}


def test_the_same_adjudication_in_another_payment_waits(ours: House) -> None:
    take(bill(billed("A1", "200")), era(FIRST, trace="T1"), era(FIRST, trace="T2"))
    assert journal(posted("T2")) == transfers("1010 2000 120.00")
    assert [row.reason for row in books.rows(_clp) if row.state == "parked"] == ["remit.same_adjudication"]


def test_a_claim_written_twice_in_one_payment_posts_once(ours: House) -> None:
    take(bill(billed("A1", "200")), era(FIRST, FIRST, trace="T1"))
    assert accounts(posted("T1")) == {1010: "240.00", 1100: "-200.00", 2000: "-120.00", 4100: "80.00"}


def test_a_payment_that_came_before_its_claim_posts_when_the_claim_arrives(ours: House) -> None:
    take(era(FIRST, trace="T1"))
    assert accounts() == {1010: "120.00", 2000: "-120.00"}
    take(bill(billed("A1", "200")))
    assert accounts() == {1010: "120.00", 4000: "-200.00", 4100: "80.00"}
    assert books.problems() == []
