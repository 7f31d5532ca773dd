"""A payer writes off more than its contract allows: the rest stays open with the payer, and is disputed."""

import io
from datetime import date
from decimal import Decimal

import pytest

from app.contracts import service as contracts
from app.contracts import service_import
from app.entities.rules import Practice
from app.flows import resolve
from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.underpayments.models import Underpayment
from tests import books
from tests.books import balance, journal, posted, take, transfers
from tests.conftest import House
from tests.era import PAYER, Clp, bill, billed, claim, era, line, reversal
from tests.worlds import CLERK, exported

FEES = f"""payer_id,code_type,code,modifier,setting,allowed,effective_from,effective_to
{PAYER},HC,99214,,,92.43,2025-01-01,2026-12-31
{PAYER},HC,99213,,,60.00,2025-01-01,2026-12-31
"""
SHORT = line("99214", "180", "62.86", "CO*45*101.43 PR*2*15.71")
_case = table_of(Underpayment)


@pytest.fixture
def clinic(house: House) -> Practice:
    """A practice that has its payer's fees and believes its write-offs only up to them."""
    practice = books.practice()
    with work(CLERK) as w:
        file_id = service_import.keep(w, io.BytesIO(FEES.encode()), "fees.csv")
        service_import.load(w, practice.id, file_id)
    switch(practice, on=True)
    return practice


def switch(practice: Practice, *, on: bool, payer: str = PAYER, **more: str) -> None:
    with work(CLERK) as w:
        terms = {"post_contractual_up_to_expected": on, **more}
        contracts.change_terms(w, practice.id, payer, terms, effective_from=date(2025, 1, 1))
    books.settle()


def answered(*claims: Clp, charges: tuple[str, ...] = ("99214 180",), trace: str = "EFT1") -> None:
    take(bill(billed("A1", *charges)), era(*claims, trace=trace))


def adds_up() -> str:
    """What nothing else explains of the one claim there is, once its equation holds and the books verify."""
    assert not books.problems()
    with reading(CLERK) as w:
        (row,) = exported(w, "claims")
    parts = ("payer_paid", "contractual", "patient_responsibility", "denied", "other_adjustments")
    assert Decimal(row["charge"]) == sum(Decimal(row[name]) for name in parts)
    return row["other_adjustments"]


def test_what_is_written_off_beyond_the_contract_stays_open_with_the_payer(clinic: Practice) -> None:
    answered(claim("A1", SHORT))
    assert journal(posted("EFT1")) == transfers("1010 1100 62.86", "4100 1100 87.57", "1110 1100 15.71")
    assert balance("A1") == ("13.86", "15.71")
    (case,) = books.rows(_case)
    assert (case.state, str(case.amount)) == ("detected", "13.86")
    assert adds_up() == "13.86"


def test_a_switch_that_is_off_or_of_another_payer_believes_the_payer(house: House) -> None:
    practice = books.practice()
    with work(CLERK) as w:
        service_import.load(w, practice.id, service_import.keep(w, io.BytesIO(FEES.encode()), "fees.csv"))
    switch(practice, on=True, payer="SOMEBODY")
    answered(claim("A1", SHORT))
    assert balance("A1") == ("0.00", "15.71")


@pytest.mark.parametrize(
    ("charges", "answer", "open_with_payer"),
    [
        (("99214 180",), claim("A1", line("99214", "180", "92.43", "CO*45*87.57")), "0.00"),
        (("99214 180",), claim("A1", line("99214", "180", "92.40", "CO*45*87.60")), "0.00"),
        (("99999 180",), claim("A1", line("99999", "180", "50", "CO*45*130")), "0.00"),
        (("99214 180",), claim("A1", line("99214", "180", "0", "CO*24*180")), "0.00"),
        (("99214 180",), claim("A1", line("99214", "180", "0", "CO*45*80 CO*50*100")), "100.00"),
        (("99214 180",), claim("A1", charge="180", paid="62.43", cas="CO*45*117.57"), "30.00"),
        (
            ("99214 180", "99213 100"),
            claim("A1", SHORT, line("99213", "100", "50", "CO*45*50")),
            "23.86",
        ),
        (
            ("99214 180", "99213 100"),
            claim("A1", charge="280", paid="100", cas="CO*45*180"),
            "52.43",
        ),
    ],
    ids=[
        "as agreed", "within tolerance", "no price known", "capitated", "refused in part",
        "adjusted for the claim only", "two lines short", "two lines in one amount",
    ],
)  # fmt: skip
def test_each_kind_of_answer_is_cut_to_the_cent(
    clinic: Practice, charges: tuple[str, ...], answer: Clp, open_with_payer: str
) -> None:
    answered(answer, charges=charges)
    assert balance("A1")[0] == open_with_payer
    adds_up()


def test_a_payer_that_corrects_itself_leaves_nothing_open(clinic: Practice) -> None:
    answered(claim("A1", SHORT))
    back = reversal("A1", SHORT, number="PAYERA1")
    right = claim("A1", line("99214", "180", "76.72", "CO*45*87.57 PR*2*15.71"), number="PAYERA1B")
    take(era(back, right, trace="EFT2"))
    assert balance("A1") == ("0.00", "15.71")
    assert adds_up() == "0.00"
    (case,) = books.rows(_case)
    assert (case.state, str(case.recovered)) == ("recovered", "13.86")


def test_undone_it_is_as_if_never_posted_and_replayed_it_is_cut_again(clinic: Practice) -> None:
    answered(claim("A1", SHORT))
    one = next(row for row in books.transactions() if row.kind == "835")
    with work(CLERK) as w:
        resolve.undo(w, one.public_id, reason="wrong practice")
    books.settle()
    assert balance("A1") == ("180.00", "0.00")
    with work(CLERK) as w:
        resolve.replay(w, one.public_id, reason="right after all")
    books.settle()
    assert balance("A1") == ("13.86", "15.71")
    adds_up()
