"""A supervisor changes the rules claims are checked by; a set of denials is opened on its page."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.kernel.db import table_of
from app.rebill.models import ScrubRule
from app.web import application
from tests import books, era
from tests.app.rebill import desk
from tests.policy import visitors

_rule = table_of(ScrubRule)
RULE = {
    "code": "our-visit", "does": "error", "field": "procedure", "test": "not_in", "value": "99214",
    "words": "Not here.", "unblock": "Use 99213.", "effective_from": "t",
}  # fmt: skip


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    practice = books.practice()
    books.take(era.bill(era.billed("A1", "99214 300")))
    books.take(desk.denied(cas="CO*4*300", rarc=""))
    desk.opened(desk.biller(practice.id), "A1")
    yield application.make_app()


def post(browser: Any, path: str, seen: str, **form: str) -> Any:
    return browser.post(path, data={"csrf_token": visitors.form_token(browser, seen), **form})


def change(browser: Any, step: str, **form: str) -> Any:
    return post(browser, "/rebill/rules/rule", "/rebill/rules/rule", step=step, **{**RULE, **form})


def test_the_list_shows_shipped_rules_narrows_and_exports(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    page = sue.get("/rebill/rules").text
    assert "New rule" in page and "pointer-exists" in page
    assert "pointer-exists" not in sue.get("/rebill/rules?field=units").text
    assert "No rule matches these filters." in sue.get("/rebill/rules?q=nothing+like+it").text
    assert sue.get("/rebill/rules?format=csv").text.startswith("\ufeffRule,Does")
    assert "New rule" not in visitors.add("cleo", "clerk").browser(app).get("/rebill/rules").text


def test_a_rule_is_tried_on_the_open_drafts_before_it_is_written(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    tried = change(sue, "try").text
    assert "What it would stop" in tried and "A1R1" in tried and not books.rows(_rule)
    assert change(sue, "save").status_code == 422 and not books.rows(_rule)
    assert change(sue, "save", reason="Bulletin 7").status_code == 303
    (row,) = books.rows(_rule)
    assert (row.code, row.author, row.reason) == ("our-visit", "sue", "Bulletin 7")
    page = sue.get("/rebill/rules/rule?code=our-visit").text
    assert "Bulletin 7" in page and "End this rule" in page


def test_a_shipped_rule_is_silenced_from_a_day_and_comes_back_when_ours_ends(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    change(sue, "save", code="billing-zip", does="off", reason="our payers do not ask")
    choice = sue.get("/rebill/rules?q=nothing").text.count("overruled")
    assert sue.get("/rebill/rules?q=billing-zip").text.count("overruled") == choice + 1
    (row,) = books.rows(_rule)
    ended = post(sue, "/rebill/rules/end", "/rebill/rules/rule?code=billing-zip", code="billing-zip",
                 since=row.effective_from.isoformat(), on="t", why="they ask again")  # fmt: skip
    assert ended.status_code == 303
    assert sue.get("/rebill/rules?q=billing-zip").text.count("overruled") == choice


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "No"}, {"field": "no"}, {"test": "no"}, {"test": "pattern", "value": "(a+)+"},
        {"when": "what is this"}, {"words": ""}, {"test": "numeric_range", "value": "x"}, {"payer": "nobody"},
        {"payer_class": "nobody"}, {"effective_from": "x"}, {"test": "inside", "value": "nothing"},
    ],
)  # fmt: skip
def test_a_rule_nobody_can_read_is_refused_beside_the_form(app: Flask, wrong: dict[str, str]) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    assert change(sue, "save", reason="so", **wrong).status_code == 422 and not books.rows(_rule)


def test_programs_read_try_write_and_end_the_same_rules(app: Flask) -> None:
    sue, client = visitors.add("sue", "supervisor"), app.test_client()
    base, headers = "/api/v1/rebill/rules", sue.bearer
    tried = {name: value for name, value in RULE.items() if name != "effective_from"}
    assert client.post(f"{base}/what-if", json=tried, headers=headers).get_json()["stops"] == 1
    named = {"code": "our-visit", "effective_from": "2020-01-01", "reason": "so"}
    assert client.post(base, json=tried | named, headers=headers).status_code == 201
    rows = client.get(f"{base}?origin=own", headers=headers).get_json()["rows"]
    assert [(one["rule"]["code"], one["state"]) for one in rows] == [("our-visit", "in_force")]
    assert client.post(f"{base}/end", json=named, headers=headers).get_json()["did"] == "ended"


def test_a_set_is_looked_at_opened_and_taken_back_on_its_pages(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    (denial,) = [row.public_id for row in books.rows(desk.DENIAL)]
    look = "/rebill/sets/look"
    shown = post(dana, look, "/rebill", case=f"{denial}.1", field="modifier", value="25")
    assert shown.status_code == 200 and "open already" in shown.text
    (draft,) = books.rows(desk.REBILL)
    post(dana, f"/rebill/{draft.public_id}/cancel", f"/rebill/{draft.public_id}", version=str(draft.version),
         reason="as a set")  # fmt: skip
    shown = post(dana, look, "/rebill", case=f"{denial}.1", field="modifier", value="25").text
    assert "1 claim" in shown and "300.00" in shown
    made = post(dana, "/rebill/sets", "/rebill", denial=denial, field="modifier", value="25")
    assert made.status_code == 303
    page = dana.get(made.location).text
    assert "Take the set back" in page
    assert post(dana, made.location + "/undo", made.location, reason="no").status_code == 303
    assert "Taken back" in dana.get(made.location).text


def test_what_cannot_be_a_correction_is_said_on_the_page(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    (denial,) = [row.public_id for row in books.rows(desk.DENIAL)]
    answer = post(dana, "/rebill/sets/look", "/rebill", case=f"{denial}.1", field="modifier", value="")
    assert answer.status_code == 422 and "Write the value every claim gets." in answer.text
