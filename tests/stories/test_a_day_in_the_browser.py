"""A biller's day in a real browser: the example world, worked by keyboard, every amount to its byte.

`TESTS_SHOTS=1 python3 -m tests tests/stories/test_a_day_in_the_browser.py` writes
the pictures of the README anew.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import demo
from app.intake.models import IntakeFile
from app.kernel import db
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.web.gate import cookie_name
from app.worker import run_until_idle
from tests import books
from tests.conftest import House
from tests.era import NPI, TAX_ID, bill, billed, claim, era
from tests.policy import visitors

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
SHOTS = Path(__file__).parent / "shots"
SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = ("/files/", "/remits/", "/exceptions", "/denials", "/claims", "/ledger/", "/ledger/trial-balance")
sqlite_only = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@contextmanager
def served() -> Iterator[str]:
    """The application of this house on a free port."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        db.dispose()


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=SWITCHES)
        yield chromium
        chromium.close()


def signed_in(chromium: Browser, url: str, login: str, *roles: str, width: int = 1280) -> Page:
    """A page of somebody who is signed in; any error of a script fails the test."""
    person = visitors.add(login, *roles)
    context = chromium.new_context(viewport={"width": width, "height": 860})
    context.add_cookies([{"name": cookie_name(), "value": person.cookie, "url": url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.set_default_timeout(15_000)
    return page


def shoot(page: Page, name: str) -> None:
    """Keep a picture for the README, when asked to."""
    if os.environ.get("TESTS_SHOTS"):
        page.wait_for_timeout(300)
        page.screenshot(path=str(SHOTS / f"{name}.png"))


def complaints(page: Page) -> list[str]:
    """What axe finds wrong with the page, WCAG 2.2 AA."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found: Any = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


@sqlite_only
def test_every_page_is_for_everybody_empty_and_full(house: House, chromium: str) -> None:
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "vera", "supervisor")
        wrong = {f"{path} empty": _check(page, url + path) for path in PAGES}
        demo.prepare()
        run_until_idle(up_to_rank=8)
        wrong |= {path: _check(page, url + path) for path in PAGES}
        for path in ("/remits/", "/denials", "/claims", "/exceptions"):
            page.goto(url + path)
            page.locator("table tbody tr a").first.click()
            page.wait_for_load_state()
            wrong[f"first of {path}"] = complaints(page)
        wrong["no such page"] = _check(page, url + "/claims/00000000000000000000")
        page.set_viewport_size({"width": 820, "height": 1180})
        for path in PAGES:
            page.goto(url + path)
            wide = page.evaluate(WIDER_THAN_THE_SCREEN)
            assert wide <= 1, f"{path} scrolls sideways on a tablet by {wide} px"
    assert {where: found for where, found in wrong.items() if found} == {}


def _check(page: Page, url: str) -> list[str]:
    page.goto(url)
    return complaints(page)


@sqlite_only
def test_a_biller_imports_and_follows_each_cent_to_its_byte_without_a_mouse(
    house: House, chromium: str, tmp_path: Path
) -> None:
    claims, remit = tmp_path / "monday.837", tmp_path / "monday.835"
    claims.write_bytes(bill(billed("PCN1", "300")))
    remit.write_bytes(era(claim("PCN1", charge="300", paid="220", cas="CO*45*50 PR*1*30"), trace="EFT7"))
    demo.prepare()
    with work(system("tests")) as w:
        entities.add(w, "Example Clinic", [Identifier("npi", NPI), Identifier("tax_id", TAX_ID)])
    run_until_idle(up_to_rank=8)
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "vera", "clerk")
        page.goto(url + "/files/")
        page.set_input_files("#take-files", [str(claims), str(remit)])
        _wait_until_received(page, "monday.837", "monday.835")
        run_until_idle(up_to_rank=8)
        page.goto(url + "/files/?q=monday")
        assert page.locator("tr", has_text="monday.835").locator("text=posted").count() == 1
        page.goto(url + "/files/")
        shoot(page, "files")
        _follow_an_amount(page, url)
        _walk_the_denials(page, url)
        page.goto(url + "/ledger/trial-balance")
        assert "In balance" in page.inner_text("main")
        shoot(page, "trial-balance")
        page.goto(url + "/exceptions")
        shoot(page, "exceptions")


def _wait_until_received(page: Page, *names: str) -> None:
    """The browser sends one file after the other; only what the house holds can be posted."""
    for _ in range(150):
        if set(names) <= {row.name for row in books.rows(table_of(IntakeFile))}:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{names} did not arrive")


def _follow_an_amount(page: Page, url: str) -> None:
    """On a remit, an amount is chosen by keyboard and the element it was read from lights up."""
    page.goto(url + "/files/?q=monday.835")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/remits/*")
    page.locator("button.src").first.wait_for()
    amounts = page.locator("button.src")
    seen = 0
    for number in range(min(12, amounts.count())):
        amount = amounts.nth(number)
        if not amount.is_visible():
            continue
        amount.focus()
        page.keyboard.press("Enter")
        lit = page.locator("#raw .lit[data-el]")
        if lit.count():
            shown = amount.inner_text().replace(",", "").lstrip("-−")
            assert _cents(lit.first.inner_text()) == _cents(shown)
            seen += 1
    assert seen >= 2
    shoot(page, "remit")


def _cents(text: str) -> int:
    whole, _, fraction = text.strip().lstrip("-").partition(".")
    return int(whole or "0") * 100 + int((fraction + "00")[:2])


def _walk_the_denials(page: Page, url: str) -> None:
    page.goto(url + "/denials")
    shoot(page, "denials")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/denials/*")
    assert "Appeal" in page.inner_text("main") or "appeal" in page.inner_text("main")
    page.goto(url + "/claims")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*")
    shoot(page, "claim")
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
