"""EOBs onto the books: no cash, order makes no difference, the 835 wins (RFHIR-10 to 15)."""

from pathlib import Path

import pytest

from app.denials.models import Denial
from app.kernel.db import table_of
from app.remits.models import Eob, RemitClaim
from tests import books
from tests.conftest import House
from tests.eobs import golden, written
from tests.era import bill, billed, claim, era, line

_eob, _claim, _denial = table_of(Eob), table_of(RemitClaim), table_of(Denial)
BILL = bill(billed("PCN0001", "99214 150", "93000 100"))
ERA = era(
    claim(
        "PCN0001",
        line("99214", "150", cas="CO*45*30 PR*1*20**2*20"),
        line("93000", "100", cas="CO*197*100"),
        number="ICNPCN0001",
    )
)


def arrive(*files: bytes) -> None:
    """Files come in one after the other, each with all that follows from it."""
    for number, content in enumerate(files):
        books.offer(content, f"arrives{number}")
        books.settle()


def of_eobs() -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in books.transactions() if row.kind == "fhir"]


def open_denials() -> list[tuple[str, str, int]]:
    found = [row for row in books.rows(_denial) if row.outcome != "posting_undone"]
    return [(row.category, row.state, int(row.denied)) for row in found]


def test_an_eob_posts_the_adjudication_and_no_cash(house: House) -> None:
    books.practice()
    arrive(BILL, written(golden()))
    assert of_eobs() == [("posted", None)]
    # 250 billed: 30 written down, 40 to the patient; 80 said to be paid and 100 refused stay with the payer.
    assert books.balance("PCN0001") == ("180.00", "40.00")
    assert books.accounts() == {1100: "180.00", 1110: "40.00", 4000: "-250.00", 4100: "30.00"}
    assert open_denials() == [("authorization", "new", 10_000)]
    assert books.problems() == []


@pytest.mark.parametrize("order", ["bea", "bae", "eba", "eab", "abe", "aeb"])
def test_whatever_comes_first_the_books_end_the_same(house: House, order: str, tmp_path: Path) -> None:
    files = {"b": BILL, "e": written(golden()), "a": ERA}
    books.practice()
    arrive(*(files[one] for one in order))
    assert books.balance("PCN0001") == ("100.00", "40.00")
    assert open_denials() == [("authorization", "new", 10_000)]
    assert [
        (row.live, row.state) for row in books.rows(_claim, _claim.c.payer_control == "ICNPCN0001")
    ].count((True, "posted")) == 1
    assert books.problems() == []
    content = books.content()
    with books.elsewhere(tmp_path / "elsewhere"):
        books.practice()
        arrive(BILL, ERA)
        assert books.content() == content
