"""The books on screen: batches, entries, and a trial balance as of any day, as known at any moment."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.kernel.db import table_of
from app.kernel.work import reading
from app.ledger import queries
from app.ledger.models import LedgerBatch
from app.web import application
from tests import books, era
from tests.policy import visitors

_batch = table_of(LedgerBatch)
BILLED = era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150"))
PAID = era.era(
    era.claim("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40"), number="P1"), trace="EFT0001"
)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(BILLED)
    books.take(PAID)
    yield application.make_app()


def balances(**asked: Any) -> dict[int, str]:
    with reading(books.CLERK) as w:
        found = queries.trial_balance(w, **asked)
    assert found.in_balance and found.difference == 0
    return {row.account: str(row.balance) for row in found.rows}


def test_the_trial_balance_is_zero_in_all_and_says_so(app: Flask) -> None:
    assert balances() == {1010: "180.00", 1100: "150.00", 1110: "40.00", 4000: "-450.00", 4100: "80.00"}
    page = visitors.add("audra", "auditor").browser(app).get("/ledger/trial-balance").text
    assert "In balance" in page and "Payer receivable" in page and "-450.00" in page


def test_the_books_of_a_day_leave_out_what_came_later(app: Flask) -> None:
    assert balances(as_of=date(2025, 12, 31)) == {1100: "450.00", 4000: "-450.00"}
    page = visitors.add("audra", "auditor").browser(app).get("/ledger/trial-balance?as_of=2025-12-31").text
    assert "12/31/2025" in page and "Cash clearing" not in page


def test_the_books_as_they_were_known_then_leave_out_what_was_recorded_later(app: Flask) -> None:
    charges = books.rows(_batch, _batch.c.kind == "charges")[0]
    assert balances(known_at=charges.recorded_at) == {1100: "450.00", 4000: "-450.00"}
    shown = charges.recorded_at.isoformat().replace("+", "%2B")
    page = visitors.add("audra", "auditor").browser(app).get(f"/ledger/trial-balance?known={shown}").text
    assert "as known at" in page and "Cash clearing" not in page


def test_a_figure_leads_to_the_entries_that_make_it(app: Flask) -> None:
    audra = visitors.add("audra", "auditor").browser(app)
    link = re.search(
        r'href="(/ledger/entries[^"]*account=4100[^"]*)"', audra.get("/ledger/trial-balance").text
    )
    assert link
    page = audra.get(link.group(1).replace("&amp;", "&")).text
    assert "contractual" in page and "80.00" in page and ">payer payment<" not in page.partition("<tbody>")[2]
    source = re.search(r'href="/remits/[0-9a-f]{20}\?claim=[0-9a-f]{20}#segment-(\d+)"', page)
    assert source
    assert PAID.decode().replace("\n", "").split("~")[int(source.group(1)) - 1] == "CAS*CO*45*80"


def test_a_batch_shows_its_entries_its_source_and_its_link_in_the_chain(app: Flask) -> None:
    audra = visitors.add("audra", "auditor").browser(app)
    charges, remit = books.rows(_batch)
    assert remit.hash[:12] in audra.get("/ledger/").text and "EFT0001" in audra.get("/ledger/").text
    page = audra.get(f"/ledger/batches/{remit.public_id}").text
    assert charges.hash in page and remit.hash in page and "A1" in page


def test_entries_narrow_by_claim_event_and_day(app: Flask) -> None:
    audra = visitors.add("audra", "auditor").browser(app)
    assert "180.00" not in audra.get("/ledger/entries?claim=A2").text
    assert "150.00" not in audra.get("/ledger/entries?event=payer_payment").text
    assert "No entry matches" in audra.get("/ledger/entries?from=2030-01-01").text
    assert audra.get("/ledger/entries?account=123").status_code == 422
    assert audra.get("/ledger/entries?known=never").status_code == 422


def test_pages_of_entries_neither_repeat_nor_miss_one(app: Flask) -> None:
    auditor, client = visitors.add("audra", "auditor"), app.test_client()
    seen, cursor = [], ""
    while True:
        address = f"/api/v1/ledger/entries?limit=2&cursor={cursor}"
        page = client.get(address, headers=auditor.bearer).get_json()
        seen += [row["id"] for row in page["rows"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == len(books.entries())


def test_another_practice_has_books_of_its_own(app: Flask) -> None:
    other = books.practice("Other Clinic", "1992999999", "777777777")
    guest = visitors.add("gina", "auditor", entity_id=other.id)
    stranger = guest.browser(app)
    batch = books.rows(_batch)[0].public_id
    assert stranger.get(f"/ledger/batches/{batch}").status_code == 404
    assert app.test_client().get(f"/api/v1/ledger/batches/{batch}", headers=guest.bearer).status_code == 404
    for address in ("/ledger/", "/ledger/entries", "/ledger/trial-balance", "/ledger/entries?claim=A1"):
        page = stranger.get(address).text
        assert "450.00" not in page and "EFT0001" not in page and "A1<" not in page, address


def test_an_empty_ledger_says_what_will_fill_it(house: Any) -> None:
    del house
    books.practice()
    audra = visitors.add("audra", "auditor").browser(application.make_app())
    assert "Nothing has been posted yet" in audra.get("/ledger/").text
    assert "Nothing has been posted yet" in audra.get("/ledger/trial-balance").text
    assert "In balance" in audra.get("/ledger/trial-balance").text


def test_a_program_reads_the_trial_balance(app: Flask) -> None:
    auditor = visitors.add("audra", "auditor")
    found = app.test_client().get("/api/v1/ledger/trial-balance", headers=auditor.bearer).get_json()
    assert (found["in_balance"], found["difference"]) == (True, "0.00")
    assert {row["account"]: row["balance"] for row in found["rows"]}[1110] == "40.00"
