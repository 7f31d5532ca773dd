"""A denial specialist works what payers refused, and reads a claim whole: through the browser and the API."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent, AuditPatient
from app.denials.models import Denial
from app.kernel.db import table_of
from app.web import application
from tests import books, era
from tests.policy import visitors

_denial, _event, _seen = table_of(Denial), table_of(AuditEvent), table_of(AuditPatient)
BILLED = era.bill(
    era.billed("A1", "99214 300", "93000 100"),
    era.billed("A2", "99213 150", patient="ROE*RICHARD", member="MEM0002"),
)
FIRST = era.line("99214", "300", "180", "CO*45*80 PR*1*40")
PAYMENT = era.era(
    era.claim("A1", FIRST, era.line("93000", "100", "0", "CO*197*100", rarc="M62"), number="P1"),
    era.claim(
        "A2", era.line("99213", "150", "0", "CO*16*150", rarc="M127"), patient="ROE*RICHARD", number="P2"
    ),
    trace="EFT0001",
)
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    books.take(BILLED, PAYMENT)
    yield application.make_app()


def case_of(carc: str) -> Any:
    return books.rows(_denial, _denial.c.carc == carc)[0]


def claim_address(page: str, control: str) -> str:
    found = re.search(rf'href="(/claims/[0-9a-f]{{20}})">{control}<', page)
    assert found, page
    return found.group(1)


def test_the_worklist_shows_what_was_refused_and_why_it_ranks(app: Flask) -> None:
    page = visitors.add("dana", "denial_specialist").browser(app).get("/denials").text
    for words in (
        "ROE, RICHARD",
        "CO-197 M62",
        "CO-16 M127",
        "of 50 points",
        "days late",
        "EXAMPLE HEALTH PLAN",
    ):
        assert words in page
    assert "250.00" in page, "the totals line adds both cases"


def test_the_list_narrows_by_reason_category_and_amount_and_says_when_nothing_fits(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    narrowed = dana.get("/denials?carc=197").text
    assert "CO-197" in narrowed and "CO-16" not in narrowed
    assert "No case matches these filters." in dana.get("/denials?carc=999").text
    assert dana.get("/denials?due_by=tomorrow").status_code == 422
    assert dana.get("/denials?sort=owner_id").status_code == 422


def test_a_case_proves_its_date_and_leads_to_the_segment(app: Flask) -> None:
    case = case_of("197")
    page = visitors.add("dana", "denial_specialist").browser(app).get(f"/denials/{case.public_id}").text
    for words in (
        "Starts when the remit was dated",
        "01/16/2026",
        "Last legal day",
        "calendar days",
        "Next step",
    ):
        assert words in page
    place = re.search(r'href="(/remits/[0-9a-f]{20}\?claim=[0-9a-f]{20}#segment-(\d+))"', page)
    assert place
    segment = PAYMENT.decode().replace("\n", "").split("~")[int(place.group(2)) - 1]
    assert segment.startswith("CAS*CO*197*100")


def test_a_case_is_taken_once_and_a_stale_form_is_refused(app: Flask) -> None:
    case = case_of("197")
    address = f"/denials/{case.public_id}/assign"
    dana = visitors.add("dana", "denial_specialist").browser(app)
    form = {"owner": "me", "version": case.version, "csrf_token": token(dana, case)}
    assert dana.post(address, data=form).status_code == 303
    assert "Dana" in dana.get("/denials?owner=me").text
    again = dana.post(address, data=form)
    assert again.status_code == 409 and "Somebody changed this" in again.text
    assert case_of("197").version == case.version + 1


def token(client: Any, case: Any) -> str:
    return visitors.form_token(client, f"/denials/{case.public_id}")


def test_without_the_pages_own_token_nothing_is_changed(app: Flask) -> None:
    case = case_of("197")
    dana = visitors.add("dana", "denial_specialist").browser(app)
    answer = dana.post(f"/denials/{case.public_id}/assign", data={"owner": "me", "version": case.version})
    assert answer.status_code == 400 and case_of("197").owner_id is None


def test_several_selected_cases_become_mine_at_once(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    chosen = [f"{one.public_id}.{one.version}" for one in books.rows(_denial)]
    form = {"case": chosen, "back": "carc=197", "csrf_token": visitors.form_token(dana, "/denials")}
    answer = dana.post("/denials/act", data=form | {"act": "mine"})
    assert answer.status_code == 303 and answer.location.endswith("/denials?carc=197")
    assert None not in {one.owner_id for one in books.rows(_denial)}


def test_the_buttons_are_those_of_the_lifecycle(app: Flask) -> None:
    case = case_of("16")
    dana = visitors.add("dana", "denial_specialist").browser(app)
    move = f"/denials/{case.public_id}/move"
    page = dana.get(f"/denials/{case.public_id}").text
    assert 'value="triage"' in page and 'value="win"' not in page
    form = {"move": "triage", "version": case.version, "csrf_token": token(dana, case)}
    assert dana.post(move, data=form).status_code == 303
    snooze = form | {"move": "snooze", "version": case.version + 1}
    refused = dana.post(move, data=snooze)
    assert refused.status_code == 422 and "Say why." in refused.text
    assert dana.post(move, data=snooze | {"reason": "records are on their way"}).status_code == 303
    assert "records are on their way" in dana.get(f"/denials/{case.public_id}").text
    assert dana.post(move, data=form | {"move": "expire"}).status_code == 422
    assert case_of("16").state == "snoozed"


def test_a_claim_tells_all_that_happened_to_it(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    page = dana.get(claim_address(dana.get("/claims").text, "A1")).text
    for words in ("400.00", "180.00", "80.00", "40.00", "100.00", "Version 1: original, primary"):
        assert words in page
    for words in ("CO-197", "1110 Patient receivable", "processed as primary", "Billed 400.00", "EFT0001"):
        assert words in page


def test_a_reversal_shows_both_answers_and_which_one_stands(app: Flask) -> None:
    taken = era.reversal("A1", FIRST, era.line("93000", "100", "0", "CO*197*100"), number="P1")
    again = era.claim("A1", FIRST, era.line("93000", "100", "60", "CO*45*40"), number="P1B")
    books.take(era.era(taken, again, trace="EFT0002", day="20260213"))
    dana = visitors.add("dana", "denial_specialist").browser(app)
    page = dana.get(claim_address(dana.get("/claims").text, "A1")).text
    assert page.count("reversal of an earlier payment") == 1
    assert page.count("stands") == 1 and "took back 180.00" in page
    assert "240.00" in page, "what all payers paid, net of what was taken back"


def test_a_replacement_shows_what_it_changed(app: Flask) -> None:
    books.take(era.bill(era.billed("A2", "99213 150", "81002 25", patient="ROE*RICHARD", member="MEM0002",
                                   frequency="7", original="P2")))  # fmt: skip
    dana = visitors.add("dana", "denial_specialist").browser(app)
    page = dana.get(claim_address(dana.get("/claims").text, "A2")).text
    assert "Version 2: replacement, primary" in page
    assert "81002 × 1, 25.00" in page and "superseded" in page


def test_who_reads_a_case_or_a_claim_is_noted_with_the_patient(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    dana.get(claim_address(dana.get("/claims").text, "A1"))
    dana.get(f"/denials/{case_of('197').public_id}")
    noted = {row.type: row for row in books.rows(_event) if row.actor == "dana"}
    with books.looking() as line:
        for kind in ("claims.list", "claim.read", "denials.read"):
            found = (
                line.execute(select(_seen.c.patient_id).where(_seen.c.seq == noted[kind].seq)).scalars().all()
            )
            assert case_of("197").patient_id in found, kind


def test_another_practice_finds_nothing_here(app: Flask) -> None:
    other = books.practice("Other Clinic", "1992999999", "777777777")
    guest = visitors.add("gina", "denial_specialist", entity_id=other.id)
    stranger, case = guest.browser(app), case_of("197")
    own = visitors.add("dana", "denial_specialist").browser(app)
    claim = claim_address(own.get("/claims").text, "A1")
    nobody = visitors.NO_SUCH_ID
    for address, like in ((f"/denials/{case.public_id}", f"/denials/{nobody}"), (claim, f"/claims/{nobody}")):
        here, there = stranger.get(address), stranger.get(like)
        assert here.status_code == there.status_code == 404
        assert without_number(here.text) == without_number(there.text)
        api = [app.test_client().get("/api/v1" + one, headers=guest.bearer) for one in (address, like)]
        assert {one.status_code for one in api} == {404}
    assert "ROE" not in stranger.get("/denials").text + stranger.get("/claims").text
    form = {"owner": "me", "version": 1, "csrf_token": visitors.form_token(stranger, "/denials")}
    assert stranger.post(f"/denials/{case.public_id}/assign", data=form).status_code == 404
    assert case_of("197").owner_id is None


def without_number(text: str) -> str:
    return re.sub(r"[0-9a-f]{16}|csrf_token.*|X-CSRFToken.*", "", text)


def test_a_clerk_reads_denials_but_does_not_work_them(app: Flask) -> None:
    clerk, case = visitors.add("carl", "clerk").browser(app), case_of("16")
    page = clerk.get(f"/denials/{case.public_id}").text
    assert "Assign to me" not in page and "What was refused" in page
    form = {"owner": "me", "version": 1, "csrf_token": visitors.form_token(clerk, "/denials")}
    assert clerk.post(f"/denials/{case.public_id}/assign", data=form).status_code == 403


def test_diagnoses_are_for_those_who_may_see_clinical_facts(app: Flask) -> None:
    dana, carl = (
        visitors.add(*who).browser(app) for who in (("dana", "denial_specialist"), ("carl", "clerk"))
    )
    address = claim_address(dana.get("/claims").text, "A1")
    assert "Diagnoses" in dana.get(address).text and "Diagnoses" not in carl.get(address).text


def test_the_worklist_leaves_as_csv_and_excel_with_typed_money(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    rows = list(csv.DictReader(io.StringIO(dana.get("/denials?format=csv").get_data().decode("utf-8-sig"))))
    assert {(row["Claim"], row["Reason"], row["Denied"]) for row in rows} == {
        ("A1", "CO-197 M62", "100.00"),
        ("A2", "CO-16 M127", "150.00"),
    }
    sheet = openpyxl.load_workbook(io.BytesIO(dana.get("/denials?format=xlsx").get_data())).active
    headings = [cell.value for cell in sheet[1]]
    assert sorted(row[headings.index("Denied")].value for row in list(sheet)[1:]) == [100, 150]


def test_nothing_a_payer_writes_becomes_part_of_the_page(app: Flask) -> None:
    named = f"ROE*RICHARD{SCRIPT}"
    books.take(era.bill(era.billed("A9", "99213 50", patient=named, member="MEM0009")))
    books.take(era.era(era.claim("A9", era.line("99213", "50", "0", "CO*16*50"), patient=named, number="P9"),
                       trace="EFT0009", payer_name=f"PLAN {SCRIPT}"))  # fmt: skip
    dana = visitors.add("dana", "denial_specialist").browser(app)
    address = claim_address(dana.get("/claims").text, "A9")
    for page in (dana.get("/denials").text, dana.get(address).text, dana.get("/claims").text):
        assert SCRIPT not in page and "&lt;script&gt;" in page


def test_a_program_takes_a_case_only_with_the_version_it_saw(app: Flask) -> None:
    dana, client = visitors.add("dana", "denial_specialist"), app.test_client()
    case = client.get("/api/v1/denials?carc=197", headers=dana.bearer).get_json()["rows"][0]
    assert (case["denied"], case["carc"], case["state"]) == ("100.00", "197", "new")
    address = f"/api/v1/denials/{case['id']}/assign"
    asked = {"owner": "me", "version": case["version"]}
    assert client.post(address, json=asked, headers=dana.bearer).get_json()["version"] == case["version"] + 1
    assert client.post(address, json=asked, headers=dana.bearer).status_code == 409
    assert client.post(address, json={"owner": "me"}, headers=dana.bearer).status_code == 422
    whole = client.get(f"/api/v1/denials/{case['id']}", headers=dana.bearer).get_json()
    assert whole["items"][0]["denied"] == "100.00" and whole["deadline"]["event"] == "remit_date"


def test_a_program_reads_a_claim_whole(app: Flask) -> None:
    dana, client = visitors.add("dana", "denial_specialist"), app.test_client()
    found = client.get("/api/v1/claims?control=A1", headers=dana.bearer).get_json()["rows"]
    assert [(one["control"], one["charge"], one["payer_balance"]) for one in found] == [
        ("A1", "400.00", "100.00")
    ]
    claim = client.get(f"/api/v1/claims/{found[0]['id']}", headers=dana.bearer).get_json()
    figures = {name: claim["figures"][name] for name in ("charge", "allowed", "payer_paid", "denied")}
    assert figures == {"charge": "400.00", "allowed": "220.00", "payer_paid": "180.00", "denied": "100.00"}
    entries = client.get(f"/api/v1/claims/{found[0]['id']}/entries", headers=dana.bearer).get_json()["rows"]
    assert (entries[-1]["payer_after"], entries[-1]["patient_after"]) == ("100.00", "40.00")
    assert not re.search(r'"(claim_id|id)": \d', str(claim).replace("'", '"')), "no key of ours leaves"
