"""Somebody calls about a bill, is identified, promises and pays: in a browser, by keyboard."""

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Standing
from app.contacts.models import Attempt, PatientPromise
from app.kernel.db import table_of
from app.patients.models import Guarantor
from app.payments.models import PatientPayment
from tests import books, era
from tests.conftest import House
from tests.stories.test_a_day_in_the_browser import (
    WIDER_THAN_THE_SCREEN,
    browser,
    complaints,
    served,
    signed_in,
)

sqlite_only = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
_guarantor, _standing = table_of(Guarantor), table_of(Standing)
_attempt, _promise, _payment = table_of(Attempt), table_of(PatientPromise), table_of(PatientPayment)


@pytest.fixture
def account(house: House) -> Any:
    """An account of a practice that 60.00 of a paid claim was left to."""
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 200")))
    paid = era.claim("A1", charge="200", paid="100", cas="CO*45*40 PR*2*60")
    books.take(era.era(paid, trace="T1"))
    with books.looking() as line:
        return line.execute(select(_guarantor)).one()


@sqlite_only
def test_a_call_about_a_bill_is_answered_without_a_mouse(account: Any, chromium: str) -> None:
    wrong: dict[str, list[str]] = {}
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "clara", "clerk")
        page.goto(f"{url}/accounts/")
        wrong["list"] = complaints(page)
        with page.expect_navigation():
            page.keyboard.press("j")
            page.keyboard.press("Enter")
        assert "Ask for 60.00 now" in page.inner_text("main")
        wrong["account"] = complaints(page)
        with page.expect_navigation():
            page.keyboard.press("i")
        assert "60.00" not in page.inner_text("main"), "nothing is told before they are identified"
        wrong["identify"] = complaints(page)
        for text in (f"{account.birth.month}/{account.birth.day}/{account.birth.year}", "", "", "nobody"):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "does not fit" in page.inner_text("main")
        page.keyboard.type(account.birth.isoformat())
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.type(f"{account.first} {account.last}")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "60.00" in page.inner_text("main") and "identified" in page.inner_text("main")
        page.keyboard.press("c")
        page.keyboard.press("3")  # promised to pay: the amount is there, the day is asked
        page.keyboard.press("Tab")
        page.keyboard.type("t+5")
        wrong["call"] = complaints(page)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "Promised 60.00" in page.inner_text("#story")
        page.keyboard.press("y")
        page.wait_for_selector(".preview table")
        wrong["pay"] = complaints(page)
        with page.expect_navigation():
            page.keyboard.press("F9")
        assert "60.00 applied" in page.inner_text(".flashes")
        page.set_viewport_size({"width": 820, "height": 1180})
        assert page.evaluate(WIDER_THAN_THE_SCREEN) <= 0
    assert {name: found for name, found in wrong.items() if found} == {}
    assert [row.right_party for row in books.rows(_attempt)] == [True]
    assert [str(row.amount) for row in books.rows(_promise)] == ["60.00"]
    assert [(str(row.amount), row.state) for row in books.rows(_payment)] == [("60.00", "posted")]
    assert books.rows(_standing)[0].due == 0
