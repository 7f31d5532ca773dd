"""A passkey made and used in a real browser, with the authenticator the browser brings along for tests."""

from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import select, update

from app.access.models import Passkey
from app.audit.models import AuditEvent
from app.kernel.db import engine, table_of
from app.kernel.settings import settings
from tests.conftest import House
from tests.policy import visitors
from tests.stories.test_a_day_in_the_browser import browser, complaints, served, signed_in

sqlite_only = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
KEYS, EVENTS = table_of(Passkey), table_of(AuditEvent)


def authenticator(page: Page) -> None:
    """Give the browser a device that knows its owner."""
    session: Any = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
               "hasUserVerification": True, "isUserVerified": True,
               "automaticPresenceSimulation": True}  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def live_at(monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    """The address people type: passkeys belong to a name, never to a number."""
    named = url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("RECLAIM_ORIGIN", named)
    settings.cache_clear()
    return named


@sqlite_only
def test_a_passkey_is_made_opens_the_door_alone_and_its_copy_does_not(
    house: House, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served() as plain, browser(chromium) as chrome:
        url = live_at(monkeypatch, plain)
        page = signed_in(chrome, url, "mia", "manager")
        authenticator(page)
        page.goto(url + "/account")
        assert complaints(page) == []
        page.fill("[name=name]", "Office laptop")
        page.click("[data-passkey=create]")
        page.wait_for_selector(".codes li")
        assert page.locator(".codes li").count() == 10
        page.click("text=I have kept them")
        page.wait_for_selector("text=Office laptop")
        assert complaints(page) == []
        leave(page)
        assert complaints(page) == []
        come_in(page)
        page.goto(url + "/account")
        assert "last used" in page.inner_text("main")
        with engine().begin() as db:
            db.execute(update(KEYS).values(signs=KEYS.c.signs + 50))  # somebody else used a copy meanwhile
        leave(page)
        page.click("[data-passkey=get]")
        page.wait_for_selector("#sign-in-problem")
        assert "not right" in page.inner_text("#sign-in-problem")
        with engine().connect() as db:
            told = db.execute(select(EVENTS.c.outcome).where(EVENTS.c.type == "passkey.copied")).scalars()
            assert list(told) == [12]


def leave(page: Page) -> None:
    page.click("details.who summary")
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in*")


def come_in(page: Page) -> None:
    page.click("[data-passkey=get]")
    page.wait_for_selector("details.who")


@sqlite_only
def test_with_a_passkey_the_password_alone_is_not_enough(
    house: House, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served() as plain, browser(chromium) as chrome:
        url = live_at(monkeypatch, plain)
        page = signed_in(chrome, url, "mia", "manager")
        authenticator(page)
        page.goto(url + "/account")
        page.fill("[name=name]", "Office laptop")
        page.click("[data-passkey=create]")
        page.wait_for_selector("text=Recovery codes")
        code = page.locator(".codes code").first.inner_text()
        page.goto(url + "/account")
        leave(page)
        for given, works in (("", False), (code, True)):
            page.fill("[name=login]", "mia")
            page.fill("[name=password]", visitors.PASSWORD)
            page.fill("[name=code]", given)
            page.click("text=Sign in >> nth=-1")
            page.wait_for_load_state()
            assert (page.locator("details.who").count() == 1) is works
        page.set_viewport_size({"width": 820, "height": 1180})
        page.goto(url + "/account")
        page.click("text=Remove Office laptop")
        page.wait_for_selector("text=The passkey is forgotten")
