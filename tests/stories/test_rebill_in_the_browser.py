"""A denied claim corrected, released, sent by SFTP, accepted, paid and closed: in a browser, by keyboard."""

from pathlib import Path

import pytest

from app.access import service as access
from app.kernel.work import system, work
from tests import books
from tests.conftest import House
from tests.era import Cover, claim
from tests.policy import visitors
from tests.stories.keyboard import Hands, at_the_keyboard
from tests.stories.rebill_office import Office, office
from tests.stories.test_a_day_in_the_browser import WIDER_THAN_THE_SCREEN, browser, served, shoot
from tests.stories.test_rebill_story import first_bill, remitted, service

sqlite_only = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@sqlite_only
def test_a_denial_goes_out_corrected_and_comes_back_paid(
    house: House, chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del house
    with office(tmp_path, monkeypatch) as desk:
        books.take(first_bill("A1", "99214 300"))
        books.take(first_bill("A2", "99214 200", second=Cover()))
        remitted(desk, claim("A1", service("99214", "300", "CO*197*300")), trace="T1")
        remitted(desk, claim("A2", service("99214", "200", "CO*45*40 PR*2*30")), trace="T2")
        with work(system("tests")) as w:
            access.add_person(w, "dana", "Dana Cole", roles=["denial_specialist"])
            visitors.own_password(w, "dana")
        with served() as url, browser(chromium) as chrome, at_the_keyboard(chrome) as hands:
            hands.page.goto(url)
            hands.send("dana", visitors.PASSWORD)
            correct(hands)
            release(hands, desk)
            hear(hands, desk)
            close(hands, desk)
            narrow(hands, url)
    assert books.accounts() == {1010: "400.00", 4000: "-500.00", 4100: "100.00"}
    assert books.problems() == []


def correct(hands: Hands) -> None:
    """From the denial to a claim that waits for its batch: k, the number typed where the cursor is, f."""
    hands.go("g", "d")
    hands.go("j", "Enter")
    page = hands.go("k")
    assert "A1R1" in page and "authorization" in page.lower()
    assert hands.focused() == "f:authorization:0:0"
    hands.looked_at()
    hands.type("AUTH778899")
    hands.press("Escape")
    page = hands.go("f")
    assert "ready" in page.lower()
    hands.looked_at()
    hands.go("g", "n")
    page = hands.go("2")
    assert "A1" in page and "A2" in page and "Ready 2" in page
    hands.looked_at()


def release(hands: Hands, desk: Office) -> None:
    """What is ready is looked at and released with one key; it is sent, and the batch says so."""
    page = hands.go("b")
    assert "Example Clearinghouse" in page and "500.00" in page
    hands.looked_at()
    shoot(hands.page, "rebill-release")
    page = hands.go("r")
    books.settle()
    assert len(desk.server.delivered()) == 1
    hands.go("g", "z")
    page = hands.go("j", "Enter")
    assert "sent" in page.lower() and "read back with the same SHA-256" in page
    hands.looked_at()
    shoot(hands.page, "rebill-batch")


def hear(hands: Hands, desk: Office) -> None:
    """The receiver and the payers acknowledge; the batch and the claim's road show it."""
    assert desk.received() == ["999", "277CA"]
    assert desk.accepted() == ["277CA", "277CA"]
    hands.page.reload()
    assert "accepted" in hands.read().lower()
    page = hands.go("j", "Enter")
    assert "accepted" in page.lower()
    hands.looked_at()
    hands.go("i")
    hands.looked_at()
    shoot(hands.page, "rebill-road")


def close(hands: Hands, desk: Office) -> None:
    """The later 835 pays both; the denial is closed with its dollars."""
    assert desk.paid() == ["835", "835"]
    assert [one["state"] for one in desk.ask("ann", "GET", "/rebill", state="all")["rows"]] == [
        "answered"
    ] * 2
    assert desk.denial("A1")["recovered"] == "240.00"
    hands.page.goto(hands.page.url.partition("/claims")[0] + "/denials?state=all")
    page = hands.go("j", "Enter")
    assert "240.00" in page
    hands.looked_at()


def narrow(hands: Hands, url: str) -> None:
    """Nothing scrolls sideways on a tablet."""
    hands.page.set_viewport_size({"width": 820, "height": 1180})
    for path in ("/rebill?state=all", "/rebill/release", "/rebill/batches", "/rebill/receivers"):
        answer = hands.page.goto(url + path)
        assert answer is not None and answer.ok, path
        wide = hands.page.evaluate(WIDER_THAN_THE_SCREEN)
        assert wide <= 1, f"{path} scrolls sideways by {wide} px"
        hands.looked_at()
