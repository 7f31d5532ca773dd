"""The page of a guarantor and the screen Returned mail, as the clerk uses them."""

import re
from typing import Any

import pytest
from flask import Flask

from app.web.application import make_app
from tests import books, era, people
from tests.conftest import House
from tests.policy import visitors

pytestmark = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def desk(house: House) -> tuple[Flask, int, int]:
    """The application, Jane's own account and the one proposed for her son."""
    owner = books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), people.dependent("A2", "99213 150")))
    jane, tim = people.patient_key("DOE", "JANE"), people.patient_key("DOE", "TIM")
    found = people.answers(owner.id, (1, jane, None), (2, tim, None))
    assert found[1] is not None and found[2] is not None
    return make_app(house.settings), found[1], found[2]


def post(client: Any, page: str, to: str, **form: str) -> Any:
    form["csrf_token"] = visitors.form_token(client, page)
    return client.post(to, data=form, follow_redirects=True)


def test_a_clerk_confirms_a_parent_and_writes_down_what_they_say(desk: tuple[Flask, int, int]) -> None:
    app, _, parent = desk
    client = visitors.add("dana", "clerk").browser(app)
    page = f"/guarantors/{people.account(parent).public_id}"
    assert "Proposed from the claim" in client.get(page).text
    assert "Confirmed: statements may go out" in post(client, page, page + "/confirm", version="1").text
    home = dict(street="9 Elm St", street2="", city="Lincoln", state="NE", zip="68508")
    seen = post(client, page, page + "/address", version="2", effective_from="t", **home).text
    assert "9 Elm St, Lincoln NE 68508" in seen
    assert "began differently" not in seen
    wrong = post(client, page, page + "/address", version="3", **{**home, "zip": "10001"})
    assert wrong.status_code == 422 and "begin differently" in wrong.text
    post(client, page, page + "/point", kind="mobile", value="402 555 0123")
    assert "+14025550123" in client.get(page).text
    said = post(client, page, page + "/consent", channel="sms", said="yes", point="", proof="Form 7").text
    assert "Text messages" in said and "Form 7" in said
    for act in ("address", "point", "consent", "answers", "change", "confidential"):
        text = client.get(f"{page}?act={act}").text
        ids = re.findall(r' id="([^"]+)"', text)
        assert f"/guarantors/{people.account(parent).public_id}/{act}" in text, act
        assert len(ids) == len(set(ids)), act
    tim = visitors_patient()
    made = post(client, page, page + "/answers", patient=tim, from_day="t", reason="Court order",
                last="Roe", first="Ann", birth="01/31/1980", relation="guardian", **home)  # fmt: skip
    assert "Roe, Ann" in made.text and "Court order" in made.text


def visitors_patient() -> str:
    rows = books.rows(people.PATIENT, people.PATIENT.c.first == "TIM")
    return str(rows[0].public_id)


def test_a_piece_of_mail_is_taken_in_and_worked_to_its_end(desk: tuple[Flask, int, int]) -> None:
    app, jane, _ = desk
    client = visitors.add("dana", "clerk").browser(app)
    number = people.account(jane).number
    assert "No mail has come back" in client.get("/returned-mail").text
    refused = post(client, "/returned-mail", "/returned-mail", number="A0000000", code="K")
    assert refused.status_code == 404 and "No statement, letter or account" in refused.text
    taken = post(client, "/returned-mail", "/returned-mail", number=number, code="K", returned_on="t")
    assert "Mail stopped" in taken.text and "look for an address" in taken.text
    piece = re.findall(r'action="(/returned-mail/[0-9a-f]{20})/search"', taken.text)[0]
    assert (
        "Looking for an address" in post(client, piece, piece + "/search", source="phone", version="2").text
    )
    home = dict(street="9 Elm St", street2="", city="Lincoln", state="NE", zip="68508")
    found = post(client, piece, piece + "/find", source="payer", version="3", **home).text
    assert (
        "look at it once more" in found and "68508" not in found.split("Address found")[1].split("<form")[0]
    )
    assert "is not the ZIP code" in post(client, piece, piece + "/verify", zip="68501", version="4").text
    assert "looks right" in post(client, piece, piece + "/verify", zip="68508", version="4").text
    assert "Mail goes on" in post(client, piece, piece + "/resume", version="5").text
    assert "Mailing again" in client.get("/returned-mail").text
    csv = client.get("/returned-mail?format=csv")
    assert csv.status_code == 200 and "K" in csv.text


def test_whoever_may_only_read_changes_nothing(desk: tuple[Flask, int, int]) -> None:
    app, jane, _ = desk
    client = visitors.add("olga", "auditor").browser(app)
    page = f"/guarantors/{people.account(jane).public_id}"
    seen = client.get(page)
    assert seen.status_code == 200 and "New address" not in seen.text
    assert client.get(page + "?act=address").text.count("Letters go there") == 0
