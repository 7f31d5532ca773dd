"""The statement screens as their users meet them: plan, look, sign by another, release, hand over, prove."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for

from app.flows import make_documents
from app.kernel import failpoints, outbox
from app.kernel.db import table_of
from app.kernel.work import reading, system, work
from app.statements import service_email, service_policies, translate_letters
from app.web import application
from app.web.queues import RECORDS
from app.worklist.models import WorklistItem
from tests import books, statements
from tests.policy import visitors
from tests.statements import RUN, STATEMENT

ITEM = table_of(WorklistItem)
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    yield application.make_app()


class Desk:
    """A person at a browser."""

    def __init__(self, app: Flask, login: str, *roles: str):
        self.client = visitors.add(login, *roles).browser(app)

    def see(self, address: str) -> str:
        answer = self.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.status_code, answer.text[-2000:])
        return answer.text

    def send(self, address: str, status: int = 303, more: dict[str, str] | None = None, **form: Any) -> str:
        token = visitors.form_token(self.client, "/statements/")
        answer = self.client.post(address, data={**(more or {}), **form, "csrf_token": token})
        assert answer.status_code == status, (address, answer.status_code, answer.text[:3000])
        return answer.headers.get("Location", "") if status == 303 else answer.text


def test_a_run_goes_from_the_plan_to_the_vendor_by_its_pages(app: Flask) -> None:
    clinic = statements.owing("A1", "A2")
    kim, bo = Desk(app, "kim", "clerk"), Desk(app, "bo", "supervisor")
    assert "No run was planned yet" in kim.see("/statements/")
    run = kim.send("/statements/plan", kind="statements", entity=clinic.public_id)
    page = kim.see(run)
    assert "Their first statement about this balance" in page and "80.00" in page and "Sign 2" not in page
    public = run.rpartition("/")[2]
    for _ in range(2):
        row = statements.run(public)
        look = bo.see(f"{run}/audit")
        account = re.findall(r'name="account" value="([0-9a-f]{20})"', look)[0]
        assert "Visit by visit" in look and "40.00" in look
        picture = bo.client.get(f"{run}/look/{account}/1.png")
        assert picture.mimetype == "image/png" and picture.data.startswith(b"\x89PNG")
        bo.send(f"{run}/mark", account=account, fine="yes", version=row.version)
    assert "Everything was looked at" in bo.see(f"{run}/audit")
    row = statements.run(public)
    bo.send(f"{run}/sign", version=row.version, plan_hash=row.plan_hash)
    assert "Release 2 documents" in bo.see(run)
    bo.send(f"{run}/release", version=row.version + 1)
    books.settle()
    assert "The print vendor" not in bo.see(run) and "Open the print batch" in bo.see(run)
    [batch] = re.findall(r"/statements/print/([0-9a-f]{20})", bo.see(run))
    assert bo.client.get(f"/statements/print/{batch}/pdf").data.startswith(b"%PDF")
    bo.send(f"/statements/print/{batch}/hand", version=1, to="portal")
    assert "bo (portal)" in bo.see(f"/statements/print/{batch}")
    [made, _] = books.rows(STATEMENT)
    assert "same bytes, same hash" in bo.see(f"/statements/documents/{made.public_id}")
    assert kim.client.get(f"/statements/{made.public_id}.pdf").data.startswith(b"%PDF")
    listed = kim.see("/statements/sent")
    assert "S00000001" in listed and "S00000002" in listed
    assert "S00000002" not in kim.see("/statements/sent?number=s00000001")
    assert "Nothing was sent yet" in kim.see("/statements/letters")


@ONE_DATABASE
def test_who_planned_a_run_is_told_why_somebody_else_signs_it(app: Flask) -> None:
    clinic = statements.owing("A1")
    bo = Desk(app, "bo", "supervisor")
    run = bo.send("/statements/plan", kind="statements", entity=clinic.public_id)
    row = statements.run(run.rpartition("/")[2])
    account = statements.public_of(statements.items(row.public_id)[0].account_id)
    refused = bo.send(f"{run}/mark", 422, account=account, fine="no", remark="", version=1)
    assert "Say what is not fine" in refused
    bo.send(f"{run}/mark", account=account, fine="no", remark="Wrong address", version=1)
    said = bo.send(f"{run}/sign", 409, version=2, plan_hash=row.plan_hash)
    assert "Somebody else signs a run than who planned it" in said and "Wrong address" in said
    bo.send(f"{run}/drop", account=account, remark="Ask for the address", version=2)
    assert "Ask for the address" in bo.see(run) and "The audit took it out" in bo.see(run)
    again = bo.send("/statements/plan", 409, kind="statements", entity=clinic.public_id)
    assert "A run of this kind is open" in again
    bo.send(f"{run}/cancel", version=3)
    assert "Nothing of it was sent" in bo.see(run)


@ONE_DATABASE
def test_a_mistyped_filter_is_answered_beside_the_list(app: Flask) -> None:
    clinic = statements.owing("A1")
    bo = Desk(app, "bo", "supervisor")
    run = bo.send("/statements/plan", kind="statements", entity=clinic.public_id)
    assert bo.client.get(f"{run}?least=many").status_code == 422
    assert bo.client.get("/statements/sent?from=someday").status_code == 422
    exported = bo.client.get(f"{run}?format=csv")
    assert exported.status_code == 200 and b"Less insurance" in exported.data


@ONE_DATABASE
def test_a_policy_is_drafted_tried_and_approved_by_another(app: Flask) -> None:
    clinic = statements.owing("A1")
    with work(system("tests")) as w:
        service_policies.ensure(w, clinic.id, w.today(clinic.time_zone))
    bo, mo = Desk(app, "bo", "supervisor"), Desk(app, "mo", "manager")
    [live] = set(re.findall(r"/statements/policies/([0-9a-f]{20})", bo.see("/statements/policies")))
    draft = bo.send(f"/statements/policies/{live}/draft")
    form = filled(bo.see(draft))
    wrong = bo.send(f"{draft}/change", 422, more={**form, "after_days-2": "soon"})
    assert "This is a number of days" in wrong and 'value="soon"' in wrong
    bo.send(f"{draft}/change", more={**form, "minimum": "50.00"})
    tried = bo.send(f"{draft}/what_if", 200, kind="statements")
    assert "Treated otherwise" in tried and "small balance" in tried
    token = visitors.form_token(bo.client, "/statements/")
    mine = {"version": 2, "csrf_token": token}
    assert bo.client.post(f"{draft}/approve", data=mine).status_code == 403
    mo.send(f"{draft}/approve", version=2, effective_from="t")
    assert "approved by mo" in mo.see(draft)


def filled(page: str) -> dict[str, str]:
    """The fields of the draft's form as a browser would send them."""
    form = dict(re.findall(r'<input[^>]*name="([a-z_]+(?:-\d)?)"[^>]*? value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="([a-z]+-\d)"[^>]*>(.*?)</select>', page, re.S):
        form[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    ticked = re.findall(r'name="([a-z]+(?:-\d)?)" value="yes"[^>]*checked', page)
    boxes = re.findall(r'<input type="checkbox" name="([a-z]+(?:-\d)?)"', page)
    form = {name: value for name, value in form.items() if name not in boxes and name != "csrf_token"}
    return form | dict.fromkeys(ticked, "yes")


@ONE_DATABASE
def test_words_are_looked_through_kept_and_approved_by_another(app: Flask) -> None:
    statements.owing("A1")
    bo, mo = Desk(app, "bo", "supervisor"), Desk(app, "mo", "manager")
    assert "the shipped words" in bo.see("/letters")
    text = translate_letters.shipped("statement", "en")
    broken = bo.send(
        "/letters/statement/en", 200, step="check", words=text.replace("{{ amount_due", "{{ gift")
    )
    assert "before these words can be sent" in broken
    entity = re.findall(r'name="entity" value="([0-9a-f]{20})"', bo.see("/letters/statement/en"))[0]
    bo.send("/letters/statement/en", step="save", words=text.replace("We can help.", "We gladly help."),
            entity=entity)  # fmt: skip
    page = mo.see("/letters/statement/en")
    [edition] = set(re.findall(r"/letters/editions/([0-9a-f]{20})/approve", page))
    look = mo.client.get(f"/letters/statement/en/look.png?edition={edition}")
    assert look.data.startswith(b"\x89PNG")
    assert "Somebody else approves" in bo.send(f"/letters/editions/{edition}/approve", 409, version=1)
    mo.send(f"/letters/editions/{edition}/approve", version=1, effective_from="t")
    assert "our words" in mo.see("/letters")


@ONE_DATABASE
def test_an_email_nobody_knows_about_is_decided_on_its_page(app: Flask, monkeypatch: Any) -> None:
    bo = Desk(app, "bo", "supervisor")
    assert "No statement went by e-mail yet" in bo.see("/statements/emails")
    seen: list[tuple[str, bool]] = []

    def decide(w: Any, public: str, *, arrived: bool, version: int) -> int:
        del w
        seen.append((public, arrived))
        return version + 1

    monkeypatch.setattr(service_email, "decide", decide)
    bo.send("/statements/emails/abc/decide", arrived="yes", version=1)
    assert seen == [("abc", True)]
    assert not books.rows(RUN)


@ONE_DATABASE
def test_a_run_that_stopped_is_opened_from_its_work_item_and_taken_up_by_a_button(app: Flask) -> None:
    clinic = statements.owing("A1", "A2")
    run = statements.planned(clinic)
    statements.released(run)
    with failpoints.armed("statements.after_documents=raise"):
        for _ in range(outbox.TRIES):
            books.hurry()
            books.settle()
    kim, bo = Desk(app, "kim", "clerk"), Desk(app, "bo", "supervisor")
    page = f"/statements/runs/{run}"
    with app.test_request_context(), reading(statements.BOSS) as w:
        [item] = books.rows(ITEM, ITEM.c.subject == "statement_run")
        assert make_documents.stopped(w, item.subject_id) == make_documents.DOCUMENTS
        endpoint, key = RECORDS[item.subject]
        assert url_for(endpoint, public_id=item.detail[key]) == page
    assert 'id="stopped"' in kim.see(page) and "Take it up again" not in kim.see(page)
    assert "Take it up again" in bo.see(page) and make_documents.DOCUMENTS in bo.see(page)
    bo.send(f"{page}/take_up", version=statements.run(run).version)
    books.settle()
    assert statements.run(run).state == "made" and 'id="stopped"' not in bo.see(page)
