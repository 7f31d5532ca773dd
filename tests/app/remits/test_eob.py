"""The EOB of one claim: adds up, leads to its bytes, and knows no other patient (A13, N1, N8)."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.flows import demo
from app.kernel.db import table_of
from app.patients.models import Patient
from app.remits.models import RemitClaim
from app.web import application
from tests import books, era
from tests.policy import visitors

PAYMENT = era.era(
    era.claim(
        "A1",
        era.line("99214:25", "300", "180", "CO*45*80 PR*1*40", control="L1", allowed="220"),
        era.line("73721:RT", "200", "200", allowed="200"),
        patient="DOE*JANE",
        member="MEM0001",
    ),
    era.claim(
        "A2", era.line("99213", "150", "0", "CO*16*150", rarc="M127"), patient="ROE*RICHARD", member="MEM0002"
    ),
    trace="EFT0001",
    plb="WO:A2TAKEN*15",
)
BILLED = era.bill(
    era.billed("A1", "99214 300", "73721 200"),
    era.billed("A2", "99213 150", patient="ROE*RICHARD", member="MEM0002"),
)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    yield application.make_app()


def _claims() -> dict[str, str]:
    return {row.control: row.public_id for row in books.rows(table_of(RemitClaim))}


def _pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_an_eob_adds_up_and_stands_beside_the_segments_it_was_read_from(app: Flask) -> None:
    books.take(BILLED, PAYMENT)
    clerk = visitors.add("clerk", "clerk")
    page = clerk.browser(app).get(f"/remits/claims/{_claims()['A1']}/eob").text
    assert "adds up" in page and "MEM0001" in page and "DOE, JANE" in page
    given = app.test_client().get(f"/api/v1/remit-claims/{_claims()['A1']}/eob", headers=clerk.bearer).json
    assert given and (given["charge"], given["adjusted"], given["paid"]) == ("500.00", "120.00", "380.00")
    assert (given["patient_share"], given["allowed"], given["off"]) == ("40.00", "420.00", "0.00")
    first = given["lines"][0]
    assert [one["text"].partition("*")[0] for one in first["raw"]] == [
        "SVC",
        "DTM",
        "CAS",
        "CAS",
        "REF",
        "AMT",
    ]
    for one in first["raw"]:
        assert PAYMENT[one["byte"] :].decode("latin-1").startswith(one["text"])
    assert [one["text"][:3] for one in given["raw_header"]][:3] == ["ST*", "BPR", "TRN"]
    assert [(one["group"], one["carc"]) for one in first["adjustments"]] == [("CO", "45"), ("PR", "1")]


def test_an_eob_says_nothing_of_the_others_in_the_same_payment(app: Flask) -> None:
    books.take(BILLED, PAYMENT)
    clerk = visitors.add("clerk", "clerk").browser(app)
    for control, others in (
        ("A1", ("ROE", "RICHARD", "A2TAKEN", "MEM0002", "PAYERA2")),
        ("A2", ("JANE", "MEM0001")),
    ):
        address = f"/remits/claims/{_claims()[control]}/eob"
        page = clerk.get(address).text
        pdf = clerk.get(address + ".pdf").data
        whole = page + _pdf_text(pdf) + str(PdfReader(io.BytesIO(pdf)).metadata)
        assert not [name for name in others if name in whole]


def test_no_eob_of_the_example_world_names_another_patient(house: Any) -> None:
    del house
    demo.prepare(claims=40)
    books.settle()
    app = application.make_app()
    clerk = visitors.add("vera", "clerk")
    people = {row.id: row for row in books.rows(table_of(Patient))}
    rows = books.rows(table_of(RemitClaim))
    assert len(rows) > 20
    controls = {row.control for row in rows}
    names = {(row.patient_last, row.patient_first) for row in rows} | {
        (p.last, p.first) for p in people.values()
    }
    for row in rows:
        address = f"/remits/claims/{row.public_id}/eob"
        page = re.sub(r"<head>.*?</header>", "", clerk.browser(app).get(address).text, flags=re.S)
        pdf = clerk.browser(app).get(address + ".pdf").data
        document = PdfReader(io.BytesIO(pdf))
        whole = f"{page} {_pdf_text(pdf)} {document.metadata} {document.xmp_metadata}"
        words = set(re.findall(r"[\w.-]+", whole))
        assert not {one for one in controls - {row.control} if one in words}
        own = {row.patient_last, row.patient_first}
        # A name may be a child's and a parent's at once: only a whole other name, in order, is somebody else.
        strangers = {f"{last}, {first}" for last, first in names if last and first} - {
            f"{row.patient_last}, {row.patient_first}"
        }
        assert own and not [one for one in strangers if one in whole]
        others = {f"{r.patient_last}*{r.patient_first}" for r in rows} - {
            f"{row.patient_last}*{row.patient_first}"
        }
        plain = re.sub(r"<[^>]+>", "", page)
        assert not [one for one in others if one in plain]


def test_a_member_id_is_whole_only_for_who_works_with_it(app: Flask) -> None:
    books.take(BILLED, PAYMENT)
    auditor = visitors.add("ann", "manager").browser(app)
    page = auditor.get(f"/remits/claims/{_claims()['A1']}/eob").text
    assert "••••0001" in page
    assert '<dd class="code">MEM0001</dd>' not in page
    assert "MEM0001" not in _pdf_text(auditor.get(f"/remits/claims/{_claims()['A1']}/eob.pdf").data)


def test_raw_segments_are_for_who_may_see_files(app: Flask) -> None:
    books.take(BILLED, PAYMENT)
    preparer = visitors.add("pat", "refund_preparer").browser(app)
    page = preparer.get(f"/remits/claims/{_claims()['A1']}/eob").text
    assert 'class="seg"' not in page and "adds up" in page


def test_reading_an_eob_leaves_the_patient_in_the_audit_trail(app: Flask) -> None:
    books.take(BILLED, PAYMENT)
    clerk = visitors.add("clerk", "clerk").browser(app)
    clerk.get(f"/remits/claims/{_claims()['A1']}/eob.pdf")
    table = table_of(AuditEvent)
    with books.looking() as line:
        kinds = set(line.execute(select(table.c.type)).scalars())
    assert {"remit.eob", "remit.claim"} <= kinds


def test_a_claim_that_was_taken_back_or_waits_has_an_eob_that_says_so(app: Flask) -> None:
    again = era.era(
        era.reversal("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40"), number="PAYERA1"),
        era.claim("ZZ9", charge="60", paid="10", cas="CO*45*50"),
        trace="EFT0002",
        plb="FB*-300",
    )
    first = era.era(
        era.claim("A1", era.line("99214", "300", "180", "CO*45*80 PR*1*40"), patient="DOE*JANE"),
        trace="EFT0001",
    )
    books.take(era.bill(era.billed("A1", "99214 300")), first, again)
    clerk = visitors.add("clerk", "clerk").browser(app)
    states = {
        (row.control, row.status): (row.state, row.public_id) for row in books.rows(table_of(RemitClaim))
    }
    for key, words in (
        (("A1", "1"), "took this answer back"),
        (("A1", "22"), "takes back an earlier answer"),
        (("ZZ9", "1"), "waits for a person"),
    ):
        address = f"/remits/claims/{states[key][1]}/eob"
        assert words in clerk.get(address).text
        assert words in _pdf_text(clerk.get(address + ".pdf").data).replace("\n", " ")


def test_a_long_claim_repeats_its_heading_on_every_page(app: Flask) -> None:
    lines = [era.line("97110", "10", "5", "CO*45*5", control=f"L{number}") for number in range(120)]
    books.take(era.era(era.claim("LONG", *lines, patient="PEÑA*JOSÉ"), trace="EFT3"))
    clerk = visitors.add("clerk", "clerk").browser(app)
    made = clerk.get(f"/remits/claims/{_claims()['LONG']}/eob.pdf").data
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    assert len(pages) > 3
    assert all("Adjusted" in one for one in pages[:-1])


def test_a_stranger_finds_no_eob(app: Flask) -> None:
    books.take(BILLED, PAYMENT)
    other = books.practice("North", "1245319599", "111223333")
    stranger = visitors.add("sam", "clerk", entity_id=other.id)
    address = f"/remits/claims/{_claims()['A1']}/eob"
    assert stranger.browser(app).get(address).status_code == 404
    assert stranger.browser(app).get(address + ".pdf").status_code == 404
    api = f"/api/v1/remit-claims/{_claims()['A1']}/eob"
    assert app.test_client().get(api, headers=stranger.bearer).status_code == 404
