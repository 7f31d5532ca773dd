"""Somebody calls about a bill, is identified, promises and pays: in a browser, by keyboard."""

from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import Standing
from app.contacts.models import Attempt, PatientPromise
from app.flows import collection_day, people_acts
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.patients.models import Guarantor
from app.payments.models import PatientPayment
from tests import books, era, statements
from tests.conftest import House
from tests.stories.keyboard import Hands
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


@sqlite_only
def test_a_call_is_wrapped_up_in_four_keys_and_enter_brings_the_next(house: House, chromium: str) -> None:
    clinic = statements.owing("ANN", "BEA")
    # Eight in the evening UTC is day in every zone they may be in.
    with time_machine.travel(now().replace(hour=20, minute=0)):
        with work(system("tests", door="cli")) as w:
            for row in w.db.execute(select(_guarantor)).all():
                people_acts.confirm(w, row.public_id, row.version)
            collection_day.whole(w, clinic.id, now().date())
        with served() as url, browser(chromium) as chrome:
            hands = Hands(signed_in(chrome, url, "clara", "clerk"))
            hands.page.goto(f"{url}/accounts/calls")
            said = hands.go(".")
            assert "Identify the person first" in said and "Why this account: never spoken with" in said
            before = hands.pressed
            said = hands.go("c", "1", "Enter")
            assert "The call is on the account." in said and hands.pressed - before <= 4
            said = hands.go("Enter")
            assert "Identify the person first" in said, "Enter after a wrap-up brings the next account"
            second = books.rows(
                _guarantor, _guarantor.c.public_id == hands.page.url.split("/")[-1].split("?")[0]
            )[0]
            hands.press("i")
            hands.type(second.birth.strftime("%m/%d/%Y"), "", "", f"{second.first} {second.last}")
            assert "identified" in hands.go("Enter")
            before = hands.pressed
            assert "Promised 40.00" in hands.go("c", "3", "Enter") and hands.pressed - before <= 4
            assert "Nobody on the list may be called now" in hands.go("Enter")
            assert hands.pointed == []
    assert [row.result for row in books.rows(_attempt)] == ["no_answer", "promise"]
