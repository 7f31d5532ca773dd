"""The screen Rebill: what waits to be corrected, whose it is, what comes next."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.kernel.db import table_of
from app.rebill.models import Rebill
from app.web import application
from tests import books, era
from tests.app.rebill.drafts import waiting
from tests.policy import visitors

_rebill = table_of(Rebill)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150")))
    yield application.make_app()


def test_an_empty_list_says_where_claims_to_correct_come_from(app: Flask) -> None:
    clerk = visitors.add("carl", "clerk").browser(app)
    page = clerk.get("/rebill").text
    assert "Nothing waits to be corrected. Open one from a denial" in page


def test_the_list_shows_what_is_wrong_by_when_and_what_all_of_it_comes_to(app: Flask) -> None:
    words = {"code": "R837-10", "does": "error", "field": "original_reference", "line": None,
             "words": "A replacement names the payer's number.", "unblock": "Type it."}  # fmt: skip
    waiting("A1", problems=[words], errors=1)
    waiting("A2")
    clerk = visitors.add("carl", "clerk").browser(app)
    page = clerk.get("/rebill").text
    assert "5 days left" in page and "A replacement names the payer" in page and "450.00" in page
    assert "A2" not in clerk.get("/rebill?problem=errors").text.split("<tbody>")[1]
    assert "A1" in clerk.get("/rebill?problem=R837-10").text.split("<tbody>")[1]
    assert "A1" not in clerk.get("/rebill?file_by=t%2B1").text.split("<tbody>")[1]


def test_a_mistyped_filter_is_answered_beside_the_list(app: Flask) -> None:
    waiting("A1")
    clerk = visitors.add("carl", "clerk").browser(app)
    answer = clerk.get("/rebill?file_by=soon")
    assert answer.status_code == 422 and "A day is written" in answer.text and "A1" in answer.text


def test_a_claim_is_taken_and_the_next_one_comes(app: Flask) -> None:
    first, second = waiting("A1"), waiting("A2")
    visitor = visitors.add("carl", "clerk")
    clerk = visitor.browser(app)
    token = visitors.form_token(clerk, "/rebill")
    clerk.post("/rebill/act", data={"csrf_token": token, "rebill": f"{first}.1", "act": "mine"})
    assert books.rows(_rebill, _rebill.c.public_id == first)[0].owner_id == visitor.person_id
    answer = clerk.post("/rebill/next", data={"csrf_token": token, "leaving": first})
    assert answer.headers["Location"].endswith(second)


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_the_list_leaves_the_house_as_a_file(app: Flask, file_format: str) -> None:
    waiting("A1")
    clerk = visitors.add("sue", "supervisor").browser(app)
    answer = clerk.get(f"/rebill?format={file_format}")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
