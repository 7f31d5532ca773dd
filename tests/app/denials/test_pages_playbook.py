"""A supervisor teaches the playbook what the clinic knows better, and sees what that would have done."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.codes import service as codes
from app.denials import queries_playbook, service_playbook
from app.denials.models import DenialPlay
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.work import reading
from app.web import application
from tests import books, era
from tests.policy import visitors

_play = table_of(DenialPlay)
CLAIMS = {"A1": "150", "A2": "90", "A3": "300", "A4": "80"}
BILLED = era.bill(*(era.billed(name, f"99213 {charge}") for name, charge in CLAIMS.items()))


def remit() -> bytes:
    day = now().strftime("%Y%m%d")
    reasons = {
        "A1": ("CO*16*150", "M127"),
        "A2": ("CO*16*90", "M127"),
        "A3": ("CO*197*300", ""),
        "A4": ("CO*16*80", "M76"),
    }
    claims = [
        era.claim(name, era.line("99213", CLAIMS[name], "0", cas, rarc=rarc), number=f"P{at}")
        for at, (name, (cas, rarc)) in enumerate(reasons.items())
    ]
    return era.era(*claims, trace="EFT0001", day=day)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(BILLED, remit())
    yield application.make_app()


def post(browser: Any, step: str, **form: str) -> Any:
    token = visitors.form_token(browser, "/playbook/row")
    return browser.post("/playbook/row", data={"step": step, "csrf_token": token, **form})


ROW = {
    "carc": "16",
    "rarc": "M127",
    "next_action": "appeal",
    "letter": "appeal_missing_records",
    "days": "60",
    "effective_from": "t",
}


def test_the_playbook_shows_shipped_rows_and_narrows(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    page = sue.get("/playbook").text
    assert "New row" in page and "authorization number missing" in page.replace("_", " ")
    narrowed = sue.get("/playbook?carc=252").text
    assert narrowed.count("data-row") < page.count("data-row")
    assert "No row matches these filters." in sue.get("/playbook?carc=999").text
    assert "New row" not in visitors.add("dana", "denial_specialist").browser(app).get("/playbook").text


def test_before_saving_one_sees_what_the_row_would_have_decided(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    page = post(sue, "try", **ROW).text
    figures = dict(
        re.findall(r'figure-label">([^<]+)</span><span class="figure-value">(?:<[^>]+>)?([^<]+)', page)
    )
    assert (figures["Cases read"], figures["Would change"], figures["Denied in them"]) == ("4", "2", "240.00")
    assert (figures["Category"], figures["Action"], figures["Letter"]) == ("0", "2", "0")
    assert "A1" in page and "A3" not in page.split("The largest of these cases")[1].split("As it stands")[0]
    assert not books.rows(_play), "trying writes nothing"


def test_a_row_is_saved_with_its_reason_and_an_older_one_stays_for_the_record(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    assert post(sue, "save", **ROW).status_code == 422, "a reason is asked for"
    assert post(sue, "save", **ROW, reason="They always want the records").status_code == 303
    assert post(sue, "save", **{**ROW, "days": "45"}, reason="New manual").status_code == 303
    assert [bool(row.replaced_at) for row in books.rows(_play)] == [True, False]
    page = sue.get("/playbook/row?carc=16&rarc=M127").text
    assert "They always want the records" in page and "New manual" in page and "replaced" in page
    assert "M127" in sue.get("/playbook?source=own").text
    settled = post(sue, "try", **{**ROW, "days": "45"}).text
    assert "No refusal of the last 90 days would have been read differently." in settled


def test_a_row_nobody_understands_is_refused_with_its_words_kept(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    for wrong in (
        {"days": "soon"},
        {"next_action": "dance"},
        {"effective_from": "someday"},
        {"carc": "", "rarc": ""},
    ):
        answer = post(sue, "try", **{**ROW, **wrong})
        assert answer.status_code == 422, wrong
        assert "appeal_missing_records" in answer.text
    dana = visitors.add("dana", "denial_specialist").browser(app)
    assert post(dana, "save", **ROW, reason="x").status_code == 403


def test_taking_a_row_out_is_asked_the_same_way(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor")
    with reading(books.CLERK) as w:
        today, entity = w.now.date(), books.rows(books.ENTITY)[0].id
    assert post(sue.browser(app), "save", **ROW, reason="why").status_code == 303
    with reading(books.CLERK) as w:
        match, answers = service_playbook.read_row(ROW)
        book = codes.book(w, entity, today)
        effect = queries_playbook.what_if(w, entity, book, match, answers, ends=True)
    assert (effect.read, effect.cases, effect.action) == (4, 2, 2)


def test_programs_read_try_and_write_the_same_rows(app: Flask) -> None:
    sue, client = visitors.add("sue", "supervisor"), app.test_client()
    row = {name: value for name, value in ROW.items() if name != "effective_from"}
    tried = client.post("/api/v1/playbook/what-if", json=row, headers=sue.bearer).get_json()
    assert (tried["cases"], tried["denied"], tried["samples"][0]["would"]["days"]) == (2, "240.00", 60)
    assert (tried["action"], tried["deadline"]) == (2, 0), "CO-16 gives no appeal right: no clock runs"
    whole = {**row, "effective_from": "2026-01-01", "reason": "Their manual"}
    assert client.post("/api/v1/playbook", json=whole, headers=sue.bearer).status_code == 201
    found = client.get("/api/v1/playbook?source=own", headers=sue.bearer).get_json()["rows"]
    assert [(one["row"]["rarc"], one["reason"]) for one in found] == [("M127", "Their manual")]


def test_a_row_ahead_is_withdrawn_and_one_in_force_ends_on_a_day(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor")
    browser, client = sue.browser(app), app.test_client()
    assert (
        post(browser, "save", **{**ROW, "effective_from": "t+30"}, reason="New contract").status_code == 303
    )
    token = visitors.form_token(browser, "/playbook/row")
    match = {"carc": "16", "rarc": "M127"}
    page = browser.get("/playbook/row?carc=16&rarc=M127").text
    assert "Withdraw this row" in page
    end = {**match, "csrf_token": token, "since": "t+30", "on": "t"}
    assert browser.post("/playbook/row/end", data=end).status_code == 422, "a reason is asked for"
    assert browser.post("/playbook/row/end", data={**end, "why": "No contract"}).status_code == 303
    assert [row.replaced_at is None for row in books.rows(_play)] == [False]
    assert browser.post("/playbook/row/end", data={**end, "why": "Again"}).status_code == 404

    assert post(browser, "save", **{**ROW, "effective_from": "t-10"}, reason="A letter").status_code == 303
    since = next(row.effective_from for row in books.rows(_play) if row.replaced_at is None)
    asked = {"match": match, "effective_from": since.isoformat(), "reason": "The payer changed its rules"}
    ended = client.post("/api/v1/playbook/end", json=asked, headers=sue.bearer)
    assert ended.get_json()["did"] == "ended"
    [standing] = [row for row in books.rows(_play) if row.replaced_at is None]
    assert (standing.effective_from, standing.answers["letter"]) == (since, ROW["letter"])
    assert standing.effective_to.isoformat() == ended.get_json()["on"]
    again = client.post("/api/v1/playbook/end", json=asked, headers=sue.bearer)
    assert again.status_code == 422 and again.get_json()["error"]["code"] == "ended"
