"""A biller takes files in, sees what became of each, and decides about what is held; on both databases."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.kernel.db import engine, table_of
from app.kernel.outbox import Job
from app.web import application
from tests import books, era
from tests.policy import visitors

BILLED = era.bill(era.billed("A1", "99214 300"))
PAID = era.era(era.claim("A1", era.line("99214", "300", "220", "CO*45*80")), trace="EFT0001")
UNBALANCED = era.era(
    era.claim("A1", era.line("99214", "300", "220", "CO*45*80")), trace="EFT0002", paid="221"
)
CUT = PAID[: PAID.index(b"SE*")]


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    yield application.make_app()


def _visitor(app: Flask, *roles: str, login: str = "clerk", entity_id: int = 0) -> FlaskClient:
    return visitors.add(login, *(roles or ("clerk",)), entity_id=entity_id).browser(app)


def _send(client: FlaskClient, *files: tuple[str, bytes], script: bool = True) -> Any:
    body = {
        "csrf_token": visitors.form_token(client, "/files/"),
        "file": [(io.BytesIO(content), name) for name, content in files],
    }
    headers = {"HX-Request": "true"} if script else {}
    return client.post("/files/", data=body, headers=headers, content_type="multipart/form-data")


def _poll(client: FlaskClient, text: str) -> str:
    """Ask the way the page does until it stops asking; returns the last line."""
    address = re.search(r'hx-get="([^"]+)"', text)
    while address:
        text = client.get(address.group(1), headers={"X-Reclaim-Poll": "1"}).text
        books.settle()
        address = re.search(r'hx-get="([^"]+)"', text)
    return text


def _rows(client: FlaskClient, **filters: str) -> list[str]:
    return re.findall(r"<tr data-row.*?</tr>", client.get("/files/", query_string=filters).text, re.S)


def _address(client: FlaskClient, start: str, **filters: str) -> str:
    found = re.search(rf'href="({start}[0-9a-f]{{20}})"', client.get("/files/", query_string=filters).text)
    assert found
    return found.group(1)


def test_a_file_says_by_itself_what_became_of_it(app: Flask) -> None:
    client = _visitor(app)
    assert "posted" in _poll(client, _send(client, ("a.837", BILLED)).text)
    line = _poll(client, _send(client, ("a.835", PAID)).text)
    assert "posted" in line and "1 claim" in line and "220.00" in line


def test_the_same_file_again_is_told_which_import_was_first(app: Flask) -> None:
    client = _visitor(app)
    _send(client, ("first.835", PAID))
    again = _send(client, ("second.835", PAID)).text
    assert "duplicate" in again and "Already received as first.835" in again and "hx-get" not in again


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.835", b"", "is empty"),
        ("letter.txt", b"Dear payer, we have not been paid.", "not X12"),
        ("cut.835", CUT, "cut off"),
        ("wrong.835", UNBALANCED, "does not balance"),
    ],
)
def test_what_cannot_post_says_why(app: Flask, name: str, content: bytes, words: str) -> None:
    client = _visitor(app)
    assert words in _poll(client, _send(client, (name, content)).text)


def test_files_can_be_sent_without_any_script(app: Flask) -> None:
    client = _visitor(app)
    answer = _send(client, ("a.837", BILLED), ("a.835", PAID), script=False)
    assert answer.status_code == 303
    books.settle()
    assert len(_rows(client)) == 2


def test_files_are_found_by_what_a_biller_knows_of_them(app: Flask) -> None:
    client = _visitor(app)
    _send(
        client, ("a.837", BILLED), ("a.835", PAID), ("letter.txt", b"Dear payer"), ("wrong.835", UNBALANCED)
    )
    books.settle()
    expected: dict[tuple[str, ...], int] = {
        (): 4,
        ("kind", "835"): 2,
        ("state", "held"): 1,
        ("state", "refused"): 1,
        ("state", "posted"): 2,
        ("payer", "EXAMPLE HEALTH PLAN"): 2,
        ("paid_from", "220.50"): 1,
        ("paid_to", "220.50"): 1,
        ("q", "eft0001"): 1,
        ("q", "letter"): 1,
        ("received_from", "2200-01-01"): 0,
        ("received_to", "2000-01-01"): 0,
    }
    found = {wanted: len(_rows(client, **({wanted[0]: wanted[1]} if wanted else {}))) for wanted in expected}
    assert found == expected


@pytest.mark.parametrize("wrong", [{"paid_from": "ten"}, {"received_from": "soon"}, {"sort": "secret"}])
def test_a_filter_nobody_can_read_is_refused(app: Flask, wrong: dict[str, str]) -> None:
    answer = _visitor(app).get("/files/", query_string=wrong)
    assert answer.status_code == 422 and ("sort" in wrong or 'role="alert"' in answer.text)
    assert "sort" in wrong or f'value="{next(iter(wrong.values()))}"' in answer.text


def test_a_held_payment_is_released_by_a_supervisor_with_a_reason(app: Flask) -> None:
    clerk, lead = _visitor(app), _visitor(app, "supervisor", login="lead")
    _send(clerk, ("a.837", BILLED), ("wrong.835", UNBALANCED))
    books.settle()
    remit = _address(clerk, "/remits/", state="held")
    ask = re.search(r'href="(/files/transactions/[0-9a-f]{20}/release)"', lead.get(remit).text)
    assert ask and "/release" not in clerk.get(remit).text
    page = lead.get(ask.group(1)).text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields.pop("q", None)
    silent = lead.post(ask.group(1), data=fields)
    assert silent.status_code == 422 and "Say why" in silent.text
    assert clerk.post(ask.group(1), data=fields).status_code in (400, 403)
    assert lead.post(ask.group(1), data={**fields, "reason": "Payer confirmed the check"}).status_code == 303
    books.settle()
    assert len(_rows(lead, state="posted", kind="835")) == 1
    late = lead.post(ask.group(1), data={**fields, "reason": "Once more"})
    assert late.status_code == 409


def test_a_posted_payment_is_undone_and_replayed(app: Flask) -> None:
    lead = _visitor(app, "supervisor", login="lead")
    _send(lead, ("a.837", BILLED), ("a.835", PAID))
    books.settle()
    remit = _address(lead, "/remits/", kind="835")
    for doing, state in (("undo", "undone"), ("replay", "posted")):
        ask = re.search(rf'href="(/files/transactions/[0-9a-f]{{20}}/{doing})"', lead.get(remit).text)
        assert ask
        page = lead.get(ask.group(1)).text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        assert lead.post(ask.group(1), data={**fields, "reason": "Wrong practice"}).status_code == 303
        books.settle()
        assert len(_rows(lead, state=state, kind="835")) == 1


def test_a_file_tells_its_findings_and_every_offer(app: Flask) -> None:
    client = _visitor(app)
    _send(client, ("wrong.835", UNBALANCED))
    _send(client, ("again.835", UNBALANCED))
    books.settle()
    page = client.get(_address(client, "/files/")).text
    assert "does not balance" in page and "segment" in page and "byte" in page
    assert "wrong.835" in page and "again.835" in page and "first" in page


def test_raw_bytes_leave_only_with_the_right_and_the_record(app: Flask) -> None:
    clerk = _visitor(app)
    _send(clerk, ("a.835", PAID))
    books.settle()
    address = _address(clerk, "/files/")
    answer = clerk.get(f"{address}/raw")
    assert answer.data == PAID and answer.headers["Content-Disposition"].startswith("attachment")
    assert _visitor(app, "operator", login="op").get(f"{address}/raw").status_code == 403


def test_a_file_of_two_entities_is_given_raw_to_neither_alone(app: Flask) -> None:
    north = books.practice("North Clinic", npi="1245319599", tax_id="111223333")
    both = era.sealed("835", [
        era.payment(era.claim("A1", era.line("99214", "300")), trace="EFT1"),
        [one.replace(f"TJ*{era.TAX_ID}", "TJ*111223333") for one in
         era.payment(era.claim("B1", era.line("99214", "300")), trace="EFT2", npi="1245319599")],
    ])  # fmt: skip
    books.take(both)
    theirs = visitors.add("north", "supervisor", entity_id=north.id).browser(app)
    assert len(_rows(theirs)) == 1 and "EFT2" in theirs.get("/files/").text
    assert "EFT1" not in theirs.get("/files/").text
    assert theirs.get(f"{_address(theirs, '/files/')}/raw").status_code == 409


def test_what_somebody_brought_for_another_entity_stops_asking(app: Flask) -> None:
    north = books.practice("North Clinic", npi="1245319599", tax_id="111223333")
    theirs = visitors.add("north", "clerk", entity_id=north.id).browser(app)
    line = _poll(theirs, _send(theirs, ("a.835", PAID)).text)
    assert "an entity you do not work for" in line
    assert not _rows(theirs)


def test_a_page_that_asks_by_itself_keeps_no_session_alive(app: Flask) -> None:
    client = _visitor(app)
    text = _send(client, ("a.835", PAID)).text
    assert 'hx-headers=\'{"X-Reclaim-Poll": "1"}\'' in text


def test_jobs_that_failed_at_every_try_are_seen_and_queued_again(app: Flask) -> None:
    operator = _visitor(app, "operator", login="op")
    books.offer(PAID, "a.835")
    with engine().begin() as line:
        line.execute(update(table_of(Job)).values(state="dead", error="the disk was full"))
    page = operator.get("/files/jobs").text
    assert "Read a file" in page and "the disk was full" in page and "dead" in page
    data = {"csrf_token": visitors.form_token(operator, "/files/jobs")}
    assert _visitor(app, "supervisor", login="lead").post("/files/jobs/again").status_code in (400, 403)
    assert operator.post("/files/jobs/again", data=data).status_code == 303
    books.settle()
    assert "Nothing waits and nothing failed." in operator.get("/files/jobs?state=dead").text
    assert _visitor(app).get("/files/jobs").status_code == 403
