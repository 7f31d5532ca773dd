"""A biller opens the house and sees what waits, what is late, what comes next; a lead spreads the work."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.denials.models import Denial
from app.kernel.db import table_of
from app.web import application
from app.worklist.models import WorklistItem
from tests import books, era
from tests.policy import visitors

_denial, _item = table_of(Denial), table_of(WorklistItem)
BILLED = era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150"))
PAYMENT = era.era(
    era.claim("A1", era.line("99214", "300", "0", "CO*197*300", rarc="M62"), number="P1"),
    era.claim("A2", era.line("99213", "150", "0", "CO*16*150", rarc="M127"), number="P2"),
    trace="EFT0001",
)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(BILLED, PAYMENT)
    yield application.make_app()


def figure(page: str, label: str) -> str:
    found = re.search(rf'figure-label">{label}</span><span class="figure-value">([^<]*)', page)
    assert found, page
    return found.group(1)


def hand_over(browser: Any, queue: str, giver: str, taker: str, most: str = "25") -> Any:
    token = visitors.form_token(browser, "/day?view=team")
    form = {"queue": queue, "from": giver, "to": taker, "most": most, "csrf_token": token}
    return browser.post("/day/hand-over", data=form)


def id_of(browser: Any, name: str) -> str:
    page = browser.get("/day?view=team").text
    found = re.search(rf'<option value="([0-9a-f]{{20}})" *>{name}</option>', page, re.I)
    assert found, page[page.find("Give work") :]
    return found.group(1)


def test_the_house_opens_on_the_day_and_shows_the_team_to_who_holds_nothing(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    page = dana.get("/", follow_redirects=True).text
    assert "team&#39;s day" in page and figure(page, "Open") == "2" and figure(page, "Late") == "2"
    assert "Nothing is yours" in dana.get("/day?view=me").text
    assert "Give work to somebody" not in page


def test_open_next_leads_to_the_most_pressing_case(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    top = max(books.rows(_denial), key=lambda case: case.rank)
    assert dana.get("/day/next").headers["Location"] == f"/denials/{top.public_id}"
    assert dana.get("/day/next?queue=plb").headers["Location"] == "/day"


def test_a_lead_gives_work_and_case_and_list_agree(app: Flask) -> None:
    visitors.add("dana", "denial_specialist")
    lead = visitors.add("lea", "supervisor").browser(app)
    dana = id_of(lead, "dana")
    assert hand_over(lead, "denials", "nobody", dana, "1").status_code == 303
    owned = [case for case in books.rows(_denial) if case.owner_id is not None]
    assert len(owned) == 1 and owned[0].rank == max(case.rank for case in books.rows(_denial))
    items = [item for item in books.rows(_item) if item.owner_id == owned[0].owner_id]
    assert [item.subject_id for item in items] == [owned[0].id]
    team = lead.get("/day?view=team").text
    assert "Who holds what" in team and "Denials 1" in team
    assert hand_over(lead, "denials", dana, dana).status_code == 422
    assert hand_over(lead, "denials", "nobody", "0" * 20).status_code == 422
    assert hand_over(lead, "denials", "nobody", dana, "many").status_code == 422
    assert hand_over(lead, "denials", dana, "nobody").status_code == 303
    assert not [case for case in books.rows(_denial) if case.owner_id is not None]


def test_only_a_lead_gives_work(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    assert hand_over(dana, "denials", "nobody", "nobody").status_code == 403


def test_programs_read_the_same_day(app: Flask) -> None:
    lead = visitors.add("lea", "supervisor")
    asked = {"Authorization": f"Bearer {lead.token}"}
    client = app.test_client()
    assert client.get("/api/v1/day", headers=asked).get_json()["queues"] == []
    team = client.get("/api/v1/day?view=team", headers=asked).get_json()
    assert [(one["queue"], one["count"], one["late"]) for one in team["queues"]] == [("denials", 2, 2)]
    body = {"queue": "denials", "from": "nobody", "to": "nobody", "most": 5}
    assert client.post("/api/v1/day/hand-over", json=body, headers=asked).status_code == 422
