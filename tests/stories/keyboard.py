"""A person at a keyboard who has no mouse: every press is counted, a pointer's press fails the story, and
what is asked of the page is only what can be read on it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from tests.stories.test_a_day_in_the_browser import complaints

NO_MOUSE = """
for (const kind of ["mousedown", "mouseup", "dblclick", "pointerdown", "touchstart"]) {
  document.addEventListener(kind, event => window.pointed(kind), true);
}
document.addEventListener("click", event => event.detail > 0 && window.pointed("click"), true);
"""
REACHED = "selector => document.activeElement !== null && document.activeElement.matches(selector)"
TABS_MOST = 80
ROWS = {"j", "k", "Enter", "x", "*", "Escape"}
"""Keys of a list that need a row; the hour itself presses them."""
LOOKS = """[performance.timeOrigin, document.activeElement.outerHTML,
  document.querySelectorAll("details[open], dialog[open]").length, location.href].join()"""
"""What changes when a key did something: another page, another focus, something open."""


class Hands:
    """Ten fingers on one page."""

    def __init__(self, page: Page):
        self.page, self.pressed = page, 0
        self.pointed: list[str] = []
        page.context.expose_function("pointed", lambda kind: self.pointed.append(kind))
        page.context.add_init_script(NO_MOUSE)

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, *words: str) -> None:
        """Each word into the field that has the focus, Tab to the next."""
        for at, word in enumerate(words):
            if at:
                self.press("Tab")
            self.page.keyboard.type(word)
            self.pressed += len(word)

    def go(self, *keys: str) -> str:
        """Keys of which the last leads to another page, or sends a form; returns what the page says."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])
        self.page.wait_for_load_state()
        return self.read()

    def send(self, *words: str) -> str:
        """Type into the form that has the focus, then Enter."""
        self.type(*words)
        return self.go("Enter")

    def reach(self, selector: str) -> None:
        """Tab until something has the focus: what cannot be reached so is out of reach without a mouse."""
        for _ in range(TABS_MOST):
            if self.page.evaluate(REACHED, selector):
                return
            self.press("Tab")
        pytest.fail(f"{selector} cannot be reached with Tab on {self.page.url}")

    def read(self) -> str:
        """What the page says, its messages included."""
        said = " ".join(self.page.locator(".flashes").all_inner_texts())
        return f"{said} {self.page.inner_text('main')}"

    def focused(self) -> str:
        """The name of the field one would type into."""
        return str(self.page.evaluate("document.activeElement.name || document.activeElement.tagName"))

    def figure(self, label: str) -> str:
        """A figure of the page by its label."""
        figures = self.page.locator(".figures li, .equation li").filter(has_text=label)
        return figures.first.locator(".figure-value").inner_text()

    def help(self) -> dict[str, str]:
        """The keys the help dialog names, and what it says of each; Escape closes it."""
        self.press("?")
        lines = self.page.locator("dialog[open] [data-keys-list] dl > div")
        lines.first.wait_for()
        found = {
            " ".join(line.locator("kbd").all_inner_texts()): line.locator("dd").inner_text()
            for line in lines.all()
        }
        self.press("Escape")
        assert self.page.locator("dialog[open]").count() == 0
        return found

    def try_keys(self, address: str, *wanted: str) -> None:
        """Every key the help of a page names does something there, and the wanted ones are among them."""
        self.page.goto(address)
        named = self.help()
        assert not set(wanted) - set(named), f"{address} names only {sorted(named)}"
        idle = []
        for key in (one for one in named if not one.startswith("g ") and one not in ROWS):
            self.page.goto(address)
            before = self.page.evaluate(LOOKS)
            self.press(*key.split()[:1])
            try:
                self.page.wait_for_function(f"before => {LOOKS} !== before", arg=before, timeout=4_000)
            except TimeoutError:
                idle.append(f"{key}: {named[key]}")
        assert idle == [], f"{address}: keys that do nothing"

    def looked_at(self) -> None:
        """A page everybody can use: axe finds nothing."""
        found = complaints(self.page)
        assert found == [], f"{self.page.url}: {found}"

    @property
    def record(self) -> str:
        """The public id in the address."""
        found = re.search(r"[0-9a-f]{20}", self.page.url)
        assert found, self.page.url
        return found.group()


class Clock:
    """Server time of what was asked, by path without its ids: from the request to the first byte."""

    def __init__(self, page: Page):
        self.took: dict[str, list[float]] = {}
        page.on("requestfinished", self._note)

    def _note(self, request: Any) -> None:
        timing = request.timing
        path = re.sub(r"[0-9a-f]{20}", "<id>", request.url.partition("?")[0].split("/", 3)[-1])
        key = f"{request.method} /{path}"
        self.took.setdefault(key, []).append(timing["responseStart"] - timing["requestStart"])

    def told(self) -> str:
        """The slowest and the middle of what next account takes: the press, and the page it leads to."""
        lines = []
        for key in ("POST /denials/next", "POST /denials/<id>/wrap", "GET /denials/<id>"):
            took = sorted(self.took.get(key, [0.0]))
            lines.append(
                f"{key}: {len(took)} times, middle {took[len(took) // 2]:.0f} ms, most {took[-1]:.0f} ms"
            )
        return "\n".join(lines)


@contextmanager
def at_the_keyboard(chromium: Browser, width: int = 1280) -> Iterator[Hands]:
    """Somebody before an empty browser; any error of a script and any use of a mouse fails the story."""
    page = chromium.new_context(viewport={"width": width, "height": 860}).new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.set_default_timeout(15_000)
    hands = Hands(page)
    yield hands
    assert hands.pointed == [], "the mouse was used"
