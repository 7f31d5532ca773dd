"""A rejected claim is found, worked, fixed elsewhere and closes itself: no denial, no lost claim."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.web import application
from tests import answers, books
from tests.era import PLAIN, bill, billed, claim, era, line
from tests.policy import visitors

FIRST, SECOND = 4711, 4712


def a_file(control: int, made: str) -> bytes:
    """Two claims of one morning."""
    claims = [billed(one, "99213 100", member=f"M{one}", patient=f"DOE*{one}") for one in ("A1", "A2")]
    content = bill(*claims, dress=replace(PLAIN, control=control, day=made))
    return content.replace(b"20251220*0615", f"{made}*0615".encode())


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(a_file(FIRST, "20251220"), answers.taken(FIRST, "0001 A", day="20251221"))
    books.take(answers.report("A1 A2:20", "A2 A7:562:85", day="20251222"))
    yield application.make_app()


def the_rejection(page: str) -> str:
    [found] = set(re.findall(r"/claims/rejections/([0-9a-f]{20})", page))
    return str(found)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def test_a_rejected_claim_is_found_fixed_elsewhere_and_closes_itself(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    listed = carl.get("/claims/rejections").text
    assert "Billing provider NPI" in listed and "A7:562:85" in listed and "1 rejection" in listed
    one = the_rejection(listed)
    page = carl.get(f"/claims/rejections/{one}").text
    assert "Correct the billing provider NPI" in page and "DOE, A2" in page
    fields = {"csrf_token": field(page, "csrf_token"), "version": field(page, "version"), "owner": "me"}
    assert carl.post(f"/claims/rejections/{one}/assign", data=fields).status_code == 303
    note = {"csrf_token": fields["csrf_token"], "text": "NPI corrected in the billing system."}
    assert carl.post(f"/claims/rejections/{one}/note", data=note).status_code == 303
    page = carl.get(f"/claims/rejections/{one}").text
    assert "NPI corrected in the billing system." in page and "Give back" in page

    books.take(a_file(SECOND, "20260105"))
    assert "not yet taken" in carl.get("/claims/rejections").text
    books.take(answers.report("A2 A2:20", day="20260107"))
    assert "Nothing is rejected" in carl.get("/claims/rejections").text
    assert "accepted later" in carl.get(f"/claims/rejections/{one}").text.lower()


def test_a_rejection_is_no_denial(app: Flask) -> None:
    ann = visitors.add("ann", "denial_specialist").browser(app)
    assert "A7:562:85" not in ann.get("/denials").text
    assert "A7:562:85" in ann.get("/claims/rejections").text


def test_a_remit_closes_a_rejection_too(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    books.take(era(claim("A2", line("99213", "100", cas="CO*45*20"), member="MA2", patient="DOE*A2")))
    assert "Nothing is rejected" in carl.get("/claims/rejections").text


def test_the_claim_shows_its_road(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    page = carl.get("/claims?state=rejected").text
    [public] = set(re.findall(r"/claims/([0-9a-f]{20})", page))
    road = carl.get(f"/claims/{public}").text
    for words in (
        "Sent to the payer",
        "The receiver could read the file",
        "A7:562:85",
        "Billing provider NPI",
    ):
        assert words in road


def test_a_refused_file_says_what_was_wrong_in_words(app: Flask) -> None:
    carl = visitors.add("carl", "clerk").browser(app)
    third = bill(billed("B1", "99213 90"), dress=replace(PLAIN, control=4999))
    errors = ["IK3*NM1*8*2010*8", "CTX*CLM01:B1", "IK4*9*67*1"]
    books.take(third, answers.taken(4999, "0001 R 5", errors=errors))
    listed = carl.get("/claims/rejections?kind=file_rejected").text
    page = carl.get(f"/claims/rejections/{the_rejection(listed)}").text
    assert "NM109 (segment 8, loop 2010)" in page and "is required and missing" in page and "B1" in page


def test_programs_work_rejections_too(app: Flask) -> None:
    program = visitors.add("bot", "clerk")
    answer = app.test_client().get("/api/v1/claims/rejections", headers=program.bearer).get_json()
    rows = answer["rows"]
    assert [(one["code"], one["action"], one["amount"]) for one in rows] == [
        ("A7:562:85", "Correct the billing provider NPI", "100.00")
    ]
