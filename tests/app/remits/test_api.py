"""A program reads payments down to the byte, and settles what waits."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import application
from tests import books, era
from tests.policy import visitors

PAYMENT = era.era(
    era.claim("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40", rarc="N130")),
    era.claim("ZZ9", era.line("97110", "60")),
    trace="EFT0001",
    plb="L6*-3.07",
)
BILLED = era.bill(era.billed("A1", "99214 300"), era.billed("A3", "97110 60"), era.billed("A4", "97110 20"))


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(BILLED, PAYMENT)
    yield application.make_app()


class Program:
    """A client of the API with one person's token."""

    def __init__(self, app: Flask, *roles: str, login: str = "clerk", entity_id: int = 0):
        visitor = visitors.add(login, *(roles or ("clerk",)), entity_id=entity_id)
        self._client: FlaskClient = app.test_client()
        self._bearer = visitor.bearer

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(f"/api/v1{path}", query_string=query, headers=self._bearer)

    def post(self, path: str, body: dict[str, Any], *, key: str = "once") -> Any:
        headers = {**self._bearer, "Idempotency-Key": key}
        return self._client.post(f"/api/v1{path}", json=body, headers=headers)

    def parked(self) -> Any:
        """The parked claim, whole."""
        row = self.get("/exceptions").json["rows"][0]
        return self.get(f"/remit-claims/{row['remit_claim']}").json


def test_a_payment_is_read_down_to_the_bytes(app: Flask) -> None:
    program = Program(app)
    row = program.get("/remits").json["rows"][0]
    assert (row["paid"], row["claims"], row["parked"], row["provider_total"]) == ("243.07", 2, 1, "-3.07")
    whole = program.get(f"/remits/{row['id']}").json
    assert whole["posted"] and whole["provider_adjustments"][0]["code"] == "L6"
    claims = program.get(f"/remits/{row['id']}/claims").json["rows"]
    assert [one["control"] for one in claims] == ["A1", "ZZ9"]
    one = program.get(f"/remit-claims/{claims[0]['id']}").json
    assert one["lines"][0]["remarks"][0]["code"] == "N130"
    assert sorted(entry["amount"] for entry in one["entries"]) == ["180.00", "40.00", "80.00"]
    said = {segment["number"]: segment["text"].split("*") for segment in one["raw"]}
    for adjustment in one["lines"][0]["adjustments"]:
        at = adjustment["at"]
        assert f"{said[at['segment']][at['element']]}.00" == adjustment["amount"]


def test_only_parked_claims_are_shown_when_asked(app: Flask) -> None:
    program = Program(app)
    remit = program.get("/remits").json["rows"][0]["id"]
    shown = program.get(f"/remits/{remit}/claims", show="parked").json["rows"]
    assert [one["control"] for one in shown] == ["ZZ9"]
    assert program.get(f"/remits/{remit}/claims", show="everything").status_code == 422


def test_a_parked_payment_is_linked_once(app: Flask) -> None:
    program = Program(app)
    one = program.parked()
    assert one["suggestions"][0]["control"] == "A3" and one["suggestions"][0]["score"] == 100
    body = {"claim": one["suggestions"][0]["claim"], "version": one["version"]}
    path = f"/remit-claims/{one['id']}/link"
    first, again = program.post(path, body), program.post(path, body)
    assert first.status_code == 200 and first.json["state"] == "posted"
    assert again.json == first.json and again.headers["Idempotent-Replay"] == "true"
    assert program.post(path, body, key="later").status_code == 409
    assert program.get("/exceptions").json["rows"] == []
    assert program.get("/remits").json["rows"][0]["parked"] == 0


def test_a_parked_payment_is_split_to_the_cent(app: Flask) -> None:
    program = Program(app)
    one = program.parked()
    claims = {s["control"]: s["claim"] for s in one["suggestions"]}
    other = program.get("/claims", control="A4").json["rows"][0]["id"] if "A4" not in claims else claims["A4"]
    parts = [{"claim": claims["A3"], "amount": "50.00"}, {"claim": other, "amount": "9.99"}]
    path, body = f"/remit-claims/{one['id']}/split", {"parts": parts, "version": one["version"]}
    assert program.post(path, body, key="short").status_code == 422
    parts[1]["amount"] = "10.00"
    assert program.post(path, body).json["state"] == "split"


def test_a_payment_for_nobody_is_sent_back(app: Flask) -> None:
    program = Program(app)
    one = program.parked()
    body = {"reason": "Another clinic's patient", "version": one["version"]}
    assert program.post(f"/remit-claims/{one['id']}/not-ours", body).json["state"] == "not_ours"


def test_accepting_as_sent_is_a_supervisors(app: Flask) -> None:
    broken = era.era(era.claim("A4", era.line("97110", "20", "15", "CO*45*8")), trace="EFT9")
    books.take(broken)
    clerk, lead = Program(app), Program(app, "supervisor", login="lead")
    row = next(row for row in clerk.get("/exceptions").json["rows"] if row["control"] == "A4")
    one = clerk.get(f"/remit-claims/{row['remit_claim']}").json
    body = {"reason": "Payer confirmed by phone", "version": one["version"]}
    path = f"/remit-claims/{one['id']}/accept"
    assert clerk.post(path, body).status_code == 403
    linked = {"claim": one["suggestions"][0]["claim"], "version": one["version"]}
    assert clerk.post(f"/remit-claims/{one['id']}/link", linked).status_code == 403
    assert lead.post(path, body).json["state"] == "posted"


def test_a_held_payment_is_read_without_being_posted(app: Flask) -> None:
    books.take(era.era(era.claim("A4", era.line("97110", "20")), trace="EFT7", paid="21"))
    program = Program(app)
    held = next(row for row in program.get("/files").json["rows"] if row["state"] == "held")
    whole = program.get(f"/remits/{held['transaction']}").json
    assert not whole["posted"] and whole["paid"] == "21.00" and whole["claims_paid"] == "20.00"
    claims = program.get(f"/remits/{held['transaction']}/claims", limit="1").json
    assert [one["control"] for one in claims["rows"]] == ["A4"] and claims["next"] == ""


def test_people_of_another_entity_are_told_there_is_no_such_thing(app: Flask) -> None:
    north = books.practice("North Clinic", npi="1245319599", tax_id="111223333")
    mine = Program(app)
    theirs = Program(app, "clerk", "supervisor", login="north", entity_id=north.id)
    one, remit = mine.parked(), mine.get("/remits").json["rows"][0]["id"]
    assert theirs.get("/remits").json["rows"] == [] and theirs.get("/exceptions").json["rows"] == []
    for path in (f"/remits/{remit}", f"/remits/{remit}/claims", f"/remit-claims/{one['id']}"):
        assert theirs.get(path).status_code == 404
    body = {"claim": one["suggestions"][0]["claim"], "version": one["version"]}
    assert theirs.post(f"/remit-claims/{one['id']}/link", body).status_code == 404
