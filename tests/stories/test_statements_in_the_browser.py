"""A run planned, looked at, signed by another person, released and made: in a browser, by keyboard."""

from typing import Any

import pytest
from sqlalchemy import update

from app.flows import collection_day
from app.flows.demo_accounts import letterhead
from app.kernel.work import work
from tests import books, statements
from tests.conftest import House
from tests.stories.test_a_day_in_the_browser import browser, complaints, served, shoot, signed_in


def press(page: Any, key: str) -> str:
    """A key that leads to another page; what it says."""
    with page.expect_navigation():
        page.keyboard.press(key)
    assert complaints(page) == [], page.url
    return str(page.inner_text("body"))


def enter(page: Any, words: str) -> str:
    """The button of these words, reached by its focus."""
    page.get_by_role("button", name=words).first.focus()
    return press(page, "Enter")


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_statements_go_out_by_two_people_and_no_mouse(house: House, chromium: str) -> None:
    clinic = statements.owing("A1", "A2")
    account = statements.accounts_of("A2")
    with work(statements.CLERK) as w:
        letterhead(w, clinic.id, w.today(clinic.time_zone))
        table = statements.GUARANTOR
        w.db.execute(update(table).where(table.c.id == account).values(language="es"))
    with served() as url, browser(chromium) as chrome:
        carla = signed_in(chrome, url, "carla", "clerk")
        carla.goto(f"{url}/statements/")
        assert "80.00" in press(carla, "p")
        vera = signed_in(chrome, url, "vera", "supervisor")
        vera.goto(f"{carla.url}/audit")
        shoot(vera, "statement-audit")
        for _ in range(2):
            said = press(vera, "y")
        assert "Everything was looked at" in said
        vera.goto(carla.url)
        assert "Release 2 documents" in enter(vera, "Sign")
        enter(vera, "Release")
        books.settle()
        for row in books.rows(statements.STATEMENT):
            vera.goto(f"{url}/statements/documents/{row.public_id}")
            assert row.number in vera.inner_text("main") and complaints(vera) == []
            vera.wait_for_load_state("networkidle")
            shoot(vera, f"statement-{row.language}")
        vera.goto(f"{url}/accounts/{statements.public_of(account)}")
        assert complaints(vera) == []
        shoot(vera, "account")
        with work(statements.CLERK) as w:
            collection_day.whole(w, clinic.id, w.today(clinic.time_zone))
        vera.goto(f"{url}/accounts/calls")
        assert complaints(vera) == []
        shoot(vera, "call-list")
