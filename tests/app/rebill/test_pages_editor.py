"""The editor: billed, decided and corrected beside each other; checked, kept, finished, held, signed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill import service
from app.rebill.lifecycle import Kind
from app.rebill.models import Rebill
from app.web import application
from tests import books, era
from tests.policy import visitors

_rebill, _claim = table_of(Rebill), table_of(Claim)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(era.bill(era.billed("A1", "99214 300", "93000 100"), era.billed("A2", "99213 150")))
    lines = (
        era.line("99214", "300", "0", "CO*16*300", rarc="N382"),
        era.line("93000", "100", "60", "CO*45*40"),
    )
    books.take(era.era(era.claim("A1", *lines, number="PCN1"), trace="T1"), name="era")
    yield application.make_app()


def opened(control: str = "A1", kind: Kind = Kind.REPLACEMENT) -> str:
    """A draft of a claim."""
    with work(books.CLERK) as w:
        public = books.rows(_claim, _claim.c.control == control)[0].public_id
        return service.open_one(w, public, kind=kind)


class Clerk:
    """Somebody at the editor."""

    def __init__(self, app: Flask, role: str, login: str = ""):
        self.browser = visitors.add(login or f"the-{role.replace('_', '-')}", role).browser(app)

    def see(self, public_id: str, **asked: Any) -> str:
        """The page of a submission."""
        answer = self.browser.get(f"/rebill/{public_id}", query_string=asked)
        assert answer.status_code == 200, answer.text[:600]
        return str(answer.text)

    def press(self, public_id: str, verb: str, **fields: Any) -> Any:
        """Send one of its forms, with the version the page shows."""
        page = self.see(public_id)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        version = re.search(r'name="version" value="(\d+)"', page)
        assert token
        given = {"csrf_token": token.group(1), "version": version.group(1) if version else "", **fields}
        return self.browser.post(f"/rebill/{public_id}/{verb}", data=given)

    def say(self, public_id: str, verb: str, **body: Any) -> Any:
        """What the script of the page sends."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.see(public_id))
        assert token
        headers = {"X-CSRFToken": token.group(1)}
        return self.browser.post(f"/rebill/{public_id}/{verb}", json=body, headers=headers)


def row(public_id: str) -> Any:
    return books.rows(_rebill, _rebill.c.public_id == public_id)[0]


def typed(field: str, value: str, line: int = 0, index: int = 0) -> dict[str, Any]:
    return {"field": field, "line": line, "index": index, "value": value}


def test_the_page_shows_what_was_billed_what_was_decided_and_what_will_go(app: Flask) -> None:
    page = Clerk(app, "denial_specialist").see(opened())
    assert "PCN1" in page and "N382" in page and "CO-16" in page and "A1R1" in page
    assert 'value="99214"' in page and 'value="MEM0001"' in page and "E119" in page


def test_a_clerk_without_the_right_sees_no_diagnosis(app: Flask) -> None:
    page = Clerk(app, "clerk").see(opened())
    assert "E119" not in page and "Your role does not show diagnoses" in page


def test_the_cursor_is_wanted_where_the_payer_pointed(app: Flask) -> None:
    page = Clerk(app, "clerk").see(opened(), field="member_id")
    assert 'data-focus="member_id"' in page


def test_what_is_typed_is_checked_without_being_kept(app: Flask) -> None:
    carl, one = Clerk(app, "clerk"), opened()
    answer = carl.say(one, "check", edits=[typed("rendering_npi", "123")])
    assert answer.status_code == 200 and any(
        found["field"] == "rendering_npi" and found["does"] == "error" for found in answer.json["problems"]
    )
    assert row(one).version == 1
    answer = carl.say(one, "check", edits=[typed("line_charge", "350", line=1)])
    assert answer.json["charge"] == "450.00"


def test_what_is_kept_has_a_new_version_and_an_old_one_is_refused(app: Flask) -> None:
    carl, one = Clerk(app, "clerk"), opened()
    edits = [typed("member_id", "MEM0002")]
    assert carl.say(one, "keep", version=1, edits=edits).json["version"] == 2
    stale = carl.say(one, "keep", version=1, edits=edits)
    assert stale.status_code == 409 and "meantime" in stale.json["message"]
    assert 'value="MEM0002"' in carl.see(one)


def test_without_script_the_form_keeps_and_checks_as_well(app: Flask) -> None:
    carl, one = Clerk(app, "clerk"), opened()
    answer = carl.press(one, "edit", **{"f:member_id:0:0": "MEM0003", "f:units:2:0": "2"})
    assert answer.status_code == 303
    page = carl.see(one)
    assert 'value="MEM0003"' in page and "MEM0001" in page, "what was billed stays in sight"


def test_a_line_is_added_like_another_and_taken_out_again(app: Flask) -> None:
    carl, one = Clerk(app, "clerk"), opened()
    carl.press(one, "edit", add="2")
    page = carl.see(one)
    assert page.count('aria-label="Line ') == 3 and row(one).charge == 50_000
    carl.press(one, "edit", remove="1")
    page = carl.see(one)
    assert page.count('aria-label="Line ') == 2 and row(one).charge == 20_000
    assert "93000" in page


def test_held_released_given_up(app: Flask) -> None:
    carl, one = Clerk(app, "clerk"), opened()
    carl.press(one, "hold", reason="records", until="t+5", note="op note")
    assert "Held until" in carl.see(one) and row(one).on_hold
    carl.press(one, "lift", why="it came")
    assert not row(one).on_hold
    refused = carl.press(one, "cancel", reason="")
    assert refused.status_code == 422
    carl.press(one, "cancel", reason="billed twice")
    assert row(one).state == "cancelled"


def test_changed_codes_wait_for_another_persons_signature(app: Flask) -> None:
    dana, sue, one = Clerk(app, "denial_specialist"), Clerk(app, "supervisor"), opened()
    dana.press(one, "edit", **{"f:procedure:1:0": "99213"})
    assert "a coder other than the author signs" in dana.see(one)
    assert dana.press(one, "sign").status_code == 403
    sue.press(one, "sign")
    assert "Signed by" in sue.see(one)


def test_finished_it_waits_and_the_next_one_comes(app: Flask) -> None:
    carl, first, second = Clerk(app, "clerk"), opened(), opened("A2", Kind.NEW)
    carl.press(first, "edit", **{"f:member_id:0:0": "MEM0009"})
    answer = carl.press(first, "finish")
    if answer.status_code == 303:
        assert answer.headers["Location"].endswith(second) and row(first).state == "ready"
        carl.press(first, "reopen")
        assert row(first).state == "draft"
    else:
        assert answer.status_code == 409 and "flash-bad" in answer.text


def test_several_are_shown_before_they_are_held_and_what_does_not_fit_is_named(app: Flask) -> None:
    carl, first, second = Clerk(app, "clerk"), opened(), opened("A2", Kind.NEW)
    token = visitors.form_token(carl.browser, "/rebill")
    chosen = [f"{first}.1", f"{second}.1"]
    fields = {"csrf_token": token, "act": "hold", "reason": "coding", "until": "t+5", "rebill": chosen}
    page = carl.browser.post("/rebill/act", data=fields).text
    assert "Hold 2 claims?" in page and "550.00" in page and not row(first).on_hold
    fields["rebill"] = [f"{first}.1", f"{second}.9"]
    answer = carl.browser.post("/rebill/act", data={**fields, "confirmed": "yes"}, follow_redirects=True)
    assert "1 claim held" in answer.text and "1 left as they were" in answer.text
    assert row(first).on_hold and not row(second).on_hold


def test_all_that_a_filter_finds_is_shown_before_it_is_cancelled(app: Flask) -> None:
    carl, first, second = Clerk(app, "clerk"), opened(), opened("A2", Kind.NEW)
    token = visitors.form_token(carl.browser, "/rebill")
    fields = {"csrf_token": token, "act": "cancel", "all": "yes", "back": "kind=new"}
    page = carl.browser.post("/rebill/act", data=fields).text
    assert "Cancel 1 claim?" in page and (row(first).state, row(second).state) == ("draft", "draft")


def test_a_note_stays_with_the_claim(app: Flask) -> None:
    carl, one = Clerk(app, "clerk"), opened()
    answer = carl.press(one, "note", text="Called the patient for the card")
    assert answer.status_code == 303, re.findall("flash-bad.*", answer.text)
    assert "Called the patient for the card" in carl.see(one)
