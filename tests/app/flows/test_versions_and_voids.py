"""What happens when a claim is billed again: secondary, replaced, charged late, voided, forwarded."""

import itertools

import pytest

from app.claims.models import ClaimPayer, ClaimVersion
from app.kernel.db import table_of
from tests import books
from tests.books import accounts, balance, offer, take
from tests.conftest import House
from tests.era import bill, billed, claim, era, line, reversal

_payer, _version = table_of(ClaimPayer), table_of(ClaimVersion)
ORIGINAL = bill(billed("A1", "99214 150", "93000 100"))
REPLACED = bill(billed("A1", "99214 150", "93000 80", frequency="7", original="ICN1"))
VOIDED = bill(billed("A1", "99214 150", "93000 100", frequency="8", original="ICN1"))
LINES = (
    line("99214", "150", "90", "CO*45*60", control="L1"),
    line("93000", "100", "40", "CO*45*60", control="L2"),
)
PAID = era(claim("A1", *LINES, number="ICN1"), trace="EFT1")
TAKEN_BACK = era(
    reversal("A1", *LINES, number="ICN1"),
    claim("B2", line("99213", "200", "200"), number="ICN9", patient="ROE*JOHN", member="M2"),
    trace="EFT2",
    day="20260220",
)
OTHER = bill(billed("B2", "99213 200", patient="ROE*JOHN", member="M2"))


@pytest.fixture(autouse=True)
def practice(house: House) -> None:
    """One practice."""
    books.practice()


@pytest.mark.parametrize("order", list(itertools.permutations((0, 1))))
def test_a_replacement_charges_only_the_difference_whichever_file_comes_first(order: tuple[int, ...]) -> None:
    for number in order:
        take((ORIGINAL, REPLACED)[number], name=f"f{number}")
    assert balance("A1") == ("230.00", "0.00")
    assert accounts()[4000] == "-230.00"
    assert books.problems() == []


@pytest.mark.parametrize("order", list(itertools.permutations((0, 1, 2))))
def test_a_void_takes_the_charges_off_when_the_payer_confirms_it(order: tuple[int, ...]) -> None:
    take(ORIGINAL, OTHER, name="first")
    assert balance("A1") == ("250.00", "0.00")
    for number in order:
        take((VOIDED, PAID, TAKEN_BACK)[number], name=f"g{number}")
    assert balance("A1") == ("0.00", "0.00")
    assert accounts()[4000] == "-200.00"
    assert accounts()[1010] == "200.00"
    assert books.problems() == []


def test_a_void_alone_moves_nothing() -> None:
    take(ORIGINAL, VOIDED)
    assert balance("A1") == ("250.00", "0.00")


def test_the_same_claim_in_another_file_charges_nothing_again() -> None:
    take(ORIGINAL)
    take(bill(billed("A1", "99214 150", "93000 100", street="2 OTHER ST")), name="again")
    assert balance("A1") == ("250.00", "0.00")
    assert len(books.rows(_version)) == 1


def test_what_is_left_after_a_crossover_is_the_next_payers_though_we_never_named_one() -> None:
    take(ORIGINAL)
    paid = line("99214", "150", "90", "CO*45*40 PR*1*20")
    forwarded = claim("A1", paid, line("93000", "100", "100"), status="19")
    take(era(forwarded, trace="EFT3"))
    assert balance("A1") == ("20.00", "0.00")
    assert {(row.rank, row.state) for row in books.rows(_payer)} == {(1, "answered"), (2, "crossed_over")}


def test_a_clean_book_has_nothing_to_complain_of() -> None:
    offer(ORIGINAL)
    books.settle()
    assert books.problems() == []


def test_a_cut_file_needs_nobody_once_the_complete_one_came_in() -> None:
    take(ORIGINAL)
    take(PAID[: len(PAID) - 30], name="cut")
    assert books.states() == ["held"]
    take(PAID, name="whole")
    assert sorted(books.states()) == ["ignored", "posted"]
    assert balance("A1") == ("0.00", "0.00")
