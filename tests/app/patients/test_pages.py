"""Patients: found without naming them in an address; an account that adds up to the cent."""

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent, AuditPatient
from app.flows import patient_account
from app.kernel.db import table_of
from app.kernel.work import reading, system
from app.patients.models import Patient
from app.patients.rules import asked_day, masked
from app.web.application import make_app
from tests import books, era
from tests.conftest import House
from tests.policy import visitors

_patient, _audit, _told = table_of(Patient), table_of(AuditEvent), table_of(AuditPatient)
FIRST = era.line("99214", "300", "180", "CO*45*80 PR*2*40")


@pytest.fixture
def app(house: House) -> Flask:
    """A house where Richard Roe came twice: once answered in part and taken back once, once not answered."""
    books.practice()
    named: dict[str, Any] = {"patient": "ROE*RICHARD", "member": "MEM0002"}
    books.take(
        era.bill(
            era.billed("A1", "99214 300", "93000 100", birth="19600229", **named),
            era.billed("A2", "99213 150", birth="19600229", day="20260105", **named),
            era.billed("B1", "99213 90"),
        )
    )
    second = era.line("93000", "100", "0", "CO*197*100")
    books.take(era.era(era.claim("A1", FIRST, second, number="P1", **named)))
    return make_app(house.settings)


def richard() -> str:
    with books.looking() as line:
        query = select(_patient.c.public_id).where(_patient.c.last == "ROE")
        return str(line.execute(query).scalar_one())


def found_by(app: Flask, text: str, login: str = "dana") -> str:
    client = visitors.add(login, "denial_specialist").browser(app)
    form = {"q": text, "csrf_token": visitors.form_token(client, "/patients/")}
    return client.post("/patients/", data=form).text


@pytest.mark.parametrize("text", ["ROE", "roe, rich", "MEM0002", "mem-0002", "1960-02-29", "02/29/1960"])
def test_a_patient_is_found_by_what_people_know(app: Flask, text: str) -> None:
    page = found_by(app, text)
    assert "ROE, RICHARD" in page and "DOE, JANE" not in page
    assert "MEM0002" not in re.sub(r'value="[^"]*"', "", page), "a member number is masked"


def test_nobody_is_found_by_half_a_number_or_another_day(app: Flask) -> None:
    for number, text in enumerate(("0002", "1960-02-28", "R", "ZZZ", "13/45/1960")):
        assert "ROE, RICHARD" not in found_by(app, text, f"dana{number}")


def test_a_member_number_shows_only_its_end() -> None:
    assert masked("W123456789") == "••••6789" and masked("1234") == "••••"
    assert asked_day("2/29/1961") is None and asked_day("1961-2-3") is not None


def test_an_account_adds_up_visit_by_visit(app: Flask) -> None:
    with reading(system("tests")) as w:
        found = patient_account.account(w, richard())
    assert [one.control for one in found.visits] == ["A2", "A1"]
    for one in found.visits:
        assert one.charge - one.paid - one.adjustments == one.open
        assert sum(step.cents for step in one.steps) == one.figures.patient_balance
    one = found.visits[1]
    assert [str(each) for each in (one.charge, one.paid, one.adjustments)] == ["400.00", "180.00", "80.00"]
    assert [(step.words, str(step.cents)) for step in one.steps] == [
        ("Charged for this visit", "400.00"),
        ("Insurance paid", "-180.00"),
        ("Written off because of the contract with the insurance", "-80.00"),
        ("Insurance still has to answer for", "-100.00"),
    ]
    assert str(found.explained) == str(found.total("patient_balance")) == "40.00"
    last = found.ledger[-1]
    assert (last.payer_after, last.patient_after) == (
        found.total("payer_balance"), found.total("patient_balance"),
    )  # fmt: skip
    [payment] = found.payments
    assert (payment.label, str(payment.total)) == ("EFT0001", "180.00")


def test_a_takeback_stands_beside_what_it_took_back(app: Flask) -> None:
    taken = era.reversal("A1", FIRST, era.line("93000", "100", "0", "CO*197*100"), number="P1",
                         patient="ROE*RICHARD", member="MEM0002")  # fmt: skip
    books.take(era.era(taken, trace="EFT0002", day="20260213", plb="WO:P1*-180"))
    with reading(system("tests")) as w:
        found = patient_account.account(w, richard())
        then = patient_account.account(w, richard(), as_of=found.payments[0].day)
    assert [str(one.total) for one in found.payments] == ["180.00", "-180.00"]
    assert str(found.total("patient_balance")) == "0.00" and found.explained == 0
    assert str(then.total("patient_balance")) == "40.00" == str(then.explained)
    assert len(then.ledger) < len(found.ledger)
    for one in (*found.visits, *then.visits):
        assert one.charge - one.paid - one.adjustments == one.open


def test_the_page_tells_the_story(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    page = dana.get(f"/patients/{richard()}").text
    for words in ("ROE, RICHARD", "02/29/1960", "••••0002", "Insurance paid", "EFT0001", "400.00", "180.00",
                  "Open work", "CARC 197", "EXAMPLE HEALTH PLAN", "The patient owes"):  # fmt: skip
        assert words in page, words
    assert "MEM0002" not in page
    before = dana.get(f"/patients/{richard()}?as_of=2025-12-31").text
    assert "The patient owes nothing" in before and "Nobody has paid anything yet" in before
    assert dana.get(f"/patients/{richard()}?as_of=x").status_code == 422


def test_who_looks_at_an_account_is_noted(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    dana.get(f"/patients/{richard()}")
    [event] = [row for row in books.rows(_audit) if row.type == "patient.account"]
    key = books.rows(_patient, _patient.c.public_id == richard())[0].id
    told = {row.patient_id for row in books.rows(_told, _told.c.seq == event.seq)}
    assert (event.actor, told) == ("dana", {key})
    found_by(app, "ROE", "dina")
    assert "patients.search" in {row.type for row in books.rows(_audit)}


def test_another_practice_knows_no_such_patient(app: Flask) -> None:
    other = books.practice("Other Clinic", "1992999999", "777777777")
    gina = visitors.add("gina", "denial_specialist", entity_id=other.id)
    client = gina.browser(app)
    assert client.get(f"/patients/{richard()}").status_code == 404
    form = {"q": "ROE", "csrf_token": visitors.form_token(client, "/patients/")}
    assert "ROE, RICHARD" not in client.post("/patients/", data=form).text + client.get("/patients/").text
    api = app.test_client()
    assert api.get(f"/api/v1/patients/{richard()}", headers=gina.bearer).status_code == 404


def test_the_ledger_of_an_account_leaves_as_a_file(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    data = dana.get(f"/patients/{richard()}?format=csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert rows[-1]["Patient owes"] == "40.00" and {row["Claim"] for row in rows} == {"A1", "A2"}


def test_a_program_reads_the_same_account(app: Flask) -> None:
    dana, client = visitors.add("dana", "denial_specialist"), app.test_client()
    found = client.post("/api/v1/patients/search", json={"q": "roe"}, headers=dana.bearer).get_json()["rows"]
    assert [(one["name"], one["member"]) for one in found] == [("ROE, RICHARD", "••••0002")]
    whole = client.get(f"/api/v1/patients/{found[0]['id']}", headers=dana.bearer).get_json()
    assert (whole["payer_balance"], whole["patient_balance"]) == ("250.00", "40.00")
    visit = next(one for one in whole["visits"] if one["control"] == "A1")
    assert visit["explanation"][0] == {"words": "Charged for this visit", "amount": "400.00"}
    listed = client.get("/api/v1/patients?limit=1", headers=dana.bearer).get_json()
    assert len(listed["rows"]) == 1 and listed["next"]


def test_the_search_of_every_screen_finds_patients(app: Flask) -> None:
    dana = visitors.add("dana", "denial_specialist").browser(app)
    form = {"q": "MEM0002", "csrf_token": visitors.form_token(dana, "/patients/")}
    page = dana.post("/search", data=form).text
    assert f"/patients/{richard()}" in page
