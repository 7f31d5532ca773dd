"""A cookie alone changes nothing: writes need the page's token, and reading changes nothing at all (A4)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import MetaData, select

from app.access.rules import PUBLIC, policy
from app.kernel.db import engine
from app.web.application import make_app
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
TRACES = {"audit_event", "audit_patient", "audit_head", "session"}
"""What a look leaves: its event in the trail, and when its session was last seen."""
EVERYTHING = ("clerk", "denial_specialist", "supervisor", "treasury", "manager", "operator")


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


def dump() -> dict[str, list[str]]:
    """Every row of every table but the traces."""
    tables = MetaData()
    with engine().connect() as db:
        tables.reflect(db)
        return {
            table.name: sorted(str(tuple(row)) for row in db.execute(select(table)))
            for table in tables.sorted_tables
            if table.name not in TRACES
        }


@ONE_DATABASE
@pytest.mark.parametrize("token", [None, "", "forged", "IjEyMyI.aaaa.bbbb"])
def test_a_write_by_cookie_without_the_pages_token_is_refused(app: Flask, token: str | None) -> None:
    kim = visitors.add("kim", *EVERYTHING)
    before = dump()
    form = {} if token is None else {"csrf_token": token}
    wrong = []
    for door, name, address in visitors.addresses(app):
        method = name.partition(" ")[0]
        if door != "page" or method == "GET":
            continue
        answer = kim.browser(app).open(address, method=method, data=form)
        if answer.status_code not in (400, 403):
            wrong.append((name, answer.status_code))
    assert wrong == []
    assert dump() == before


@ONE_DATABASE
def test_reading_changes_nothing(app: Flask) -> None:
    kim, ann = visitors.add("kim", *EVERYTHING), visitors.add("ann", "auditor")
    before = dump()
    for door, name, address in visitors.addresses(app):
        if name.startswith("GET "):
            for who in (kim, ann):
                assert visitors.knock(app, who, door, name, address).status_code < 500, name
    assert dump() == before


@ONE_DATABASE
def test_another_sites_token_of_another_session_is_worth_nothing(app: Flask) -> None:
    kim, eve = visitors.add("kim", "clerk"), visitors.add("eve", "clerk")
    token = visitors.form_token(eve.browser(app), "/password")
    answer = kim.browser(app).post("/sign-out", data={"csrf_token": token})
    assert answer.status_code == 400
    assert kim.browser(app).get("/password").status_code == 200


@ONE_DATABASE
def test_a_write_with_the_pages_token_goes_through(app: Flask) -> None:
    browser = visitors.add("kim", "clerk").browser(app)
    answer = browser.post("/sign-out", data={"csrf_token": visitors.form_token(browser, "/password")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.get("/password").status_code == 303


def test_no_public_write_but_coming_in_and_the_links_of_statements() -> None:
    public = {
        name for (door, name), asked in policy().doors.items() if asked == PUBLIC and door in ("page", "api")
    }
    assert {name for name in public if not name.startswith("GET ")} == {
        "POST web.sign_in",
        "POST access_api.Token",
        "POST access_api.Refresh",
        *(f"POST statements.link_{act}" for act in ("open", "pdf", "stop")),
    }
