"""One key opens the draft: from a denial, a rejection, a silent claim, and the claim's own page."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.denials.models import Denial
from app.kernel.db import table_of
from app.rebill import rules_focus
from app.rebill.models import Rebill
from app.web import application
from tests import books, era
from tests.policy import visitors

_rebill, _denial = table_of(Rebill), table_of(Denial)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150")))
    refused = era.claim("A1", era.line("99214", "300", "0", "CO*16*300", rarc="N382"), number="PCN1")
    books.take(era.era(refused, trace="T1"), name="era")
    yield application.make_app()


def press(browser: Any, page: str, action: str, **fields: Any) -> Any:
    """Send the form of a page that goes to this address."""
    token = visitors.form_token(browser, page)
    return browser.post(action, data={"csrf_token": token, **fields})


def test_a_denial_opens_its_correction_with_the_cursor_where_the_payer_pointed(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    case = books.rows(_denial)[0]
    at = f"/denials/{case.public_id}"
    assert "Correct and rebill" in dana.get(at).text
    answer = press(dana, at, f"/rebill/open/denial/{case.public_id}")
    made = books.rows(_rebill)[0]
    assert answer.headers["Location"] == f"/rebill/{made.public_id}?field=member_id"
    assert (made.kind, made.cause, made.cause_id, made.original_reference) == (
        "replacement", "denial", case.id, "PCN1",
    )  # fmt: skip
    # Pressed again, it is the same one.
    again = press(dana, at, f"/rebill/open/denial/{case.public_id}")
    assert again.headers["Location"] == answer.headers["Location"] and len(books.rows(_rebill)) == 1


def test_a_claim_offers_what_its_state_asks_for_first_and_says_why(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    claims = carl.get("/claims").text
    denied = claims.partition(">A1<")[0].rpartition("/claims/")[2][:20]
    silent = claims.partition(">A2<")[0].rpartition("/claims/")[2][:20]
    assert "rebill/offer" in carl.get(f"/claims/{denied}").text
    page = carl.get(f"/rebill/offer/{denied}").text
    assert "The payer decided it" in page and page.index("Replacement") < page.index("New claim")
    page = carl.get(f"/rebill/offer/{silent}").text
    assert "No payer has answered it" in page and page.index("New claim") < page.index("Replacement")
    answer = press(carl, "/rebill", f"/rebill/open/claim/{denied}", rank="1", kind="void")
    assert books.rows(_rebill)[0].kind == "void" and answer.status_code == 303
    assert "is under way" in carl.get(f"/rebill/offer/{denied}").text


def test_who_is_refused_comes_back_to_where_they_stood_and_reads_why(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    silent = carl.get("/claims").text.partition(">A2<")[0].rpartition("/claims/")[2][:20]
    answer = press(carl, "/rebill", f"/rebill/open/claim/{silent}", rank="1", kind="void")
    assert answer.headers["Location"] == f"/claims/{silent}"
    assert "flash-bad" in carl.get(f"/claims/{silent}").text and books.rows(_rebill) == []


@pytest.mark.parametrize(
    ("codes", "form", "field", "line"),
    [
        (["N382", "16"], "P", "member_id", 0),
        (["16"], "P", "", 0),
        (["N822", "4"], "P", "modifier", 1),
        (["562:82", "562"], "P", "rendering_npi", 0),
        (["562:82", "562"], "I", "", 0),
    ],
)
def test_codes_name_the_field_they_are_about(codes: list[str], form: str, field: str, line: int) -> None:
    found = rules_focus.place_of(codes, date(2026, 5, 1), form=form)
    assert (found.field, found.line) == (field, line) if found else field == ""


def test_a_code_says_nothing_before_its_day() -> None:
    assert rules_focus.place_of(["N382"], date(2011, 12, 31), form="P") is None
