"""A morning at the denials desk: list, next account, call, a case put aside, a project, a write-off."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.access.models import Credential
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.web import application
from tests import books, era
from tests.policy import visitors

_denial, _credential = table_of(Denial), table_of(Credential)
COUNT = 5


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    controls = [f"A{number}" for number in range(COUNT)]
    with reading(books.CLERK) as w:
        today = w.today("America/New_York").strftime("%Y%m%d")
    books.take(era.bill(*(era.billed(one, f"99214 {300 + at}") for at, one in enumerate(controls))))
    refused = [
        era.claim(one, era.line("99214", str(300 + at), "0", f"CO*197*{300 + at}"), number=f"P{at}")
        for at, one in enumerate(controls)
    ]
    books.take(era.era(*refused, trace="T1", day=today), name="era")
    yield application.make_app()


class Clerk:
    """Somebody at a browser: presses what the page offers, and follows where it leads."""

    def __init__(self, app: Flask, login: str, role: str):
        person = visitors.add(login, role)
        with work(books.CLERK) as w:  # whoever approves has proved a second factor
            proved = _credential.c.person_id == person.person_id
            w.db.execute(update(_credential).where(proved).values(second=b"proved"))
        self.browser = person.browser(app)
        self.page, self.at = "", ""

    def open(self, address: str) -> str:
        """Go to a page."""
        answer = self.browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        self.page, self.at = answer.text, answer.request.path
        return self.page

    def press(self, action: str, **fields: Any) -> str:
        """Send the form of the page at hand that goes to this address."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert token and f'action="{action}"' in self.page.replace("formaction", "action"), action
        answer = self.browser.post(
            action, data={"csrf_token": token.group(1), **fields}, follow_redirects=True
        )
        assert answer.status_code == 200, answer.text[:500]
        self.page, self.at = answer.text, answer.request.path
        return self.page


def row(public_id: str) -> Any:
    return books.rows(_denial, _denial.c.public_id == public_id)[0]


def here(clerk: Clerk) -> Any:
    return row(clerk.at.rpartition("/")[2])


def test_a_morning_at_the_desk(app: Flask) -> None:
    dana, sue = Clerk(app, "dana", "denial_specialist"), Clerk(app, "sue", "supervisor")
    assert "1,510.00" in dana.open("/denials")

    # She keeps the list as her own and is handed the most pressing case.
    dana.press("/denials/views", name="Authorizations", query="carc=197&sort=-at_stake", default="yes")
    dana.open("/denials")
    assert 'value="197"' in dana.page, "her list opens with the view she chose"
    dana.press("/denials/next", back="carc=197")
    first = here(dana)
    assert first.held_by is not None

    # The payer promises on the phone: four keys, and the next case is there.
    dana.press(f"/denials/{first.public_id}/wrap", version=first.version, result="1", follow_up="3",
               representative="Kim", reference="R-77")  # fmt: skip
    second = here(dana)
    assert second.id != first.id and row(first.public_id).state == "payer_promised"
    assert "Kim" in dana.open(f"/denials/{first.public_id}?tab=calls")

    # Nothing to be done on the second before Friday; she changes her mind.
    dana.open(f"/denials/{second.public_id}")
    dana.press(f"/denials/{second.public_id}/act", act="snooze", version=second.version,
               reason="records are being copied", until="t+5")  # fmt: skip
    assert row(second.public_id).state == "snoozed"
    bulk = re.search(r'name="bulk" value="([0-9a-f]{20})"', dana.page)
    assert bulk
    dana.press("/denials/undo", bulk=bulk.group(1), back=f"case:{second.public_id}")
    assert row(second.public_id).state == "new"

    # One cause behind all of them: shown as a set, noted as a set, given back as a set.
    page = dana.open(f"/denials/{second.public_id}/same")
    assert f"{COUNT} cases as one set" in page and "The first of them" in page
    form = {name: re.search(f'name="{name}" value="([^"]*)"', page) for name in ("count", "cents", "back")}
    seen = {name: found.group(1).replace("&amp;", "&") for name, found in form.items() if found}
    put_aside = {"act": "snooze", "reason": "one project", "until": "t+6"}
    dana.press("/denials/act", confirmed="yes", all="yes", **put_aside, **seen)
    assert f"{COUNT - 1} cases put aside" in dana.page and "1 left as they were" in dana.page
    bulk = re.search(r'name="bulk" value="([0-9a-f]{20})"', dana.page)
    assert bulk
    dana.press("/denials/undo", bulk=bulk.group(1))
    assert "4 cases stand as before." in dana.page

    # The third is hopeless: she asks, her supervisor decides, the ledger follows.
    third = next(one for one in books.rows(_denial) if one.id not in (first.id, second.id))
    dana.open(f"/denials/{third.public_id}")
    dana.press(f"/denials/{third.public_id}/writeoff", version=third.version, reason="avoidable",
               words="nobody asked for the authorization")  # fmt: skip
    assert "another person decides" in dana.page
    page = sue.open("/denials/writeoffs")
    request = re.search(r'action="(/denials/writeoffs/[0-9a-f]{20})"', page)
    assert request
    assert "can still be filed until" in page
    # What can still be filed in time is not given up unseen: she looks, and says why it is not sent again.
    sue.press(request.group(1), decision="approve", version=1, reviewed="yes", answer="no authorization then")
    assert "Approved and posted." in sue.page
    closed = row(third.public_id)
    assert (closed.state, closed.outcome) == ("closed", "written_off")
    assert books.accounts()[4110] == str(closed.denied)
    assert books.problems() == []
