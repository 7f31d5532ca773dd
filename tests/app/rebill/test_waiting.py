"""The tabs of Rebill: what is to be corrected, what was sent and needs a look, what may cross over."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.clock import today
from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill.lifecycle import Kind
from app.rebill.models import Rebill
from app.rebill.queries_offers import Offer
from app.web import application
from app.worklist import service as worklist
from app.worklist.service import NewItem
from tests import books, era
from tests.app.rebill.drafts import waiting
from tests.policy import visitors
from tests.rebills import ZONE

_rebill = table_of(Rebill)
SECOND = era.Cover("SECOND HEALTH PLAN", era.OTHER_PAYER)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150")))
    yield application.make_app()


def clerk(app: Flask) -> FlaskClient:
    return visitors.add("carl", "clerk").browser(app)


def rows(page: str) -> str:
    return page.split("<tbody>")[1].split("</tbody>")[0]


def test_what_is_finished_is_no_work_to_do_and_stands_in_a_tab_of_its_own(app: Flask) -> None:
    waiting("A1", state="ready")
    waiting("A2", state="transmitted")
    browser = clerk(app)
    page = browser.get("/rebill").text
    assert "Nothing waits to be corrected" in page
    for label in ("To work on 0", "Ready 1", "Under way 1", "Flags 0", "Waiting for a crossover 0", "All 2"):
        assert f">{label}<" in page, label
    assert "A1" in rows(browser.get("/rebill?state=ready").text)
    assert "A2" in rows(browser.get("/rebill?state=out").text)


def test_what_was_sent_and_needs_a_look_says_why(app: Flask) -> None:
    public = waiting("A1", state="transmitted")
    (row,) = books.rows(_rebill, _rebill.c.public_id == public)
    with work(books.CLERK) as w:
        item = NewItem(
            entity_id=row.entity_id, queue="rebill_flags", kind="double_billed", subject="rebill",
            subject_id=row.id, reason="secondary.double_billed", amount=int(row.expected),
            claim_id=row.claim_id, detail={"rebill": public},
        )  # fmt: skip
        worklist.open_many(w, [item])
    browser = clerk(app)
    assert "forwarded the claim too" in rows(browser.get("/rebill?state=flags").text)
    api = visitors.add("ina", "integration")
    [said] = app.test_client().get("/api/v1/rebill?state=flags", headers=api.bearer).get_json()["rows"]
    assert said["control"] == "A1" and "forwarded" in said["flag"]


def test_a_forwarded_claim_is_seen_until_its_day_and_may_be_billed_before(app: Flask) -> None:
    day = f"{today(ZONE):%Y%m%d}"
    books.take(era.bill(era.billed("A3", "99214 150", second=SECOND, filing="CI", day=day)))
    line = era.line("99214", "150", cas="CO*45*30 PR*2*20", day=day)
    forwarded = era.claim("A3", line, number="P3", status="19", crossed_to="SECOND HEALTH PLAN")
    books.take(era.era(forwarded, trace="T3", day=day))
    browser = clerk(app)
    page = browser.get("/rebill/waiting").text
    assert "A3" in rows(page) and "SECOND HEALTH PLAN" in rows(page) and "Bill now" in rows(page)
    assert "150.00" in page and ">Waiting for a crossover 1<" in page
    for file_format in ("csv", "xlsx", "json"):
        answer = browser.get(f"/rebill/waiting?format={file_format}")
        assert answer.status_code == 403 or "attachment" in answer.headers["Content-Disposition"]
    api = visitors.add("ina", "integration")
    [said] = app.test_client().get("/api/v1/rebill/waiting", headers=api.bearer).get_json()["rows"]
    assert (said["control"], said["rank"], said["payer"]) == ("A3", 2, "SECOND HEALTH PLAN")
    token = visitors.form_token(browser, "/rebill")
    posted = {"csrf_token": token, "rank": "2", "kind": "secondary"}
    answer = browser.post(f"/rebill/open/claim/{said['claim']}", data=posted)
    assert books.rows(_rebill, _rebill.c.kind == "secondary"), answer.headers["Location"]
    assert "A3" not in rows(browser.get("/rebill/waiting").text)


def test_denials_that_are_selected_become_one_set_with_one_key(app: Flask) -> None:
    day = f"{today(ZONE):%Y%m%d}"
    refused = era.line("99214", "300", "0", "CO*16*300", rarc="M62", day=day)
    books.take(era.era(era.claim("A1", refused, number="P1"), trace="T1", day=day))
    browser = visitors.add("dana", "denial_specialist").browser(app)
    page = browser.get("/denials").text
    assert 'formaction="/rebill/sets/look" data-key="c"' in page
    [chosen] = re.findall(r'name="case" value="([^"]+)"', page)
    token = visitors.form_token(browser, "/denials")
    look = browser.post("/rebill/sets/look", data={"csrf_token": token, "case": chosen, "all": ""})
    assert look.status_code == 200 and "Correct and rebill as one set" in look.text and "A1" in look.text


def test_nothing_waits_and_the_page_says_when_something_would(app: Flask) -> None:
    page = clerk(app).get("/rebill/waiting").text
    assert "One does when the payer before says in its remit that it forwarded the claim" in page


def test_charges_a_hospital_forgot_have_a_button_of_their_own() -> None:
    hospital = Offer(1, "HEALTH PLAN", Kind.REPLACEMENT, "It was decided.", institutional=True)
    assert [words for _, words in hospital.others] == ["New claim", "Void", "Late charges"]
    doctor = Offer(1, "HEALTH PLAN", Kind.REPLACEMENT, "It was decided.")
    assert [words for _, words in doctor.others] == ["New claim", "Void"]
