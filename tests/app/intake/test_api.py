"""A program hands files in and asks what became of them."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.web import application
from tests import books, era
from tests.policy import visitors
from tests.policy.visitors import Visitor

BILLED = era.bill(era.billed("A1", "99214 300"))
PAID = era.era(era.claim("A1", era.line("99214", "300", "220", "CO*45*80")), trace="EFT0001")
UNBALANCED = era.era(
    era.claim("A1", era.line("99214", "300", "220", "CO*45*80")), trace="EFT0002", paid="221"
)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    yield application.make_app()


class Program:
    """A client of the API with one person's token."""

    def __init__(self, app: Flask, visitor: Visitor):
        self._client, self._bearer = app.test_client(), visitor.bearer

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(f"/api/v1{path}", query_string=query, headers=self._bearer)

    def send(self, name: str, content: bytes) -> Any:
        body = {"file": (io.BytesIO(content), name)}
        return self._client.post("/api/v1/files", data=body, headers=self._bearer)

    def post(self, path: str, body: dict[str, Any], *, key: str = "once") -> Any:
        headers = {**self._bearer, "Idempotency-Key": key}
        return self._client.post(f"/api/v1{path}", json=body, headers=headers)


def _program(app: Flask, *roles: str, login: str = "clerk") -> Program:
    return Program(app, visitors.add(login, *(roles or ("clerk",))))


def test_a_file_is_taken_once_and_the_second_time_told_which_was_first(app: Flask) -> None:
    program = _program(app)
    first, again = program.send("a.835", PAID), program.send("b.835", PAID)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["first"] and not again.json["first"]
    assert again.json["id"] == first.json["id"] and again.json["first_name"] == "a.835"


def test_money_is_a_text_with_two_decimals_and_no_number_of_ours_leaves(app: Flask) -> None:
    program = _program(app)
    program.send("a.837", BILLED)
    program.send("a.835", PAID)
    books.settle()
    rows = {row["kind"]: row for row in program.get("/files").json["rows"]}
    assert rows["835"]["paid"] == "220.00" and rows["835"]["state"] == "posted"
    assert rows["837P"]["charge"] == "300.00" and rows["837P"]["paid"] is None
    whole = program.get(f"/files/{rows['835']['file']}").json
    assert whole["done"] and whole["transactions"] == {"posted": 1} and whole["paid"] == "220.00"
    assert "file_no" not in whole and len(whole["offers"]) == 1


def test_a_list_is_read_page_by_page(app: Flask) -> None:
    program = _program(app)
    for number in range(5):
        program.send(f"{number}.837", era.bill(era.billed(f"A{number}", "100")))
    books.settle()
    names: list[str] = []
    cursor = ""
    while True:
        page = program.get("/files", limit="2", cursor=cursor, sort="name").json
        names += [row["name"] for row in page["rows"]]
        cursor = page["next"]
        if not cursor:
            break
    assert names == [f"{number}.837" for number in range(5)]


def test_a_held_transaction_is_released_once_by_whoever_may(app: Flask) -> None:
    clerk, lead = _program(app), _program(app, "supervisor", login="lead")
    clerk.send("a.837", BILLED)
    file = clerk.send("wrong.835", UNBALANCED).json["id"]
    books.settle()
    row = clerk.get(f"/files/{file}/transactions").json["rows"][0]
    whole = clerk.get(f"/transactions/{row['id']}").json
    assert whole["state"] == "held" and whole["findings"][0]["does"] == "hold"
    body = {"reason": "Payer confirmed the check", "version": row["version"]}
    path = f"/transactions/{row['id']}/release"
    assert clerk.post(path, body).status_code == 403
    first, again = lead.post(path, body), lead.post(path, body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json and again.headers["Idempotent-Replay"] == "true"
    assert lead.post(path, body, key="another").status_code == 409
    books.settle()
    assert lead.get(f"/transactions/{row['id']}").json["state"] == "posted"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/transactions/00000000000000000000/undo", {"reason": "x", "version": 1}, 404),
        ("/transactions/00000000000000000000/undo", {"reason": "", "version": 1}, 422),
        ("/transactions/00000000000000000000/undo", {"reason": "x"}, 422),
        ("/transactions/00000000000000000000/undo", {"reason": "x", "version": "two"}, 422),
    ],
)
def test_what_is_wrong_with_a_decision_is_said_in_one_shape(
    app: Flask, path: str, body: dict[str, Any], status: int
) -> None:
    answer = _program(app, "supervisor").post(path, body)
    assert answer.status_code == status
    assert set(answer.json["error"]) == {"code", "message", "field", "place", "request_id"}


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"sort": "secret"}, {"cursor": "made-up"}, {"paid_from": "ten"}]
)
def test_a_list_asked_wrongly_is_refused(app: Flask, query: dict[str, str]) -> None:
    assert _program(app).get("/files", **query).status_code == 422


def test_a_form_without_its_file_is_refused(app: Flask) -> None:
    program = _program(app)
    answer = program._client.post("/api/v1/files", data={"file": "text"}, headers=program._bearer)
    assert answer.status_code == 422 and answer.get_json()["error"]["field"] == "file"
