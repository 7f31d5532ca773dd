"""Sign-in, password, second factor and search as a person meets them."""

import base64
import re
from typing import Any

import pytest
from flask import Flask

from app.access import service
from app.access.rules import one_time_code
from app.kernel.clock import now
from app.kernel.work import system, work
from app.web.application import make_app
from app.web.templating import counted
from tests.policy import visitors
from tests.policy.visitors import PASSWORD, form_token

NEW = "a different sentence altogether"  # pragma: allowlist secret - opens nothing but tests


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


def sign_in(client: Any, login: str, password: str = PASSWORD, **more: str) -> Any:
    form = {"login": login, "password": password, "csrf_token": form_token(client), **more}
    return client.post("/sign-in", data=form)


def test_a_first_day(app: Flask) -> None:
    """The one-time password, a password of one's own, and the house is open."""
    with work(system("tests")) as w:
        once = service.add_person(w, "nina", "Nina", roles=["clerk"]).one_time_password
    client = app.test_client()
    assert sign_in(client, "nina", once).status_code == 303
    assert client.get("/search").headers["Location"] == "/password"
    form = {"old": once, "new": NEW, "again": NEW, "csrf_token": form_token(client, "/password")}
    assert client.post("/password", data={**form, "again": "other"}).status_code == 422
    assert client.post("/password", data={**form, "old": "wrong"}).status_code == 422
    assert client.post("/password", data=form).headers["Location"] == "/"
    assert client.get("/search").status_code == 200
    assert sign_in(app.test_client(), "nina", once).status_code == 401


def test_an_unknown_login_and_a_wrong_password_get_the_same_page(app: Flask) -> None:
    visitors.add("kim", "clerk")
    pages = []
    for login in ("kim", "nob"):
        answer = sign_in(app.test_client(), login, "wrong")
        text = answer.get_data(as_text=True).replace(f'value="{login}"', "")
        pages.append((answer.status_code, re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", text)))
    assert pages[0] == pages[1]
    assert pages[0][0] == 401


@pytest.mark.parametrize("way", ["sign_out", "password", "role", "disabled"])
def test_a_replayed_cookie_opens_nothing(app: Flask, way: str) -> None:
    kim = visitors.add("kim", "clerk")
    browser, thief = kim.browser(app), kim.browser(app)
    assert thief.get("/search").status_code == 200
    if way == "sign_out":
        browser.post("/sign-out", data={"csrf_token": form_token(browser, "/password")})
    elif way == "password":
        form = {"old": PASSWORD, "new": NEW, "again": NEW, "csrf_token": form_token(browser, "/password")}
        browser.post("/password", data=form)
        assert browser.get("/search").status_code == 200  # the browser that changed it stays
    else:
        with work(system("tests")) as w:
            service.disable(w, "kim") if way == "disabled" else service.grant(w, "kim", "supervisor")
    assert thief.get("/search").status_code == 303


def test_a_second_factor_is_added_and_asked_for(app: Flask) -> None:
    kim = visitors.add("kim", "manager")
    browser = kim.browser(app)
    page = browser.get("/second-factor").get_data(as_text=True)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    secret = found.group(1).replace(" ", "")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    wrong = browser.post("/second-factor", data={"code": "1", "csrf_token": token.group(1)})
    assert wrong.status_code == 422
    assert secret[:4] in wrong.get_data(as_text=True)  # the same key, to try again
    right = {"code": code_of(secret), "csrf_token": token.group(1)}
    assert browser.post("/second-factor", data=right).status_code == 303
    assert sign_in(app.test_client(), "kim").status_code == 401


def code_of(secret: str) -> str:
    return one_time_code(base64.b32decode(secret), int(now().timestamp()) // 30)


def test_what_is_searched_for_stands_in_no_address(app: Flask, capfd: Any) -> None:
    browser = visitors.add("kim", "clerk").browser(app)
    text = "Quackenbush <b>"
    answer = browser.post("/search", data={"q": text, "csrf_token": form_token(browser, "/search")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Quackenbush &lt;b&gt;" in page and "Quackenbush <b>" not in page
    assert "Quackenbush" not in capfd.readouterr().err


def test_a_person_without_a_role_is_told_so(app: Flask) -> None:
    browser = visitors.add("new").browser(app)
    assert "no role yet" in browser.get("/", follow_redirects=True).get_data(as_text=True)


def test_the_menu_shows_what_one_may_open_and_nothing_else(app: Flask) -> None:
    for role in ("admin", "clerk"):
        visitor = visitors.add(f"one-{role}", role)
        browser = visitor.browser(app)
        page = browser.get("/search").get_data(as_text=True)
        links = re.findall(r'<a href="([^"]+)" data-key="g .', page)
        for link in links:
            assert browser.get(link).status_code == 200, (role, link)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_refusal_leads_back_to_the_page_one_came_from_and_to_no_other_house(app: Flask) -> None:
    client = visitors.add("lost", "clerk").browser(app)
    for came, ways in (("http://localhost/claims?sort=control", 1), ("http://elsewhere.example/claims", 0)):
        page = client.get(f"/claims/{visitors.NO_SUCH_ID}", headers={"Referer": came}).get_data(as_text=True)
        assert page.count('href="/claims?sort=control"') == ways
        assert "To the first screen" in page and "elsewhere" not in page


def test_one_of_many_is_said_as_one() -> None:
    said = [counted(1, "entries"), counted(1, "batches"), counted(1, "people"), counted(1204, "cases")]
    assert said == ["1 entry", "1 batch", "1 person", "1,204 cases"]
