"""A paper EOB is keyed under the rules of an 835, by two people above a limit, and posts (A9, B13)."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.flows import resolve
from app.intake.models import IntakeFile
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import work
from app.remits import rules_keyed, translate_keyed
from app.remits.models import KeyedBatch, Remit, RemitClaim
from app.remits.rules_days import meant
from app.web import application
from tests import books, era
from tests.policy import visitors

BILLED = era.bill(
    era.billed("A1", "99214 300"),
    era.billed("A2", "99213 150", patient="ROE*RICHARD", member="MEM0002"),
)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def _line(code: str, charge: str, paid: str, *cas: str, **more: str) -> dict[str, Any]:
    pairs = [dict(zip(("code", "amount"), one.split(), strict=True)) for one in cas]
    return {
        "code": code,
        "day": "12/16/2025",
        "units": "1",
        "charge": charge,
        "paid": paid,
        "cas": pairs,
        **more,
    }


def grid(**header: str) -> dict[str, Any]:
    """A two-claim check: one paid, one denied."""
    return {
        "header": {"payer_name": "Example Health Plan", "method": "CHK", "trace": "778899",
                   "day": "03/01/2026", "amount": "180.00", "control_claims": "2",
                   "control_total": "180", **header},
        "claims": [
            {"control": "A1", "last": "DOE", "first": "JANE", "status": "1", "payer_control": "P1",
             "lines": [_line("99214", "300", "180", "CO-45 80", "PR-1 40", allowed="220")]},
            {"control": "A2", "last": "ROE", "first": "RICHARD", "status": "4", "payer_control": "P2",
             "lines": [_line("99213", "150", "0", "CO-16 150", remarks="M127")]},
        ],
    }  # fmt: skip


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    yield application.make_app()


class Keyer:
    """Somebody at the grid."""

    def __init__(self, app: Flask, login: str, *roles: str) -> None:
        self.client: FlaskClient = visitors.add(login, *(roles or ("clerk",))).browser(app)
        page = self.client.get("/remits/keyed").text
        [self.token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))

    def post(self, address: str, **fields: Any) -> Any:
        return self.client.post(address, data={"csrf_token": self.token, **fields})

    def start(self) -> str:
        return str(self.post("/remits/keyed").headers["Location"])

    def save(self, address: str, body: dict[str, Any], version: int = 1) -> Any:
        given = {"body": body, "version": version}
        return self.client.post(address + "/save", json=given, headers={"X-CSRFToken": self.token})


def _batch() -> Any:
    return books.rows(table_of(KeyedBatch))[-1]


def _keyed(clerk: Keyer, body: dict[str, Any]) -> str:
    """A batch saved and submitted."""
    address = clerk.start()
    answer = clerk.save(address, body)
    assert answer.status_code == 200, answer.text
    clerk.post(address + "/submit", version=answer.json["version"])
    return address


def test_a_keyed_check_posts_to_the_cent_like_an_835(app: Flask) -> None:
    books.take(BILLED)
    clerk = Keyer(app, "clerk")
    address = _keyed(clerk, grid())
    books.settle()
    assert _batch().state == "committed"
    assert books.balance("A1") == ("0.00", "40.00")
    assert books.balance("A2") == ("150.00", "0.00")
    remit = books.rows(table_of(Remit))[0]
    assert (remit.method, str(remit.paid), remit.trace) == ("CHK", "180.00", "778899")
    assert {row.state for row in books.rows(table_of(RemitClaim))} == {"posted"}
    assert "16" in clerk.client.get("/denials").text
    assert books.problems() == []
    page = clerk.client.get(address).text
    assert "Payment" in page and "committed" in page
    stored = [row for row in books.rows(table_of(IntakeFile)) if row.options.get("keyed")]
    assert [row.options["keyed"] for row in stored] == [_batch().public_id]


def test_days_may_be_typed_short_and_are_kept_as_the_day_they_meant(app: Flask) -> None:
    clerk = Keyer(app, "clerk")
    body = grid(day="t-3")
    body["claims"][0]["lines"][0]["day"] = "T"
    assert clerk.save(clerk.start(), body).status_code == 200
    kept = _batch().body
    day, service = kept["header"]["day"], kept["claims"][0]["lines"][0]["day"]
    assert date.fromisoformat(service) - date.fromisoformat(day) == timedelta(3)
    assert meant("me", date(2028, 2, 3)) == "2028-02-29" and meant("3/1/26", date(2028, 2, 3)) == "3/1/26"


def test_a_keyed_payment_is_undone_like_any_other(app: Flask) -> None:
    books.take(BILLED)
    _keyed(Keyer(app, "clerk"), grid())
    books.settle()
    [remit] = [row for row in books.transactions() if row.kind == "835"]
    with work(books.CLERK) as w:
        resolve.undo(w, remit.public_id, reason="Keyed from the wrong check")
    assert books.balance("A1") == ("300.00", "0.00") and books.states() == ["undone"]
    assert books.problems() == []


def test_nothing_typed_is_lost_and_everything_wrong_is_named_with_its_field(app: Flask) -> None:
    clerk = Keyer(app, "clerk")
    address = clerk.start()
    body = grid(amount="200", control_claims="3", day="31/31/2026")
    body["claims"][0]["lines"][0]["paid"] = "170"
    body["claims"][1]["lines"][0]["cas"][0]["code"] = "XX16"
    body["claims"][1]["lines"][0]["charge"] = "1x"
    answer = clerk.save(address, body)
    fields = {one["field"] for one in answer.json["problems"] if one["does"] == "hold"}
    assert {"header.amount", "header.control_claims", "header.day", "claims.0.lines.0.paid",
            "claims.1.lines.0.cas.0.code", "claims.1.lines.0.charge"} <= fields  # fmt: skip
    assert _batch().body["claims"][1]["lines"][0]["charge"] == "1x"
    refused = clerk.post(address + "/submit", version=answer.json["version"])
    assert refused.status_code in (400, 409, 422)
    assert _batch().state == "draft"
    again = clerk.client.get(address).text
    assert "1x" in again


def test_a_save_over_somebody_elses_is_refused(app: Flask) -> None:
    clerk, other = Keyer(app, "clerk"), Keyer(app, "olga")
    address = clerk.start()
    assert clerk.save(address, grid()).json["version"] == 2
    assert other.save(address, grid(), version=1).status_code == 409
    assert other.save(address, grid(), version=2).status_code == 200
    assert _batch().keyed_by == "olga"


LARGE = {"amount": "2180.00", "control_total": "2180.00"}


def _large() -> dict[str, Any]:
    body = grid(**LARGE)
    body["claims"][0]["lines"] = [_line("99214", "2300", "2180", "CO-45 80", "PR-1 40")]
    return body


TOTALS = {"trace": "778899", "amount": "2,180.00", "claims": "2", "paid": "2180", "share": "40.00"}


def test_above_the_limit_another_person_keys_the_totals_blind(app: Flask) -> None:
    clerk, other = Keyer(app, "clerk"), Keyer(app, "olga")
    address = _keyed(clerk, _large())
    assert _batch().state == "waiting"
    assert "somebody else" in clerk.client.get(address).text
    assert clerk.post(address + "/second", version=_batch().version, **TOTALS).status_code == 409 or (
        _batch().state == "waiting"
    )
    page = other.client.get(address).text
    main = page[page.index("<main") :]
    assert "2,180" not in main and "2180" not in main
    other.post(address + "/second", version=_batch().version, **TOTALS | {"share": "41"})
    assert (_batch().state, _batch().disagreed) == ("draft", "share")
    clerk.post(address + "/submit", version=_batch().version)
    other.post(address + "/second", version=_batch().version, **TOTALS)
    assert (_batch().state, _batch().second_by) == ("committed", "olga")
    books.settle()
    assert str(books.rows(table_of(Remit))[0].paid) == "2180.00"


def test_the_payers_own_835_of_a_keyed_check_waits_and_says_why(app: Flask) -> None:
    books.take(BILLED)
    clerk = Keyer(app, "clerk")
    _keyed(clerk, grid())
    books.settle()
    real = era.era(
        era.claim("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40"), number="P1"),
        era.claim("A2", era.line("99213", "150", "0", "CO*16*150", rarc="M127"), number="P2"),
        trace="778899", method="CHK",
    )  # fmt: skip
    books.take(real)
    held = [row for row in books.transactions() if row.state == "held"]
    assert [row.reason for row in held] == ["remit.keyed_before"]
    assert "keyed from paper by clerk" in held[0].explanation
    assert books.balance("A1") == ("0.00", "40.00")


def test_a_check_that_came_as_an_835_is_not_keyed_again(app: Flask) -> None:
    real = era.era(era.claim("A1", charge="300", paid="180", cas="CO*45*120"), trace="778899", method="CHK")
    books.take(BILLED, real)
    clerk = Keyer(app, "clerk")
    address = clerk.start()
    problems = clerk.save(address, grid()).json["problems"]
    assert [
        one for one in problems if one["field"] == "header.trace" and "in the books since" in one["words"]
    ]


def test_a_claim_is_found_by_number_name_and_charge_with_its_billed_lines(app: Flask) -> None:
    books.take(BILLED)
    clerk = Keyer(app, "clerk")
    address = clerk.start()
    for text in ("A2", "roe", "=150", "=150.00"):
        answer: Any = clerk.client.post(
            address + "/find", json={"q": text}, headers={"X-CSRFToken": clerk.token}
        )
        found = answer.json["claims"]
        assert [(one["control"], one["last"]) for one in found] == [("A2", "ROE")]
        assert [(one["code"], one["charge"], one["units"]) for one in found[0]["lines"]] == [
            ("99213", "150.00", "1")
        ]


def test_a_scan_is_sealed_shown_to_its_house_and_nothing_else_is_taken(app: Flask) -> None:
    clerk = Keyer(app, "clerk")
    address = clerk.start()
    clerk.post(address + "/scan", scan=(io.BytesIO(PNG), "eob.png"))
    answer = clerk.client.get(address + "/scan")
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for content in (b"<html><script>", b"MZ\x90", b""):
        refused = clerk.post(address + "/scan", scan=(io.BytesIO(content), "eob.png"))
        assert refused.status_code in (400, 409, 422)
    north = books.practice("North", "1245319599", "111223333")
    stranger = visitors.add("sam", "clerk", entity_id=north.id).browser(app)
    assert stranger.get(address).status_code == stranger.get(address + "/scan").status_code == 404


def test_programs_key_as_people_do(app: Flask) -> None:
    books.take(BILLED)
    bearer = visitors.add("robot", "clerk").bearer
    api: Any = app.test_client()
    made = api.post("/api/v1/keyed-batches", json={}, headers=bearer)
    assert made.status_code == 201, made.text
    address = f"/api/v1/keyed-batches/{made.json['id']}"
    kept = api.put(address, json={"body": grid(), "version": 1}, headers=bearer)
    assert kept.status_code == 200 and kept.json["version"] == 2
    done = api.post(address + "/submit", json={"version": 2}, headers={**bearer, "Idempotency-Key": "k1"})
    assert done.status_code == 200, done.text
    assert done.json["state"] == "committed"
    books.settle()
    shown = api.get(address, headers=bearer).json
    assert (shown["posting"], shown["paid"], shown["difference"]) == ("posted", "180.00", "0.00")
    assert [one["id"] for one in api.get("/api/v1/keyed-batches", headers=bearer).json["rows"]] == [
        shown["id"]
    ]


def test_an_empty_or_odd_grid_is_answered_with_words() -> None:
    for body in ({}, {"header": 1, "claims": "x"}, {"claims": [1, None, {"lines": 5, "cas": "y"}]}):
        check, problems = rules_keyed.read(body)
        assert problems and check.paid == Money(0)
    assert rules_keyed.read_date("3/1/26") == date(2026, 3, 1)
    assert rules_keyed.second_above(date(2026, 3, 1)) == Money(100_000)


def test_what_is_keyed_reads_back_as_the_same_payment() -> None:
    check, problems = rules_keyed.read(json.loads(json.dumps(grid())))
    assert problems == []
    ours = translate_keyed.Ours("Example Clinic", era.NPI, era.TAX_ID, era.PAYER, "", 1,
                                datetime(2026, 3, 2, 9, 30, tzinfo=UTC))  # fmt: skip
    assert translate_keyed.problems(translate_keyed.as_835(check, ours)) == []
