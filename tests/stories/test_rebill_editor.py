"""A claim corrected at the keyboard: from the denial to the field the payer named, checked, sent on."""

import re
from typing import Any

from app.kernel.clock import now
from app.kernel.db import table_of
from app.rebill.models import Rebill
from tests import books, era
from tests.conftest import House
from tests.stories.keyboard import Hands
from tests.stories.test_a_day_in_the_browser import (
    WIDER_THAN_THE_SCREEN,
    browser,
    served,
    signed_in,
    sqlite_only,
)

_rebill = table_of(Rebill)
KEPT = re.compile(r"^kept$")
"""Not "not kept yet"."""


def refused(*controls: str) -> None:
    """Claims a payer refused today because no authorization was given."""
    day = f"{now():%Y%m%d}"
    books.practice()
    books.take(
        era.bill(
            *(era.billed(one, "99214 300", "93000 100", member=f"MEM{one}", day=day) for one in controls)
        )
    )
    lines = (
        era.line("99214", "300", "0", "CO*16*300", rarc="M62", day=day),
        era.line("93000", "100", "60", "CO*45*40", day=day),
    )
    answers = [era.claim(one, *lines, number=f"P{one}", member=f"MEM{one}") for one in controls]
    books.take(era.era(*answers, trace="T1", day=day), name="era")


def only(control: str) -> Any:
    """The submission of a claim."""
    return next(row for row in books.rows(_rebill) if row.control.startswith(control))


def look(hands: Hands) -> None:
    """A page everybody can use, seen from its top: what is scrolled under a bar is no small target."""
    hands.page.evaluate("scrollTo(0, 0)")
    hands.looked_at()


@sqlite_only
def test_a_refused_claim_is_corrected_and_finished_without_a_mouse(house: House, chromium: str) -> None:
    del house
    refused("A1", "A2")
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "dana", "denial_specialist")
        hands = Hands(page)

        # From the list of denials to the editor: Enter, then one key; the cursor stands where it is wanted.
        page.goto(url + "/denials")
        hands.go("j", "Enter")
        said = hands.go("k")
        assert "Replacement, claim A" in said and "M62" in said
        assert hands.focused() == "f:authorization:0:0"
        first = page.url.partition("/rebill/")[2][:20]
        look(hands)

        # What is typed is checked under the field, and nothing of it is lost meanwhile.
        hands.type("BAD|ID")
        page.locator("#say-authorization-0-0 li").first.wait_for()
        assert page.input_value("#f-authorization-0-0") == "BAD|ID"
        assert page.get_attribute("#f-authorization-0-0", "aria-invalid") == "true"
        look(hands)
        hands.press("Control+a")
        hands.type("XYZ778899")
        page.locator(".changes ins", has_text="XYZ778899").wait_for()
        page.locator("#say-authorization-0-0").wait_for(state="hidden")

        # F8 keeps it; r shows the segments, u gives back what is typed and not kept.
        hands.press("F8")
        page.locator("[data-kept]", has_text=KEPT).first.wait_for()
        hands.press("Escape", "r")
        assert "XYZ778899" in page.locator("[data-segments]").inner_text()
        page.evaluate("document.querySelector('#f-referral-0-0').closest('details').open = true")
        page.locator("#f-referral-0-0").focus()
        hands.type("REF1")
        hands.press("Escape", "u")
        assert page.input_value("#f-referral-0-0") == ""
        assert page.input_value("#f-authorization-0-0") == "XYZ778899"

        # What is typed goes along with whatever is pressed next; Ctrl+Enter finishes and the next one comes.
        page.locator("#f-referral-0-0").focus()
        hands.type("REF7788")
        said = hands.go("Control+Enter")
        assert "Finished: it waits for the next batch." in said, said[:900]
        done = books.rows(_rebill, _rebill.c.public_id == first)[0]
        assert (done.state, done.errors) == ("ready", 0)
        page.goto(f"{url}/rebill/{first}")
        assert page.input_value("#f-referral-0-0") == "REF7788"
        look(hands)


@sqlite_only
def test_every_key_of_list_and_editor_does_something(house: House, chromium: str) -> None:
    del house
    refused("A1", "A2")
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "dana", "denial_specialist")
        hands = Hands(page)
        page.goto(url + "/denials")
        hands.go("j", "Enter")
        hands.go("k")
        editor = page.url.partition("?")[0]
        hands.press("Escape")
        named = hands.help()
        assert {"F8", "f", "h", "n", ".", "u", "r", "m", "a"} <= set(named)

        # A hold: h, the reason, Tab, the day, Enter; l ends it.
        hands.press("h")
        hands.press("Tab")
        assert "Held. It goes again" in hands.send("t+9")
        assert "Held until" in hands.read()
        hands.press("l")
        assert "Released." in hands.send("it came")

        # The list: where one stood, one stands again; x and h ask before several are held.
        page.goto(url + "/rebill")
        hands.press("j", "x", "h", "Tab")
        assert "1 claim held" in hands.send("t+3")
        look(hands)
        page.set_viewport_size({"width": 820, "height": 1180})
        for address in (url + "/rebill", editor):
            page.goto(address)
            wide = page.evaluate(WIDER_THAN_THE_SCREEN)
            assert wide <= 1, f"{address} scrolls sideways on a tablet by {wide} px"
            look(hands)
