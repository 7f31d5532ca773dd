"""A lead looks a payer up, sees on which terms it stands and why, and changes one with its effect in view."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from app.denials.models import Denial, DenialEvent
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.payers.models import Payer, PayerAlias, PayerTerm
from app.web import application
from app.worklist.models import WorklistItem
from tests import books, era
from tests.policy import visitors

_payer, _alias, _term = table_of(Payer), table_of(PayerAlias), table_of(PayerTerm)
_denial, _event, _item = table_of(Denial), table_of(DenialEvent), table_of(WorklistItem)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    books.practice()
    day = now().strftime("%Y%m%d")
    refused = era.claim("A1", era.line("99213", "150", "0", "CO*50*150"), number="P1", filing="12")
    books.take(era.bill(era.billed("A1", "99213 150")), era.era(refused, trace="EFT1", day=day))
    yield application.make_app()


def payer_id() -> str:
    return str(books.rows(_payer)[0].public_id)


def post(browser: Any, path: str, **form: str) -> Any:
    address = f"/payers/{payer_id()}"
    return browser.post(
        f"{address}{path}", data={"csrf_token": visitors.form_token(browser, address), **form}
    )


LEVEL_1 = {"scope": "payer", "term": "level:1", "value": "60", "effective_from": "2026-01-01"}


def test_payers_are_found_by_name_and_number(app: Flask) -> None:
    kim = visitors.add("kim", "clerk").browser(app)
    name = books.rows(_payer)[0].name
    assert name in kim.get("/payers").text
    assert name in kim.get("/payers?q=" + name.split()[0].lower()).text
    assert name in kim.get("/payers?q=" + name.split()[-1][:3].lower()).text
    assert "No payer matches" in kim.get("/payers?q=zzz").text
    assert name in kim.get("/payers?format=csv").text


def test_the_terms_in_force_say_where_they_come_from(app: Flask) -> None:
    page = visitors.add("kim", "clerk").browser(app).get(f"/payers/{payer_id()}").text
    assert "First-level appeal" in page and "180 days" in page and "Only the shipped terms hold." in page
    assert "Change a term" not in page


def test_a_change_is_tried_first_then_moves_open_cases_and_says_so(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    before = books.rows(_denial)[0].legal_due
    tried = post(sue, "/terms", step="try", **LEVEL_1).text
    assert re.search(r'Dates that move</span><span class="figure-value">1<', tried)
    assert not books.rows(_term) and books.rows(_denial)[0].legal_due == before, "trying leaves nothing"
    assert post(sue, "/terms", step="save", **LEVEL_1).status_code == 422, "a reason is asked for"
    assert post(sue, "/terms", step="save", **LEVEL_1, reason="Contract 2026").status_code == 303
    case = books.rows(_denial)[0]
    assert (case.legal_due - case.denied_on).days == 60 and case.deadline_rule == "our own"
    told = [one for one in books.rows(_event) if one.move == "new_date"]
    assert told[0].detail["was"] == before.isoformat() and told[0].detail["now"] == case.legal_due.isoformat()
    assert "Contract 2026" in sue.get(f"/payers/{payer_id()}").text


def test_two_terms_from_one_day_stand_in_one_row(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    other = {**LEVEL_1, "term": "follow_up_days", "value": "20"}
    for change in (LEVEL_1, other):
        assert post(sue, "/terms", step="save", **change, reason="Contract").status_code == 303
    live = [row for row in books.rows(_term) if row.replaced_at is None]
    assert len(books.rows(_term)) == 2 and [sorted(row.terms) for row in live] == [
        ["follow_up_days", "level"]
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"value": "soon"}, {"term": "level:9"}, {"term": "version"}, {"scope": "all"}, {"effective_from": "x"},
     {"term": "allowed_ratio", "value": "1.2"}, {"effective_to": "2025-12-31"}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(app: Flask, wrong: dict[str, str]) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    assert post(sue, "/terms", step="try", **{**LEVEL_1, **wrong}).status_code == 422


def test_two_records_are_joined_and_separated_by_hand(app: Flask) -> None:
    books.take(era.bill(era.billed("B1", "90", second=era.Cover("SISTER PLAN", "SIS01"))))
    sister = next(one for one in books.rows(_payer) if one.name == "SISTER PLAN")
    sue = visitors.add("sue", "supervisor").browser(app)
    assert "Is this payer" in sue.get(f"/payers/{payer_id()}?like=sister").text
    assert post(sue, "/merge", other=sister.public_id).status_code == 303
    assert len(books.rows(_alias)) == 1
    assert "SISTER PLAN" in sue.get(f"/payers/{payer_id()}").text
    assert sue.get("/payers").text.count("SISTER PLAN") == 0
    assert post(sue, "/merge", other=sister.public_id).status_code == 422, "they are one already"
    token = visitors.form_token(sue, "/search")
    gone = sue.post(f"/payers/{sister.public_id}/separate", data={"csrf_token": token})
    assert gone.status_code == 303 and not books.rows(_alias)


def test_two_companies_are_never_one_payer(app: Flask) -> None:
    other = era.claim("B1", era.line("99213", "90", "90"), number="Q1")
    books.take(era.era(other, trace="EFT2", payer_name="SISTER PLAN", payer="1999999984"))
    sister = next(one for one in books.rows(_payer) if one.name == "SISTER PLAN")
    sue = visitors.add("sue", "supervisor").browser(app)
    found = post(sue, "/merge", other=sister.public_id)
    assert found.status_code == 422 and "two companies" in found.text


def test_programs_read_try_and_change_the_same_terms(app: Flask) -> None:
    sue, client = visitors.add("sue", "supervisor"), app.test_client()
    address = f"/api/v1/payers/{payer_id()}"
    assert client.get("/api/v1/payers", headers=sue.bearer).get_json()["rows"][0]["id"] == payer_id()
    change = {"term": "level:1", "value": "60", "effective_from": "2026-01-01"}
    tried = client.post(f"{address}/terms/effect", json=change, headers=sue.bearer).get_json()
    assert (tried["cases"], tried["earlier"]) == (1, 1)
    saved = client.post(f"{address}/terms", json={**change, "reason": "Contract"}, headers=sue.bearer)
    assert saved.status_code == 201
    whole = client.get(address, headers=sue.bearer).get_json()
    assert next((one["level"], one["days"], one["source"]) for one in whole["levels"]) == (1, 60, "ours")
    assert whole["own"][0]["reason"] == "Contract"


def test_many_cases_follow_at_once_for_whoever_sees_one_entity_only(app: Flask) -> None:
    day, charges = now().strftime("%Y%m%d"), {"B2": "160", "B3": "170", "B4": "180"}
    people = {"B2": "ROE*ANN", "B3": "POE*BEN", "B4": "COE*CAL"}
    bills = [
        era.billed(name, f"99213 {charge}", patient=people[name], member=f"MEM{name}")
        for name, charge in charges.items()
    ]
    refused = [
        era.claim(
            name, era.line("99213", charge, "0", f"CO*50*{charge}"), number=f"Q{name}", patient=people[name]
        )
        for name, charge in charges.items()
    ]
    books.take(era.bill(*bills), era.era(*refused, trace="EFT9", day=day))
    sue = visitors.add("sue", "supervisor", entity_id=books.rows(books.ENTITY)[0].id).browser(app)
    tried = post(sue, "/terms", step="try", **LEVEL_1).text
    assert re.findall(r'Dates that move</span><span class="figure-value">([^<]*)<', tried) == ["4"]
    assert post(sue, "/terms", step="save", **LEVEL_1, reason="Contract").status_code == 303
    due = {case.id: case.internal_due for case in books.rows(_denial)}
    assert {item.subject_id: item.due for item in books.rows(_item) if item.subject == "denial"} == due


def test_the_list_says_how_much_hangs_on_a_payer(app: Flask) -> None:
    sue, client = visitors.add("sue", "supervisor"), app.test_client()
    books.take(era.bill(era.billed("A2", "99213 90", patient="ROE*ANN", member="MEM2")))
    [row] = client.get("/api/v1/payers", headers=sue.bearer).get_json()["rows"]
    assert (row["claims"], row["denials"], row["at_stake"]) == (2, 1, str(books.rows(_denial)[0].at_stake))
    page = sue.browser(app).get("/payers").text
    assert "Open denials" in page and f"payer={payer_id()}" in page


def test_another_class_is_tried_then_set_and_open_cases_follow(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    with work(system("tests")) as w:
        w.db.execute(update(_denial).values(filing=""))
    before = books.rows(_denial)[0].legal_due
    tried = post(sue, "/class", step="try", **{"class": "medicare"}).text
    assert re.search(r'Dates that move</span><span class="figure-value">1<', tried)
    assert books.rows(_denial)[0].legal_due == before, "trying leaves nothing"
    assert post(sue, "/class", step="save", **{"class": "medicare"}).status_code == 422
    stale = post(sue, "/class", step="save", why="Card", version="99", **{"class": "medicare"})
    assert stale.status_code == 409
    assert post(sue, "/class", step="save", why="Card", **{"class": "medicare"}).status_code == 303
    case = books.rows(_denial)[0]
    assert case.legal_due != before
    assert [one.move for one in books.rows(_event)][-1] == "new_date"
    assert post(sue, "/class", step="save", why="Card", **{"class": "medicare"}).status_code == 422


def another(name: str, *, same_as: bool = False) -> None:
    """A second record of a payer; same_as: joined with the first."""
    with work(system("tests")) as w:
        home = w.db.execute(select(_payer).order_by(_payer.c.id)).first()
        assert home is not None
        values = dict(public_id="f" * 20, entity_id=home.entity_id, name=name, created_at=now(), version=1)
        w.db.execute(insert(_payer).values(id=home.id + 1, **values, **{"class": "commercial"}))
        if same_as:
            alias = dict(entity_id=home.entity_id, payer_id=home.id + 1, same_as=home.id, reason="by_hand")
            w.db.execute(insert(_alias).values(**alias, recorded_at=now()))


def test_records_that_look_alike_are_proposed_with_the_reason(app: Flask) -> None:
    another(books.rows(_payer)[0].name + " OF OHIO")
    sue = visitors.add("sue", "supervisor")
    [like] = app.test_client().get(f"/api/v1/payers/{payer_id()}", headers=sue.bearer).get_json()["alike"]
    assert like["id"] == "f" * 20 and "begins with the other" in like["reasons"][0]
    browser = sue.browser(app)
    assert "May be the same payer" in browser.get(f"/payers/{payer_id()}").text
    assert post(browser, "/merge", other="f" * 20).status_code == 303
    assert "May be the same payer" not in browser.get(f"/payers/{payer_id()}").text


def test_denials_of_a_joined_record_are_found_under_the_payer(app: Flask) -> None:
    sue, client = visitors.add("sue", "supervisor"), app.test_client()
    another("PLAN", same_as=True)
    with work(system("tests")) as w:
        w.db.execute(update(_denial).values(payer_id=books.rows(_payer)[1].id))
    for asked in (payer_id(), "f" * 20):
        found = client.get(f"/api/v1/denials?payer={asked}", headers=sue.bearer).get_json()["rows"]
        assert len(found) == 1
    [row] = client.get("/api/v1/payers", headers=sue.bearer).get_json()["rows"]
    assert row["denials"] == 1
