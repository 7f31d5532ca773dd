"""Claims on screen: found by number, payer, day, amount and who owes; by name only in the search."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.web import application
from tests import books, era
from tests.policy import visitors

BILLED = era.bill(
    era.billed("A1", "99214 300"),
    era.billed("A2", "99213 150", patient="ROE*RICHARD", member="MEM0002"),
    era.billed("B7", "99215 500", patient="POE*EDGAR", member="MEM0003", day="20251101"),
)
PAID = era.era(
    era.claim("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40"), number="P1"),
    era.claim("B7", era.line("99215", "500", "400", "CO*45*100"), patient="POE*EDGAR", number="P7"),
    trace="EFT0001",
)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(BILLED)
    books.take(PAID)
    yield application.make_app()


def found(app: Flask, query: str, login: str = "carl") -> set[str]:
    """The control numbers a filter finds, by the file it gives."""
    browser = visitors.add(login, "clerk").browser(app)
    text = browser.get(f"/claims?format=csv&{query}").get_data().decode("utf-8-sig")
    return {row["Claim"] for row in csv.DictReader(io.StringIO(text))}


def test_claims_are_found_by_who_owes(app: Flask) -> None:
    assert found(app, "standing=with_patient", "ann") == {"A1"}
    assert found(app, "standing=with_payer", "ben") == {"A2"}
    assert found(app, "standing=settled", "cid") == {"B7"}


def test_claims_are_found_by_number_day_and_amount(app: Flask) -> None:
    assert found(app, "control=A", "ann") == {"A1", "A2"}
    assert found(app, "to=2025-11-30", "ben") == {"B7"}
    assert found(app, "charge_from=150.00&charge_to=300", "cid") == {"A1", "A2"}


def test_the_list_adds_up_and_refuses_what_it_cannot_read(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    page = carl.get("/claims").text
    assert "950.00" in page and "DOE, JANE" in page
    assert carl.get("/claims?charge_from=much").status_code == 422
    assert carl.get("/claims?standing=somewhere").status_code == 422


def test_the_search_finds_a_claim_by_name_number_and_amount(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    for text in ("roe, rich", "A2", "=150.00", "ROE"):
        form = {"q": text, "csrf_token": visitors.form_token(carl, "/claims")}
        page = carl.post("/search", data=form).text
        assert "ROE, RICHARD" in page and "POE" not in page, text


def test_an_empty_house_says_where_claims_come_from(house: Any) -> None:
    del house
    books.practice()
    page = visitors.add("carl", "clerk").browser(application.make_app()).get("/claims").text
    assert "No claims yet" in page
