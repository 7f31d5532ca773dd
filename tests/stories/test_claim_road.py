"""The road of a claim in the browser: a list to read, reached by keyboard, nothing for axe to find."""

import os
from datetime import timedelta
from pathlib import Path

from app.kernel.clock import now
from tests import batches, books
from tests.answers import report, taken
from tests.conftest import House
from tests.era import claim, era, line
from tests.stories.keyboard import Hands
from tests.stories.test_a_day_in_the_browser import (
    WIDER_THAN_THE_SCREEN,
    browser,
    served,
    signed_in,
    sqlite_only,
)


def day(days: int) -> str:
    return f"{now() + timedelta(days=days):%Y%m%d}"


@sqlite_only
def test_a_biller_reads_the_road_of_a_claim(house: House, chromium: str) -> None:
    del house
    receiver = batches.receiver(books.practice())
    batches.ready("A1")
    batches.release(receiver)
    books.settle()
    books.take(taken(1, "0001 A", day=day(1)), report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    paid = (line("99214", "300", cas="CO*45*100 PR*2*20"), line("93000", "100"))
    books.take(era(claim("A1R1", *paid, patient="DOE*A1"), trace="T1", day=day(20)))
    [owner] = books.rows(batches.CLAIM)
    with served() as url, browser(chromium) as chrome:
        page = signed_in(chrome, url, "dana", "denial_specialist")
        page.goto(f"{url}/claims/{owner.public_id}")
        hands = Hands(page)
        hands.looked_at()
        stations = page.locator("#road ol.road > li").all_inner_texts()
        assert [text.split("\n")[0].strip().lower() for text in stations][:4] == [
            "charged", "billed", "rejected", "rebilled",
        ]  # fmt: skip
        assert "280.00" in page.locator("#road table").inner_text()
        link = page.get_by_role("link", name="Accepted by the payer (277CA)")
        link.focus()
        assert page.evaluate("document.activeElement.textContent").startswith("Accepted by the payer")
        for width, height in ((1280, 800), (820, 1180)):
            page.set_viewport_size({"width": width, "height": height})
            assert not page.evaluate(WIDER_THAN_THE_SCREEN)
            if folder := os.environ.get("TESTS_ROAD_SHOTS"):
                page.locator("#road").screenshot(path=Path(folder) / f"road-{width}.png")
