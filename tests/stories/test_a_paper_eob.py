"""A clerk keys a paper EOB of two claims without a mouse: it posts, a denial opens, the EOB prints."""

import io
import os
import re
from pathlib import Path

from playwright.sync_api import Page
from pypdf import PdfReader

from app.kernel.db import table_of
from app.remits.models import KeyedBatch
from app.worker import run_until_idle
from tests import books
from tests.conftest import House
from tests.era import bill, billed
from tests.stories.test_a_day_in_the_browser import browser, complaints, served, signed_in, sqlite_only

BILLED = bill(
    billed("PCN1", "99214 300", "99000 50"),
    billed("PCN2", "99213 150", patient="ROE*RICHARD", member="MEM0002"),
)
SAVED = re.compile(r"^Saved \d")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _type(page: Page, *words: str) -> None:
    """Each word into the field that has the focus, Tab to the next."""
    for word in words:
        page.keyboard.type(word)
        page.keyboard.press("Tab")


def _look(page: Page, name: str) -> None:
    if folder := os.environ.get("TESTS_LOOK"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def _head(page: Page) -> None:
    page.locator("[data-h=payer_name]").wait_for()
    page.locator("[data-h=payer_name]").focus()
    _type(page, "Example Health Plan", "Check", "778899", "03/01/2026", "220", "2", "220")


def _claim(page: Page, control: str, claims: int) -> None:
    """Found by its number: one Enter takes it, the focus waits in the payment of its first line."""
    assert page.evaluate("document.activeElement.id") == "keyed-q"
    page.keyboard.type(control)
    page.keyboard.press("Enter")
    page.locator(".keyed-claim").nth(claims - 1).wait_for()


@sqlite_only
def test_a_clerk_keys_two_claims_from_paper_and_prints_the_eob(house: House, chromium: str) -> None:
    books.practice()
    books.take(BILLED)
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "vera", "clerk")
        page.goto(url + "/remits/keyed")
        assert complaints(page) == []
        page.keyboard.press("n")
        page.wait_for_url("**/remits/keyed/*")
        _head(page)
        page.locator("#keyed-q").focus()
        _claim(page, "PCN1", 1)
        _type(page, "180", "", "CO-45", "80", "PR-1")
        page.keyboard.press("+")
        assert page.evaluate("document.activeElement.value") == "40.00"
        page.keyboard.press("F8")
        _type(page, "40", "", "co45")
        assert "fee" in page.inner_text("#keyed-words").lower()
        page.keyboard.press("+")
        page.keyboard.press("F8")
        _claim(page, "PCN2", 2)
        _type(page, "0", "M127", "CO-16")
        page.keyboard.press("+")
        page.locator("#keyed-saved", has_text=SAVED).wait_for()
        assert complaints(page) == []
        _look(page, "keyed")
        page.reload()
        page.locator(".keyed-claim").nth(1).wait_for()
        page.locator("#keyed-saved", has_text=SAVED).wait_for()
        assert page.locator("#keyed-problems li").all_inner_texts() == []
        page.keyboard.press("F9")
        page.locator("text=committed").first.wait_for()
        _look(page, "committed")
        assert books.rows(table_of(KeyedBatch))[0].state == "committed"
        run_until_idle(up_to_rank=8)
        assert (books.balance("PCN1"), books.balance("PCN2")) == (("0.00", "40.00"), ("150.00", "0.00"))
        _what_follows(page, url)


def _what_follows(page: Page, url: str) -> None:
    """From the batch to its payment, to the EOB of a claim and its PDF; and the denial is on the list."""
    page.reload()
    page.keyboard.press("o")
    page.wait_for_url("**/remits/*")
    page.locator("a[data-key=e]").wait_for()
    page.keyboard.press("e")
    page.wait_for_url("**/eob")
    assert "adds up" in page.inner_text("main")
    assert complaints(page) == []
    _look(page, "eob")
    with page.expect_download() as saved:
        page.keyboard.press("d")
    text = PdfReader(io.BytesIO(Path(saved.value.path()).read_bytes())).pages[0].extract_text()
    assert "PCN1" in text and "PCN2" not in text and "ROE" not in text
    page.set_viewport_size({"width": 820, "height": 1180})
    _look(page, "eob-tablet")
    assert page.evaluate(WIDER) <= 1
    page.goto(url + "/denials")
    assert "CO-16" in page.inner_text("main") or "16" in page.inner_text("main")
