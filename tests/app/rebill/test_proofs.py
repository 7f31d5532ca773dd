"""Proof of timely filing: made of what accepted the claim, of one patient only, the same each time."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from app.denials.models import Denial, DenialDocument
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.work import reading, work
from app.rebill import queries_proofs, service_proofs
from app.rebill.models import FilingProof
from app.web import application
from tests import batches, books
from tests.answers import report, taken
from tests.era import claim, era, line
from tests.policy import visitors

PROOF, DENIAL, DOCUMENT = table_of(FilingProof), table_of(Denial), table_of(DenialDocument)


def day(days: int = 0) -> str:
    return f"{now() + timedelta(days=days):%Y%m%d}"


@pytest.fixture
def sent(house: Any) -> Iterator[str]:
    """Two claims of two patients in a file of ours."""
    del house
    receiver = batches.receiver(books.practice())
    batches.ready("A1", "A2")
    made = batches.release(receiver)
    books.settle()
    yield made


def kinds() -> list[str]:
    return sorted(row.kind for row in books.rows(PROOF))


def text_of(public: str) -> str:
    with reading(books.CLERK) as w:
        _, content = service_proofs.shown(w, public)
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def late(control: str, **said: Any) -> bytes:
    """A remit that says the claim came too late."""
    lines = (line("99214", "300", cas="CO*29*300"), line("93000", "100", cas="CO*29*100"))
    return era(claim(control, *lines, status="4", patient="DOE*A1", **said), trace="LATE", day=day(40))


def test_a_rejection_proves_nothing(sent: str) -> None:
    books.take(report("A1R1 A7:562:85", day=day(1), origin="PR"), taken(1, "0001 A", day=day(1)))
    assert kinds() == []


def test_the_payers_acceptance_is_the_best_proof(sent: str) -> None:
    books.take(taken(1, "0001 A", day=day(1)), report("A1R1 A1:19:PR", day=day(1)))
    assert kinds() == ["syntax_accepted"]
    books.take(report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    assert kinds() == ["payer_accepted", "syntax_accepted"]
    [key] = {row.claim_id for row in books.rows(PROOF)}
    with reading(books.CLERK) as w:
        assert [one.kind for one in queries_proofs.of(w, key)] == ["payer_accepted", "syntax_accepted"]


def test_a_report_alone_is_not_enough_and_the_999_may_come_later(sent: str) -> None:
    books.take(report("A1R1 A2:20:PR", day=day(1)))
    assert kinds() == []
    books.take(taken(1, "0001 A", day=day(1)))
    assert kinds() == ["syntax_accepted"]


def test_a_file_nobody_could_read_proves_nothing(sent: str) -> None:
    books.take(taken(1, "0001 R 5", day=day(1)), report("A1R1 A2:20:PR", day=day(1)))
    assert kinds() == []


def test_the_page_quotes_the_documents_and_no_other_patient(sent: str) -> None:
    books.take(taken(1, "0001 A", day=day(1)))
    books.take(report("A1R1 A2:20:PR", "A2R1 A2:20:PR", day=day(2), origin="PR"))
    [own] = [row for row in books.rows(batches.CLAIM) if row.control == "A1"]
    [public] = [row.public_id for row in books.rows(PROOF) if row.claim_id == own.id]
    text = text_of(public)
    for words in (
        "Proof of timely filing, claim A1R1", "CLM*A1R1*400*", "IK5*A~", "TRN*2*A1R1~", "STC*A2:20:PR*",
        "ISA13", "EXAMPLE HEALTH PLAN", "DOE, A1", "segment", "1234567893",
    ):  # fmt: skip
        assert words.replace(" ", "") in text.replace(" ", "").replace("\n", ""), words
    assert "A2R1" not in text and "DOE, A2" not in text and "TRN*2*A2R1" not in text


def test_the_same_proof_is_the_same_bytes(sent: str) -> None:
    books.take(report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    [row] = books.rows(PROOF)
    with reading(books.CLERK) as w:
        first, again = service_proofs.made(w, row), service_proofs.shown(w, row.public_id)[1]
    with work(books.CLERK) as w, service_proofs.page(w, row.public_id) as kept:
        assert first == again == kept.read()
    assert books.rows(PROOF)[0].document_no is not None


def test_a_denial_for_late_filing_gets_the_proof_by_itself(sent: str) -> None:
    books.take(taken(1, "0001 A", day=day(1)), report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    books.take(late("A1R1"))
    [case] = [row for row in books.rows(DENIAL) if row.category == "timely_filing"]
    documents = [row for row in books.rows(DOCUMENT) if row.denial_id == case.id]
    assert [(row.kind, row.media) for row in documents] == [("timely_proof", "application/pdf")]
    assert "payer_accepted" in documents[0].name


def test_a_proof_that_comes_after_the_denial_is_attached_too(sent: str) -> None:
    books.take(late("A1R1"))
    assert books.rows(DOCUMENT) == [], "the late decision itself proves nothing"
    books.take(report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    assert [row.kind for row in books.rows(DOCUMENT)] == ["timely_proof"]


def test_an_earlier_decision_of_the_payer_is_a_proof(sent: str) -> None:
    early = claim("A1R1", line("99214", "300", cas="CO*16*300"), line("93000", "100", cas="CO*16*100"),
                  status="4", patient="DOE*A1", number="P1")  # fmt: skip
    books.take(era(early, trace="EARLY", day=day(10)))
    books.take(late("A1R1", number="P2"))
    [document] = books.rows(DOCUMENT)
    assert "prior_remit" in document.name
    [proof] = [row for row in books.rows(PROOF) if row.document_no]
    assert "CLP*A1R1*4*400*0" in text_of(proof.public_id).replace("\n", "")


def test_people_and_programs_open_it(sent: str) -> None:
    app: Flask = application.make_app()
    books.take(report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    [row] = books.rows(PROOF)
    [own] = [one for one in books.rows(batches.CLAIM) if one.id == row.claim_id]
    carl = visitors.add("carl", "clerk")
    browser = carl.browser(app)
    page = browser.get(f"/rebill/proofs/{row.public_id}")
    assert page.content_type == "application/pdf" and page.data.startswith(b"%PDF-")
    assert "Accepted by the payer (277CA)" in browser.get(f"/claims/{own.public_id}").text
    program = app.test_client()
    listed = program.get(f"/api/v1/claims/{own.public_id}/proofs", headers=carl.bearer).get_json()["rows"]
    assert [one["kind"] for one in listed] == ["payer_accepted"]
    made = program.get(f"/api/v1/rebill/proofs/{listed[0]['id']}/pdf", headers=carl.bearer)
    assert made.data == page.data
    found = program.post(f"/api/v1/claims/{own.public_id}/proofs", headers=carl.bearer).get_json()["rows"]
    assert len(found) == 1 and books.rows(PROOF)[0].document_no is not None
    books.practice("Elsewhere", "1111111112", "111111111")
    other = books.rows(books.ENTITY)[-1].id
    stranger = visitors.add("zoe", "clerk", entity_id=other)
    assert stranger.browser(app).get(f"/rebill/proofs/{row.public_id}").status_code == 404
