"""A lead looks codes up as of a day, and reads one differently from a day on."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.codes.models import CodeRow
from app.kernel.db import table_of
from app.web import application
from tests import books
from tests.policy import visitors

_row = table_of(CodeRow)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    yield application.make_app()


def post(browser: Any, address: str, **form: str) -> Any:
    token = visitors.form_token(browser, address)
    return browser.post(address, data={"csrf_token": token, "effective_from": "t", **form})


def test_each_list_shows_and_narrows_by_code_and_words(app: Flask) -> None:
    kim = visitors.add("kim", "clerk").browser(app)
    for name in ("carc", "rarc", "plb", "category", "status"):
        assert kim.get(f"/codes?list={name}").status_code == 200
    assert kim.get("/codes?q=197").text.count("data-row") == 1
    assert 1 < kim.get("/codes?q=coverage").text.count("data-row") < 40
    assert "No code matches these filters." in kim.get("/codes?q=zzzz").text
    assert kim.get("/codes?list=colours").status_code == 404
    assert kim.get("/codes?on=yesterday").status_code == 422
    assert kim.get("/codes/carc/0000").status_code == 404


def test_a_code_is_read_differently_from_a_day_on_and_the_shipped_row_stays_in_sight(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    assert post(sue, "/codes/carc/96", a_next_action="appeal").status_code == 422, "a reason is asked for"
    assert post(sue, "/codes/carc/96", reason="x").status_code == 422, "something must change"
    assert post(sue, "/codes/carc/96", a_next_action="dance", reason="x").status_code == 422
    assert post(sue, "/codes/carc/96", a_next_action="appeal", reason="Our plan pays").status_code == 303
    page = sue.get("/codes/carc/96").text
    assert "Our plan pays" in page and "<b>appeal</b>" in page
    assert sue.get("/codes?ours=yes").text.count("data-row") == 1
    assert sue.get("/codes?ours=yes&on=2020-01-01").text.count("data-row") == 0
    assert [row.reason for row in books.rows(_row)] == ["Our plan pays"]


def test_only_a_lead_changes_a_code(app: Flask) -> None:
    kim = visitors.add("kim", "clerk").browser(app)
    assert "Read it differently" not in kim.get("/codes/carc/96").text
    assert kim.get("/codes?format=csv").status_code == 200
    token = visitors.form_token(kim, "/search")
    assert kim.post("/codes/carc/96", data={"csrf_token": token}).status_code == 403


def test_programs_read_and_change_the_same_codes(app: Flask) -> None:
    sue, client = visitors.add("sue", "supervisor"), app.test_client()
    found = client.get("/api/v1/codes?list=rarc&q=M127", headers=sue.bearer).get_json()["rows"]
    assert [one["code"] for one in found] == ["M127"]
    change = {"attributes": {"next_action": "appeal"}, "effective_from": "2026-01-01", "reason": "Why"}
    made = client.post("/api/v1/codes/carc/96", json=change, headers=sue.bearer)
    assert made.status_code == 201 and made.get_json()["attributes"]["next_action"] == "appeal"
    assert client.get("/api/v1/codes/carc/96", headers=sue.bearer).get_json()["rows"][0]["reason"] == "Why"
