"""The rebill of the example world: refused claims opened one after the other, one corrected, one held."""

from app.access import service as access
from app.flows import demo
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.rebill.models import Rebill
from app.worker import run_until_idle
from tests import books
from tests.conftest import House
from tests.policy import visitors
from tests.stories.keyboard import Hands, at_the_keyboard
from tests.stories.test_a_day_in_the_browser import browser, served, shoot, sqlite_only
from tests.stories.test_rebill_editor import KEPT

_rebill = table_of(Rebill)
ENOUGH = 12
TYPED = "XK400917723"


@sqlite_only
def test_refused_claims_of_a_whole_practice_are_opened_corrected_and_held(
    house: House, chromium: str
) -> None:
    del house
    demo.prepare()
    run_until_idle(up_to_rank=8)
    with work(system("tests")) as w:
        access.add_person(w, "dana", "Dana Cole", roles=["denial_specialist"])
        visitors.own_password(w, "dana")
    with served() as url, browser(chromium) as chrome, at_the_keyboard(chrome) as hands:
        hands.page.set_viewport_size({"width": 1280, "height": 800})
        hands.page.goto(url)
        hands.send("dana", visitors.PASSWORD)
        opened = open_all(hands, url)
        assert len(opened) >= 3
        correct(hands, f"{url}{opened[0]}")
        hold(hands, f"{url}{opened[1]}")
        look(hands, url)


def open_all(hands: Hands, url: str) -> list[str]:
    """Every refusal a claim helps against is opened; the addresses of what stands in the editor then."""
    hands.page.goto(f"{url}/denials?state=open&carc=16")
    cases = [one.get_attribute("href") or "" for one in hands.page.locator("a.open").all()]
    hands.page.goto(f"{url}/denials?state=open")
    cases += [one.get_attribute("href") or "" for one in hands.page.locator("a.open").all()]
    found: list[str] = []
    for case in list(dict.fromkeys(cases))[:ENOUGH]:
        hands.page.goto(url + case)
        if not hands.page.locator("[data-key=k]").count():
            continue
        hands.go("k")
        if "/rebill/" in hands.page.url:
            found.append(hands.page.url.removeprefix(url))
    return found


def correct(hands: Hands, address: str) -> None:
    """The member number is typed, the difference shows at once; the page is read from its top."""
    hands.page.goto(address.partition("?")[0] + "?field=member_id")
    assert hands.focused() == "f:member_id:0:0"
    hands.press("Control+a")
    hands.type(TYPED)
    hands.page.locator(".changes ins", has_text=TYPED).wait_for()
    hands.press("F8")
    hands.page.locator("[data-kept]", has_text=KEPT).first.wait_for()
    hands.press("Escape")
    hands.page.wait_for_timeout(700)  # The page glides to the field.
    hands.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    hands.page.wait_for_function("scrollY === 0")
    hands.looked_at()
    shoot(hands.page, "rebill-editor")


def hold(hands: Hands, address: str) -> None:
    """Another one waits for its records."""
    hands.page.goto(address.partition("?")[0])
    hands.press("h", "Tab")
    assert "Held. It goes again" in hands.send("t+9")


def look(hands: Hands, url: str) -> None:
    """The list shows all of it: what is wrong, what is held, what only waits for its batch."""
    page = hands.page
    page.goto(f"{url}/rebill?state=open")
    said = hands.read()
    assert "Held: " in said and "To the next payer" in said and "Replacement" in said
    hands.looked_at()
    shoot(page, "rebill-list")
    assert books.rows(_rebill, _rebill.c.on_hold)
