"""A biller reads payments and settles what could not post: through the browser, on both databases."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.kernel.db import table_of
from app.kernel.money import Money
from app.remits.models import RemitClaim
from app.web import application
from tests import books, era
from tests.policy import visitors

NORTH = {"npi": "1245319599", "tax_id": "111223333"}
PAYMENT = era.era(
    era.claim("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40"), patient="DOE*JANE"),
    era.claim(
        "A2", era.line("99213", "150", "0", "CO*16*150", rarc="M127"), patient="ROE*RICHARD", member="MEM0002"
    ),
    era.claim("ZZ9", era.line("97110", "60"), patient="DOE*JANE"),
    trace="EFT0001",
    plb="L6*-3.07 WO:TAKE1*15",
)
BILLED = era.bill(
    era.billed("A1", "99214 300"),
    era.billed("A2", "99213 150", patient="ROE*RICHARD", member="MEM0002"),
    era.billed("A3", "97110 60"),
)
_SRC = re.compile(
    r'<button type="button" class="src[^"]*" data-seg="(\d+)" data-el="(\d+)"[^>]*>'
    r'<span class="money[^"]*">([^<]*)<'
)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    yield application.make_app()


def _clerk(app: Flask, login: str = "clerk", *roles: str) -> FlaskClient:
    return visitors.add(login, *(roles or ("clerk",))).browser(app)


def _taken(*contents: tuple[str, bytes]) -> None:
    for name, content in contents:
        books.offer(content, name)
    books.settle()


def _remit_address(client: FlaskClient) -> str:
    found = re.search(r'href="(/remits/[0-9a-f]{20})"', client.get("/remits/").text)
    assert found
    return found.group(1)


def _bytes_of(content: bytes, segment: int, element: int) -> str:
    """What stands in an element of the file, read without any code of ours."""
    return content.decode().replace("\n", "").split("~")[segment - 1].split("*")[element]


def _rows(text: str) -> list[str]:
    return re.findall(r"<tr data-row.*?</tr>", text, re.S)


def test_each_amount_of_the_workspace_points_at_the_bytes_that_say_it(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    address = _remit_address(client)
    page = client.get(address).text
    claims = re.findall(r"claim=([0-9a-f]{20})", page)
    seen = 0
    for one in {"", *claims}:
        for show in ("", "plb"):
            text = client.get(address, query_string={"claim": one, "show": show}).text
            for segment, element, amount in _SRC.findall(text):
                said = _bytes_of(PAYMENT, int(segment), int(element))
                assert abs(Money.parse(said)) == abs(Money.parse(amount.replace(",", ""))), (segment, element)
                assert f'<span data-el="{element}"' in text
                seen += 1
    assert seen > 30


def test_a_payment_shows_its_proof_and_what_each_claim_did_to_the_ledger(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    page = client.get(_remit_address(client)).text
    assert "balances" in page and "EXAMPLE HEALTH PLAN" in page
    assert "Charge above fee schedule" in page  # CO-45 in words
    assert "1010 Cash clearing" in page and "1100 Payer receivable, primary" in page
    assert "Moved to the patient" in page  # PR-1 with no second payer


def test_the_claims_of_a_payment_are_filtered_by_what_needs_work(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    address = _remit_address(client)
    shown = {show: len(_rows(client.get(address, query_string={"show": show}).text)) for show in
             ("", "parked", "denied", "reversal")}  # fmt: skip
    assert shown == {"": 3, "parked": 1, "denied": 1, "reversal": 0}
    plb = client.get(address, query_string={"show": "plb"}).text
    assert "WO" in plb and "lowers the payment" in plb and "raises the payment" in plb


def test_a_held_payment_is_read_from_its_bytes_and_says_what_does_not_add_up(app: Flask) -> None:
    content = era.era(era.claim("A1", era.line("99214", "300", "180", "CO*45*120")), paid="181", trace="EFT7")
    _taken(("a.837", BILLED), ("held.835", content))
    client = _clerk(app, "lead", "supervisor")
    text = client.get("/files/", query_string={"state": "held"}).text
    address = re.search(r'href="(/remits/[0-9a-f]{20})"', text)
    assert address
    page = client.get(address.group(1)).text
    assert "Held: nothing of this is posted." in page and "off by" in page
    for segment, element, amount in _SRC.findall(page):
        assert Money.parse(_bytes_of(content, int(segment), int(element))) == Money.parse(amount)
    assert not books.posted("EFT7")
    assert "/release" in page


def test_an_unmatched_payment_is_linked_to_the_suggested_claim(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    page = client.get("/exceptions").text
    assert "No claim of ours has this control number" in page and "A3" in page
    assert "same charge" in page and "same day of service" in page
    form = _form(page, "/link")
    answer = client.post(form["action"], data=form["fields"])
    assert answer.status_code == 303
    after = client.get(answer.headers["Location"]).text
    assert "Linked and posted." in after and "Nothing waits" in after
    with books.looking() as db:
        table = table_of(RemitClaim)
        row = db.execute(select(table).where(table.c.control == "ZZ9")).one()
    assert row.state == "posted" and row.match_how == "person"
    again = client.post(
        form["action"], data={**form["fields"], "csrf_token": visitors.form_token(client, "/files/")}
    )
    assert again.status_code == 409  # the version looked at is gone


def _form(page: str, ending: str) -> dict[str, Any]:
    """The first form that leads there, with its hidden fields."""
    for attributes, body in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.S):
        action = re.search(r'action="([^"]+)"', attributes)
        if action and action.group(1).split("?")[0].endswith(ending):
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body)
            return {"action": action.group(1), "fields": dict(hidden)}
    raise AssertionError(f"no form to {ending}")


def test_a_claim_can_be_looked_for_without_its_name_in_any_address(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    form = _form(client.get("/exceptions").text, "/find")
    page = client.post(form["action"], data={**form["fields"], "q": "roe"}).text
    assert "ROE, RICHARD" in page and "A2" in page


def test_a_payment_split_over_two_claims_must_add_up(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    form = _form(client.get("/exceptions").text, "/split")
    wrong = {**form["fields"], "control": ["A3", "A2"], "amount": ["50", "5"]}
    refused = client.post(form["action"], data=wrong)
    assert refused.status_code == 422 and "add up to 60.00" in refused.text and 'value="50"' in refused.text
    right = {**form["fields"], "control": ["A3", "A2"], "amount": ["50", "10"]}
    assert client.post(form["action"], data=right).status_code == 303


def test_not_ours_needs_a_reason_and_sends_the_money_back(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    form = _form(client.get("/exceptions").text, "/not-ours")
    refused = client.post(form["action"], data=form["fields"])
    assert refused.status_code == 422 and "the payer will ask" in refused.text
    done = client.post(form["action"], data={**form["fields"], "reason": "Another clinic's patient"})
    assert done.status_code == 303


def test_an_exception_is_taken_by_whoever_says_so_first(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    form = _form(client.get("/exceptions").text, "/assign")
    assert client.post(form["action"], data=form["fields"]).status_code == 303
    assert client.post(form["action"], data=form["fields"]).status_code == 409


def test_only_a_supervisor_accepts_an_unbalanced_claim(app: Flask) -> None:
    broken = era.era(era.claim("A1", era.line("99214", "300", "200", "CO*45*80")), trace="EFT8")
    _taken(("a.837", BILLED), ("b.835", broken))
    clerk, lead = _clerk(app), _clerk(app, "lead", "supervisor")
    page = clerk.get("/exceptions").text
    assert "does not balance" in page and "/accept" not in page and "/link" not in page
    form = _form(lead.get("/exceptions").text, "/accept")
    assert clerk.post(form["action"], data=form["fields"]).status_code in (400, 403)
    done = lead.post(form["action"], data={**form["fields"], "reason": "Payer confirmed by phone, ref 12"})
    assert done.status_code == 303


def test_people_of_another_entity_see_none_of_it(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    north = books.practice("North Clinic", **NORTH)
    mine = _clerk(app)
    theirs = visitors.add("north", "clerk", "supervisor", entity_id=north.id).browser(app)
    address = _remit_address(mine)
    claim = re.search(r"claim=([0-9a-f]{20})", mine.get(address).text)
    item = re.search(r"item=([0-9a-f]{20})", mine.get("/exceptions").text)
    file = re.search(r'href="(/files/[0-9a-f]{20})"', mine.get("/files/").text)
    assert claim and item and file
    nobody = "0" * 20
    for known, unknown in (
        (address, f"/remits/{nobody}"),
        (file.group(1), f"/files/{nobody}"),
        (f"{file.group(1)}/raw", f"/files/{nobody}/raw"),
        (f"{file.group(1)}/progress", f"/files/{nobody}/progress"),
        (f"/exceptions?item={item.group(1)}", f"/exceptions?item={nobody}"),
    ):
        one, other = theirs.get(known), theirs.get(unknown)
        assert (one.status_code, other.status_code) == (404, 404), known
        assert _plain(one.text) == _plain(other.text)
    assert "EFT0001" not in theirs.get("/files/").text
    assert "EFT0001" not in theirs.get("/remits/").text
    assert not _rows(theirs.get("/exceptions").text)


def _plain(text: str) -> str:
    """A page without what differs from request to request."""
    return re.sub(r'value="[^"]*"|X-CSRFToken[^}]*|[0-9a-f]{16}', "", text)


def test_who_read_a_patient_is_on_the_record(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    client.get(_remit_address(client))
    with books.looking() as db:
        table = table_of(AuditEvent)
        types = set(db.execute(select(table.c.type)).scalars())
    assert {"remit.claims", "remit.claim"} <= types


@pytest.mark.parametrize("path", ["/files/", "/remits/", "/exceptions"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_every_list_leaves_the_house_in_three_forms(app: Flask, path: str, form: str) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    answer = _clerk(app).get(path, query_string={"format": form})
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    if form == "csv":
        assert len(answer.text.splitlines()) > 1


def test_a_payment_of_many_claims_is_read_in_pages(app: Flask) -> None:
    many = [f"M{n}" for n in range(120)]
    _taken(
        ("many.837", era.bill(*(era.billed(name, "99213 10") for name in many))),
        ("many.835", era.era(*(era.claim(name, era.line("99213", "10")) for name in many))),
    )
    client = _clerk(app)
    address: str | None = _remit_address(client)
    seen: list[str] = []
    while address:
        text = client.get(address).text
        seen += re.findall(r'<a class="open"[^>]*>(M\d+)<', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following.group(1).replace("&amp;", "&") if following else None
    assert seen == many


def test_a_reversal_leads_to_what_it_takes_back_and_back_again(app: Flask) -> None:
    line = era.line("99214", "300", "180", "CO*45*80 PR*1*40")
    _taken(
        ("a.837", BILLED),
        ("a.835", era.era(era.claim("A1", line), trace="EFT0001")),
        ("b.835", era.era(era.reversal("A1", line), trace="EFT0002", plb="FB:EFT0002*-180")),
    )
    client = _clerk(app)
    addresses = re.findall(r'href="(/remits/[0-9a-f]{20})"', client.get("/remits/").text)
    pages = [client.get(address).text for address in dict.fromkeys(addresses)]
    assert sum("It takes back" in page for page in pages) == 1
    assert sum("Taken back by" in page for page in pages) == 1


def test_a_provider_adjustment_is_looked_into_and_done(app: Flask) -> None:
    _taken(("a.837", BILLED), ("a.835", PAYMENT))
    client = _clerk(app)
    page = client.get("/exceptions", query_string={"queue": "plb"}).text
    assert "TAKE1" in page and "No remit has offset it yet." in page
    for segment, element, amount in _SRC.findall(page):
        assert abs(Money.parse(_bytes_of(PAYMENT, int(segment), int(element)))) == abs(Money.parse(amount))
    form = _form(page, "/finish")
    assert client.post(form["action"], data=form["fields"]).status_code == 303
    assert client.post(form["action"], data=form["fields"]).status_code == 409


def test_a_held_payment_of_many_claims_is_read_in_pages_too(app: Flask) -> None:
    many = [f"M{n}" for n in range(230)]
    _taken(("held.835", era.era(*(era.claim(name, era.line("99213", "10")) for name in many), paid="1")))
    client = _clerk(app)
    found = re.search(r'href="(/remits/[0-9a-f]{20})"', client.get("/files/").text)
    assert found
    address: str | None = found.group(1)
    seen: list[str] = []
    while address:
        text = client.get(address).text
        seen += re.findall(r'<a class="open"[^>]*>(M\d+)<', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following.group(1).replace("&amp;", "&") if following else None
    assert seen == many
