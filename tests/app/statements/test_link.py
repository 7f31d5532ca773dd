"""A statement behind its link: a form for every token, two identifiers, five misses, one click to stop."""

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import update

from app.audit.models import AuditEvent
from app.contacts import service_law
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.patients import queries_reach
from app.statements import service_link
from app.statements.rules_content import facts_of
from app.statements.service_content import token_of
from app.statements.service_make import FACTS
from app.web.application import make_app
from tests import books, statements
from tests.conftest import House
from tests.statements import BOSS, GUARANTOR, STATEMENT, TODAY

HIDDEN = re.compile(r'name="csrf_token" value="([^"]+)"')
EVENT = table_of(AuditEvent)
BIRTH, ZIP = "05/04/1980", "68101"


@pytest.fixture
def sent(house: House) -> str:
    """A statement with a link; returns the token of the link that stands on its very paper."""
    clinic = statements.owing("A1")
    with work(BOSS) as w:
        service_law.change(w, clinic.id, code="link_url", state="", value="https://pay.clinic.example",
                           source="test", days=(TODAY, None), reason="test")  # fmt: skip
    statements.sent(clinic)
    [made] = books.rows(STATEMENT)
    with work(BOSS) as w:
        w.db.execute(update(GUARANTOR).values(birth=date(1980, 5, 4)))
    token = token_of(clinic.id, made.number)
    link = facts_of(keyring().open(bytes(made.facts_sealed), FACTS))["facts"]["pay_link"]
    assert link == f"https://pay.clinic.example/s/{token}"
    assert made.link_ends == made.day + timedelta(90)
    return str(link).rsplit("/", 1)[1]


def hidden_token(page: str) -> str:
    """The token of a page's form."""
    found = HIDDEN.search(page)
    assert found is not None
    return found[1]


def _plain(page: Any, token: str) -> str:
    """A page without what differs for everybody."""
    return str(page.text).replace(token, "").replace(hidden_token(page.text), "")


def _zip(account_id: int) -> str:
    with reading(books.CLERK) as w:
        return queries_reach.addresses(w, [account_id])[account_id].zip


def _post(client: FlaskClient, path: str, **said: str) -> Any:
    page = client.get(path.removesuffix("/pdf"))
    return client.post(path, data={"csrf_token": hidden_token(page.text), **said})


@pytest.fixture
def client() -> FlaskClient:
    app: Flask = make_app()
    return app.test_client()


def test_a_reader_opens_their_statement_and_takes_the_very_pdf(sent: str, client: FlaskClient) -> None:
    [made] = books.rows(STATEMENT)
    code = _zip(made.account_id)
    page = _post(client, f"/s/{sent}", birth=BIRTH, zip=code)
    assert page.status_code == 200
    assert made.number in page.text and "$40.00" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    proof = page.text.split('name="proof" value="')[1].split('"')[0]
    pdf = _post(client, f"/s/{sent}/pdf", proof=proof)
    assert pdf.data.startswith(b"%PDF")
    assert made.number in PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    assert _post(client, f"/s/{sent}/pdf", proof="0" * 64).status_code == 403
    assert {"statement.link", "statement.link_pdf"} <= {one.type for one in books.rows(EVENT)}


def test_five_misses_lock_a_link_and_every_stranger_hears_the_same(sent: str) -> None:
    [made] = books.rows(STATEMENT)
    code = _zip(made.account_id)
    for birth, given in [("1980-05-05", code), ("1980-05-04", "00000"), ("", ""), ("x", "y"), ("", code)]:
        with work(BOSS) as w:
            assert service_link.open_(w, sent, birth, given) is None
    assert books.rows(STATEMENT)[0].link_misses == 5
    with work(BOSS) as w:
        assert service_link.open_(w, sent, "1980-05-04", code) is None
        assert service_link.open_(w, "f" * 32, "1980-05-04", code) is None
        assert service_link.open_(w, "../../etc", "1980-05-04", code) is None


def test_unknown_and_known_tokens_answer_alike(sent: str, client: FlaskClient) -> None:
    known, unknown = client.get(f"/s/{sent}"), client.get(f"/s/{'0' * 32}")
    assert _plain(known, sent) == _plain(unknown, "0" * 32)
    wrong = [_post(client, f"/s/{one}", birth=BIRTH, zip="00000") for one in (sent, "0" * 32)]
    assert [one.status_code for one in wrong] == [403, 403]
    assert _plain(wrong[0], sent) == _plain(wrong[1], "0" * 32)


def test_a_link_ends(sent: str) -> None:
    [made] = books.rows(STATEMENT)
    code = _zip(made.account_id)
    table = STATEMENT
    with work(BOSS) as w:
        w.db.execute(update(table).values(link_ends=TODAY - timedelta(2)))
    with work(BOSS) as w:
        assert service_link.open_(w, sent, "1980-05-04", code) is None


def test_one_click_stops_the_emails_for_good(sent: str, client: FlaskClient) -> None:
    assert "Stop these e-mails" in client.get(f"/s/{sent}/stop").text
    for token in (sent, sent, "0" * 32):
        assert "Your next statements come by mail" in _post(client, f"/s/{token}/stop").text
    [made] = books.rows(STATEMENT)
    with reading(books.CLERK) as w:
        said = queries_reach.consents(w, [made.account_id])[made.account_id]
    assert said.allows("statement") is False
    assert len(said.said) == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("05/04/1980", "1980-05-04"), ("5-4-1980", "1980-05-04"), ("1980-05-04", "1980-05-04"), ("May 4", ""),
     ("13/13/1980", ""), ("", ""), ("٠5/04/1980", "")],
)  # fmt: skip
def test_a_birth_date_is_read_as_people_type_it(typed: str, meant: str) -> None:
    assert service_link.day_of(typed) == meant
