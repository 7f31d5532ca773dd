"""Many underpayments at once: shown before they are done, done as one, taken back as one; what was said."""

import io
import re
from datetime import date

import pytest
from flask import Flask
from pypdf import PdfReader

from app.contracts import service as contracts
from app.contracts import service_import
from app.entities.rules import Practice
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.work import Actor, work
from app.underpayments import service_bulk, service_contacts, service_dispute, service_work
from app.underpayments.lifecycle import Move
from app.underpayments.models import Underpayment
from app.underpayments.rules_acts import Act
from app.web.application import make_app
from tests import books
from tests.conftest import House
from tests.era import PAYER, bill, billed, claim, era, line
from tests.policy import visitors
from tests.worlds import CLERK

FEES = f"""payer_id,code_type,code,modifier,setting,allowed,effective_from,effective_to
{PAYER},HC,99214,,,92.43,2025-01-01,2030-12-31
"""
_case = table_of(Underpayment)


@pytest.fixture
def short(house: House) -> Practice:
    """A practice with three claims paid 30.00 short each."""
    practice = books.practice()
    with work(CLERK) as w:
        service_import.load(w, practice.id, service_import.keep(w, io.BytesIO(FEES.encode()), "fees.csv"))
    with work(CLERK) as w:
        contracts.change_terms(w, practice.id, "", {"dispute_days": 3_660}, effective_from=date(2020, 1, 1))
    days = {"A1": "20251214", "A2": "20251215", "A3": "20251216"}
    paid = [claim(name, line("99214", "180", "62.43", "CO*45*117.57", day=day)) for name, day in days.items()]
    books.take(
        bill(*(billed(name, "99214 180", day=day) for name, day in days.items())), era(*paid, trace="EFT1")
    )
    return practice


def states() -> list[tuple[str, bool]]:
    return [(row.state, row.project_id is not None) for row in books.rows(_case)]


def seen() -> dict[str, int | None]:
    return {row.public_id: row.version for row in books.rows(_case)}


def test_many_are_confirmed_and_grouped_with_one_verb_and_taken_back_with_one(short: Practice) -> None:
    with work(CLERK) as w:
        first = service_bulk.act(w, seen(), Act.VALIDATE)
    with work(CLERK) as w:
        second = service_bulk.act(w, seen(), Act.GROUP, name="Spring")
    assert (first.done, second.done, states()) == (3, 3, [("grouped", True)] * 3)
    with work(CLERK) as w:
        assert service_bulk.last(w) == (second.bulk, "group", 3)
        service_bulk.undo(w, second.bulk)
    assert states() == [("validated", False)] * 3
    with pytest.raises(NotAllowed, match="undone already"), work(CLERK) as w:
        service_bulk.undo(w, second.bulk)
    with work(CLERK) as w:
        assert service_bulk.undo(w, first.bulk).stale
    with pytest.raises(NotFound), work(CLERK) as w:
        service_bulk.undo(w, "nobodys")


def test_what_an_act_does_not_fit_is_left_with_the_reason(short: Practice) -> None:
    old = seen()
    with work(CLERK) as w:
        service_bulk.act(w, dict([next(iter(old.items()))]), Act.VALIDATE)
    with work(CLERK) as w:
        done = service_bulk.act(w, old, Act.VALIDATE)
    assert (done.done, [reason for _, reason in done.skipped]) == (
        2,
        ["Somebody changed it since you looked."],
    )
    with work(CLERK) as w:
        again = service_bulk.act(w, dict.fromkeys(old), Act.VALIDATE)
    assert (again.bulk, again.done, len(again.skipped)) == ("", 0, 3)
    with pytest.raises(Refused, match="has a name"), work(CLERK) as w:
        service_bulk.act(w, seen(), Act.GROUP)


def test_a_call_and_a_note_are_kept_with_the_line(short: Practice) -> None:
    public = next(iter(seen()))
    with work(CLERK) as w:
        service_contacts.note(w, public, "Asked for the schedule")
        service_contacts.call(w, public, outcome="reprocessing", representative="Kim", reference="77")
    with pytest.raises(Refused), work(CLERK) as w:
        service_contacts.note(w, public, " ")


def test_a_dispute_leaves_with_a_letter_that_is_kept_as_it_was_sent(short: Practice) -> None:
    with work(CLERK) as w:
        service_bulk.act(w, seen(), Act.VALIDATE)
    with work(CLERK) as w:
        service_bulk.act(w, seen(), Act.GROUP, name="Spring")
    row = books.rows(_case)[0]
    with work(CLERK) as w:
        assert service_dispute.sent(w, row.public_id) is None
        service_work.advance(w, row.public_id, Move.SEND, version=row.version)
    with work(CLERK) as w:
        kept = service_dispute.sent(w, row.public_id)
        assert kept is not None
        letter = PdfReader(io.BytesIO(kept.read()))
    words = " ".join(" ".join(page.extract_text() for page in letter.pages).split())
    for said in ("$90.00", "3 lines", "A1", "fee schedule version 1 (fees.csv, row 2", "EFT1", "Spring"):
        assert said in words, said


def test_a_large_dispute_is_sent_by_somebody_who_may_approve_it(short: Practice) -> None:
    with work(CLERK) as w:
        terms = {"dispute_approval": "29.99", "chase_days": 12}
        contracts.change_terms(w, short.id, PAYER, terms, effective_from=date(2020, 1, 1))
    books.settle()
    dana = Actor("dana", permissions=frozenset({"underpayments.work"}), scope=CLERK.scope)
    boss = Actor("boss", permissions=dana.permissions | {"underpayments.approve"}, scope=CLERK.scope)
    with work(CLERK) as w:
        service_bulk.act(w, seen(), Act.VALIDATE)
    with work(CLERK) as w:
        service_bulk.act(w, seen(), Act.GROUP, name="Spring")
    row = books.rows(_case)[0]
    with pytest.raises(NotAllowed, match="may approve"), work(dana) as w:
        service_work.advance(w, row.public_id, Move.SEND, version=row.version)
    with work(boss) as w:
        service_work.advance(w, row.public_id, Move.SEND, version=row.version)
        today = w.now.date()
    sent = books.rows(_case)[0]
    assert (sent.state, abs((sent.follow_up - today).days - 12) <= 1) == ("sent", True)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_set_is_looked_at_before_it_is_done(short: Practice) -> None:
    app: Flask = make_app()
    visitor = visitors.add("super", "supervisor")
    browser = visitor.browser(app)
    page = browser.get("/underpayments/set")
    assert "3 underpayments as one set" in page.text and "90.00" in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    form = {"csrf_token": token.group(1) if token else "", "all": "yes", "verb": "validate"}
    shown = browser.post("/underpayments/many", data=form)
    assert "3 underpayments as one set" in shown.text and states()[0][0] == "detected"
    stale = form | {"confirmed": "yes", "count": "2", "cents": "6000"}
    assert browser.post("/underpayments/many", data=stale).status_code == 409
    done = form | {"confirmed": "yes", "count": "3", "cents": "9000"}
    assert browser.post("/underpayments/many", data=done, follow_redirects=True).status_code == 200
    assert states() == [("validated", False)] * 3
    back = browser.post("/underpayments/undo", data=form, follow_redirects=True)
    assert "3 stand as before" in back.text and states()[0][0] == "detected"
    public = next(iter(seen()))
    said = {"csrf_token": form["csrf_token"], "text": "Sent it again"}
    assert (
        "Sent it again"
        in browser.post(f"/underpayments/{public}/note", data=said, follow_redirects=True).text
    )
    said = {"csrf_token": form["csrf_token"], "outcome": "other", "promised_on": "t+14", "note": "They look"}
    assert "They look" in browser.post(f"/underpayments/{public}/call", data=said, follow_redirects=True).text
    api = app.test_client()
    act = {"act": "mine", "cases": [{"id": key, "version": version} for key, version in seen().items()]}
    made = api.post("/api/v1/underpayments/acts", json=act, headers=visitor.bearer).get_json()
    assert made["done"] == 3
    assert browser.get(f"/underpayments/{public}/dispute.pdf").data.startswith(b"%PDF-")
    undone = api.post(f"/api/v1/underpayments/acts/{made['act']}/undo", headers=visitor.bearer)
    assert undone.get_json() == {"done": 3, "stale": []}
    told = api.get(f"/api/v1/underpayments/{public}/notes", headers=visitor.bearer).get_json()
    assert [one["kind"] for one in told["rows"]] == ["call", "note"]
