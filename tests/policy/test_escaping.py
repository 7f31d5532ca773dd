"""Text from a payer, a clinic or a file name adds nothing to a page but text (W2), and no formula to a file
(W4).
"""

import csv
import io
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.access import service
from app.entities import service as entity_service
from app.entities.rules import Identifier
from app.kernel.clock import now
from app.kernel.export import FORMULA
from app.kernel.work import system, work
from app.rebill import service as rebills
from app.rebill import service_holds, service_owner, service_receivers
from app.rebill.lifecycle import Kind
from app.rebill.rules import New
from app.rebill.rules_batches import ReceiverFacts
from app.web.application import make_app
from tests import batches, books, era
from tests.books import offer, settle
from tests.policy import town, visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
HOSTILE = (
    "<w2tag>", '"><w2tag w2attr="1">', "' w2attr='1", "{{7+7}}w2", "<script>w2()</script>", "=HYPERLINK(1)",
    "@SUM(1)", "</td></tr><w2tag>", "javascript w2", "-->{% raw %}<w2tag>", "&lt;w2tag&gt;",
)  # fmt: skip
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@pytest.fixture
def app(house: Any) -> Flask:
    """A house in which every text that comes from outside is hostile."""
    numbers = [Identifier("npi", era.NPI), Identifier("tax_id", era.TAX_ID)]
    with work(system("tests")) as w:
        practice = entity_service.add(w, "Clinic <w2tag> \" w2attr='1", numbers).public_id
    for number, text in enumerate(HOSTILE):
        control = f"<w2tag>{number}" if number % 2 else f"C{number}"
        bill = era.bill(
            era.billed(control, "300", patient=f"{text}*{text}", member=f"{text[:12]}{number}", street=text)
        )
        who = {"patient": f"{text}*{text}"}
        mine = era.claim(
            control,
            era.line("99214", "300", cas="CO*16*80", rarc="M127"),
            member=f"{text[:12]}{number}",
            number=f"<w2tag>{number}",
            **who,
        )
        lost = era.claim(f"lost{text}", era.line("99214", "100"), **who)
        remit = era.era(
            mine, lost, trace=f"{text}{number}", payer_name=f"PLAN {text}", payer=f"15{number:08d}"
        )
        offer(bill, f"{text}.837")
        offer(remit, f"{text}.835")
    offer(b"no x12 <w2tag>", "<w2tag>.txt")
    settle()
    sent_again(practice)
    return make_app()


def sent_again(practice: str) -> None:
    """Claims on their way out to a hostile receiver, held, noted and given up with hostile words."""
    facts = batches.FACTS | {"name": HOSTILE[0], "how": "download", "place": ""}
    claims = books.rows(batches.CLAIM)
    until = now().date() + timedelta(days=3)
    with work(books.CLERK) as w:
        service_receivers.add(w, practice, ReceiverFacts(**facts))
        news = [New(claim_id=row.id, kind=Kind.NEW, reason=HOSTILE[1]) for row in claims]
        made = rebills.open_many(w, claims[0].entity_id, news, now().date())
    assert len(made) == len(HOSTILE)
    for number, public in enumerate(made):
        text = HOSTILE[number]
        with work(books.CLERK) as w:
            service_owner.note(w, public, text)
            version = service_holds.hold(w, public, 1, reason="other", until=until, note=text)
            if number == 0:
                rebills.cancel(w, public, version, text)


class Dom(HTMLParser):
    """Collects whatever hostile text made of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "w2" in tag or any("w2" in name for name in given):
            self.found.append(f"<{tag}> {sorted(given)}")
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append("script")
        if any(
            (given.get(name) or "").strip().lower().startswith(("javascript", "data:"))
            for name in ("href", "src")
        ):
            self.found.append(f"{tag} address")
        if any(name.startswith("on") for name in given):
            self.found.append(f"{tag} handler")


def made_of(page: str) -> list[str]:
    dom = Dom()
    dom.feed(page)
    return dom.found + (["template"] if "14w2" in page else [])


@ONE_DATABASE
def test_no_text_adds_an_element_or_attribute_to_any_page(app: Flask) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "eve", "Eve <w2tag> \" w2attr='1")
    people = [visitors.add("kim", "supervisor", "operator"), visitors.add("ann", "auditor")]
    escaped = 0
    for visitor in people:
        seen = town.walk(app, visitor, per_route=8)
        wrong = {address: made for address, page in seen.pages.items() if (made := made_of(page))}
        assert wrong == {}
        escaped += sum("&lt;w2tag" in page for page in seen.pages.values())
        # Names of patients and what a payer called something stand in no address but as sealed cursors.
        assert not [address for address in seen.pages if "w2tag" in address.lower()]
    assert escaped > 30


@ONE_DATABASE
def test_the_search_and_error_pages_show_text_as_text(app: Flask) -> None:
    browser = visitors.add("kim", "supervisor").browser(app)
    token = visitors.form_token(browser, "/search")
    for text in HOSTILE:
        page = browser.post("/search", data={"q": text, "csrf_token": token}).get_data(as_text=True)
        assert made_of(page) == []
        for address in (f"/{text}", f"/files/{text}", f"/?next={text}"):
            assert made_of(browser.get(address).get_data(as_text=True)) == []


@ONE_DATABASE
def test_no_list_leaves_with_a_formula_in_it(app: Flask) -> None:
    visitor = visitors.add("kim", "supervisor")
    browser = visitor.browser(app)
    seen = town.walk(app, visitor, per_route=6)
    files = {address: browser.get(address) for address in seen.other if "format=" in address}
    cells = 0
    for address, answer in files.items():
        if "format=csv" in address:
            for line in csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")):
                cells += len(line)
                wrong = [cell for cell in line if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell)]
                assert not wrong, (address, wrong)
        elif "format=xlsx" in address:
            sheet = load_workbook(io.BytesIO(answer.get_data())).active
            assert not [
                cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
            ], address
    assert cells > 200
