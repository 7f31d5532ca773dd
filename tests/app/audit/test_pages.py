"""The screen Audit trail."""

from typing import Any

import pytest
from flask import Flask

from app.audit.pages import words_of
from app.kernel.db import engine
from app.kernel.work import reading, system
from app.web.application import make_app
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


@ONE_DATABASE
def test_an_auditor_reads_and_filters_the_trail(app: Flask) -> None:
    browser = visitors.add("ann", "auditor").browser(app)
    assert "role granted" in browser.get("/audit/").get_data(as_text=True)
    filtered = browser.get("/audit/?type=person.added").get_data(as_text=True)
    assert "person added" in filtered and "role granted" not in filtered
    assert browser.get("/audit/?format=csv").get_data(as_text=True).count("\n") > 3


@ONE_DATABASE
def test_the_chain_is_verified_and_a_tamper_is_told(app: Flask) -> None:
    browser = visitors.add("ann", "auditor").browser(app)

    def verified() -> str:
        form = {"csrf_token": visitors.form_token(browser, "/audit/")}
        return browser.post("/audit/verify", data=form).get_data(as_text=True)

    assert "The chain is whole" in verified()
    with engine().begin() as db:
        db.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        db.exec_driver_sql("UPDATE audit_event SET actor = 'nobody' WHERE seq = 1")
    assert "The trail was changed" in verified()


@ONE_DATABASE
def test_looks_without_work_are_listed(app: Flask) -> None:
    ann = visitors.add("ann", "auditor")
    browser = ann.browser(app)
    assert "Nobody." in browser.get("/audit/quiet").get_data(as_text=True)
    for _ in range(3):
        with reading(system("tests")) as w:
            w.actor = type(w.actor)("curious", person_id=5, scope=w.actor.scope)
            w.audit("claim.read", "R", "claim", "c1", patients=(7,))
    assert "curious" in browser.get("/audit/quiet").get_data(as_text=True)


def test_details_are_words() -> None:
    assert words_of('{"count":3,"filters":["state","payer"]}') == "count 3, filters state payer"
    assert words_of("") == ""
