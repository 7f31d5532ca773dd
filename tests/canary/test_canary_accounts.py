"""Somebody like nobody else is asked to pay: what we write to them lies with them and nowhere else (D1)."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from app.contacts import service_law
from app.kernel import settings
from app.kernel.db import table_of
from app.kernel.work import work
from app.patients.rules_people_file import COLUMNS
from app.statements.models import StatementEmail
from app.statements.service_content import token_of
from app.web.application import make_app
from tests import books, smtp, statements
from tests.app.statements.test_link import hidden_token
from tests.canary.test_canary import (
    BIRTH,
    BIRTHS,
    CANARY,
    FIRST,
    LAST,
    NAMES,
    NUMBERS,
    STREET,
    files_below,
    rows_as_text,
    said,
)
from tests.conftest import House
from tests.era import bill, billed, claim, era, line
from tests.policy import visitors
from tests.smtp import Manner, Post

_email = table_of(StatementEmail)
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
GUARDIAN, GUARDIANS_BIRTH, ZIP = ("VEXILLUMQX", "OCTAVIANQ"), "1911-09-27", "68501"
EMAIL, PHONE = "vxq77canary@mail.example", "4025550177"
WORDS = (*NAMES, *GUARDIAN, "Vexillumqx", "Octavianq")
SEALED = (*NUMBERS, EMAIL, PHONE, GUARDIANS_BIRTH, "09/27/1911")
SAFE = (
    "job", "audit_event", "worklist_item", "refusal", "statement_run", "run_item", "statement",
    "statement_email", "statement_line", "print_batch", "dunning", "dunning_event", "owed", "standing",
    "account_hold", "account_event", "patient_promise", "patient_payment", "payment_application",
    "payment_event", "ledger_entry", "ledger_batch", "intake_finding",
)  # fmt: skip
ROW = {
    "patient_last": LAST, "patient_first": FIRST, "patient_birth": "1937-04-13", "last": GUARDIAN[0],
    "first": GUARDIAN[1], "birth": GUARDIANS_BIRTH, "relation": "guardian", "street": STREET,
    "city": "Lincoln", "state": "NE", "zip": ZIP, "mobile": PHONE, "email": EMAIL,
    "consent_statement": "yes", "consent_date": "2026-02-01", "consent_proof": "form 7",
}  # fmt: skip


@pytest.fixture
def post(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A mail server of the clinic, at noon of a working day."""
    with smtp.server() as running, time_machine.travel(NOON, tick=True):
        monkeypatch.setenv("RECLAIM_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("RECLAIM_SMTP_PORT", str(running.port))
        monkeypatch.setenv("RECLAIM_SMTP_SECURITY", "none")
        monkeypatch.setenv("RECLAIM_SMTP_FROM", "Example Clinic <billing@clinic.example>")
        settings.settings.cache_clear()
        yield running
    settings.settings.cache_clear()


def guardians() -> bytes:
    """A file with one good row, and one as it must not be."""
    bad = ROW | {"patient_last": f"{LAST}X", "zip": STREET, "email": f"{EMAIL} {PHONE}"}
    rows = [",".join(row.get(name, "") for name in COLUMNS) for row in (ROW, bad)]
    return "\n".join([",".join(COLUMNS), *rows, ""]).encode()


def owing() -> Any:
    """The canary owes for a visit, at a clinic whose letters have a head and a link."""
    clinic = books.practice()
    statements.letterhead(clinic)
    with work(statements.BOSS) as w:
        service_law.change(w, clinic.id, code="link_url", state="", value="https://pay.clinic.example",
                           source="test", days=(date(2026, 3, 2), None), reason="test")  # fmt: skip
    made = bill(billed("K1", "99214 300", birth=BIRTH, street=STREET, **CANARY))
    books.take(made, era(claim("K1", line("99214", "300", cas="CO*45*100 PR*3*40"), **CANARY)))
    return clinic


def at_the_desk(clinic: Any) -> None:
    """A guardian comes by file; the account is looked for, opened, written on and paid for."""
    app, clerk = make_app(), visitors.add("carla", "clerk")
    taken = app.test_client().post(
        f"/api/v1/guarantors/file?entity={clinic.public_id}", data=io.BytesIO(guardians()),
        headers=clerk.bearer, content_type="application/octet-stream",
    )  # fmt: skip
    assert taken.status_code == 200, taken.text
    assert taken.json is not None
    assert (taken.json["rows"], taken.json["bad"]) == (2, 1)
    assert said({"findings": repr(taken.json).encode()}, (*WORDS, *SEALED, *BIRTHS)) == []
    account, browser = statements.public_of(statements.accounts_of("K1")), clerk.browser(app)
    page = browser.get(f"/accounts/{account}")
    assert GUARDIAN[0].lower() in page.text.lower(), "the account is not shown to who may see it"
    found = browser.post(
        "/accounts/", data={"q": GUARDIAN[0], "csrf_token": hidden_token(page.text)},
        follow_redirects=True,
    )  # fmt: skip
    assert found.status_code == 200
    assert GUARDIAN[0] not in found.request.url
    for body in ({"account": account, "amount": "5.00", "tender": "check", "key": "k1", "reference": "77"},
                 {"account": account, "amount": "no", "tender": "check", "key": "k2"}):  # fmt: skip
        app.test_client().post("/api/v1/payments", json=body, headers=clerk.bearer)


def behind_the_link(clinic: Any) -> None:
    """Their statement is read behind its link, after a miss."""
    [made] = books.rows(statements.STATEMENT)
    stranger, path = make_app().test_client(), f"/s/{token_of(clinic.id, made.number)}"
    for code in ("00000", ZIP):
        form = hidden_token(stranger.get(path).text)
        shown = stranger.post(path, data={"csrf_token": form, "birth": "09/27/1911", "zip": code})
    assert shown.status_code == 200, "the statement did not open"


@pytest.mark.parametrize("manner", [Manner.GOOD, Manner.NO_BOX])
def test_an_account_speaks_of_its_people_to_them_only(
    house: House, post: Post, capfd: pytest.CaptureFixture[str], manner: Manner
) -> None:
    post.manner = manner
    clinic = owing()
    at_the_desk(clinic)
    statements.sent(clinic)
    behind_the_link(clinic)
    [email] = books.rows(_email)
    assert email.tries == 1
    assert len(post.taken) == (manner is Manner.GOOD)
    tables, output = rows_as_text(), capfd.readouterr()
    places = {name: tables[name] for name in SAFE} | {"log": (output.out + output.err).encode()}
    places |= {name: found for name, found in files_below(house.folder).items() if "sqlite3" not in name}
    assert said(places, (*WORDS, *SEALED, *BIRTHS)) == []
    assert said(tables, (*NUMBERS, EMAIL, PHONE, STREET)) == []
    letters = {"mail": b"".join(data for _, _, data in post.taken).replace(EMAIL.encode(), b"")}
    assert said(letters, (*WORDS, *SEALED, *BIRTHS, "40.00", "35.00")) == []
