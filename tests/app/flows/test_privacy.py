"""A8: who looks without a reason is found, who works is not; an emergency is an hour, and is judged."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.access import queries_sessions, service, service_emergency, sign_in
from app.access.models import Person
from app.access.rules import EMERGENCY_LIFE
from app.audit.models import AuditEvent, OddLook
from app.audit.rules_looks import Known, Look, Odd, names_of, odd
from app.flows import privacy
from app.kernel.clock import now
from app.kernel.db import engine, table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.paging import Ask
from app.kernel.work import reading, system, work
from app.patients.models import Patient
from app.web.application import make_app
from app.worklist import queries_day
from tests import books
from tests.era import bill, billed
from tests.policy import town, visitors
from tests.policy.visitors import Visitor

EVENTS, ODD, PATIENTS, PEOPLE = (table_of(one) for one in (AuditEvent, OddLook, Patient, Person))
NEWEST = Ask("rank", descending=True)
WHY = "The clinic of the other practice is closed and its patient is here."


def a_patient(last: str = "BAUER", first: str = "ANN", control: str = "A1") -> int:
    """Somebody a claim names; returns the key."""
    books.practice()
    books.take(bill(billed(control, patient=f"{last}*{first}", member=f"M{control}")))
    with reading(system("tests")) as w:
        return int(w.db.execute(select(PATIENTS.c.id).where(PATIENTS.c.last == last)).scalar_one())


def look(who: Visitor, patient: int, times: int = 1) -> None:
    identity = sign_in.identify(who.cookie, door="page")
    assert identity is not None
    for _ in range(times):
        with reading(identity.actor("claims.read")) as w:
            w.audit("claim.read", "R", "claim", 1, patients=(patient,))


def do_work(who: Visitor, patient: int) -> None:
    identity = sign_in.identify(who.cookie, door="page")
    assert identity is not None
    with work(identity.actor("claims.read")) as w:
        w.audit("denial.moved", "U", "denial", 1, patients=(patient,))


def rename(who: Visitor, name: str) -> None:
    with work(system("tests")) as w:
        w.db.execute(update(PEOPLE).where(PEOPLE.c.id == who.person_id).values(name=name))


def found() -> set[tuple[str, int]]:
    with work(system("tests")) as w:
        privacy.find_odd_looks(w)
    with reading(system("tests")) as w:
        return {tuple(row) for row in w.db.execute(select(ODD.c.kind, ODD.c.person_id))}


@pytest.mark.parametrize(
    ("who", "patient", "look", "wanted"),
    [
        (("BAUER", "ANN", None), ("BAUER", "ANN", None), (1, True, False), Odd.OWN_RECORD),
        (("KLEIN", "EVA", "h1"), ("BAUER", "ANN", "h1"), (1, True, False), Odd.SAME_HOME),
        (("KLEIN", "EVA", None), ("BAUER", "ANN", None), (1, False, False), None),
        (("KLEIN", "EVA", None), ("STONE", "TOM", None), (1, False, False), Odd.COLLEAGUE),
        (("BAUER", "EVA", None), ("BAUER", "ANN", None), (1, False, False), Odd.SAME_NAME),
        (("BAUER", "EVA", None), ("BAUER", "ANN", None), (9, True, True), None),
        (("KLEIN", "EVA", None), ("BAUER", "ANN", None), (1, False, True), Odd.AFTER_REFUSAL),
        (("KLEIN", "EVA", None), ("BAUER", "ANN", None), (3, False, False), Odd.NO_WORK),
        (("KLEIN", "EVA", None), ("BAUER", "ANN", None), (2, False, False), None),
        (("", "EVA", None), ("", "ANN", None), (1, False, False), None),
    ],
)
def test_what_compliance_asks_about(
    who: tuple[Any, ...], patient: tuple[Any, ...], look: tuple[Any, ...], wanted: Odd | None
) -> None:
    assert odd(Look(*look), Known(*who), Known(*patient), frozenset({("STONE", "TOM")})) == wanted


def test_names_are_compared_as_people_write_them() -> None:
    assert names_of("Eva M. Klein") == ("KLEIN", "EVA")
    assert names_of("Eva") == ("", "EVA")


def test_a_snooper_is_found_and_an_honest_clerk_is_not(house: Any) -> None:
    patient = a_patient()
    snooper, clerk, cousin = (visitors.add(login, "clerk") for login in ("sam", "kim", "eva"))
    rename(cousin, "Eva Bauer")
    look(snooper, patient, 4)
    look(clerk, patient, 6)
    do_work(clerk, patient)
    look(cousin, patient)
    wanted = {("no_work", snooper.person_id), ("same_name", cousin.person_id)}
    assert found() == wanted
    assert found() == wanted  # the next day's run tells nothing twice
    with reading(system("tests")) as w:
        assert {one.kind for one in privacy.matters(w, NEWEST).rows} == {"no_work", "same_name"}


def test_who_was_refused_and_looks_another_way_is_found(house: Any) -> None:
    patient = a_patient()
    sam = visitors.add("sam", "clerk")
    identity = sign_in.identify(sam.cookie, door="page")
    assert identity is not None
    with work(identity.actor("claims.read")) as w:
        w.audit("refused", "E", "door", "GET audit.patient", outcome=8)
    look(sam, patient)
    assert found() == {("after_refusal", sam.person_id)}


def test_a_neighbour_is_known_by_the_fingerprint_of_the_address_alone(house: Any) -> None:
    patient = a_patient()
    sam = visitors.add("sam", "clerk")
    with work(system("tests")) as w:
        home = w.db.execute(select(PATIENTS.c.home_lookup).where(PATIENTS.c.id == patient)).scalar_one()
        w.db.execute(update(PEOPLE).where(PEOPLE.c.id == sam.person_id).values(home_lookup=home or "0" * 32))
        w.db.execute(update(PATIENTS).where(PATIENTS.c.id == patient).values(home_lookup=home or "0" * 32))
    look(sam, patient)
    assert found() == {("same_home", sam.person_id)}


def test_compliance_signs_each_matter_and_nobody_their_own(house: Any) -> None:
    patient = a_patient()
    sam, cora = visitors.add("sam", "compliance"), visitors.add("cora", "compliance")
    look(sam, patient, 3)
    found()
    for who, error in ((sam, NotAllowed), (cora, None)):
        identity = sign_in.identify(who.cookie, door="page")
        assert identity is not None
        with work(identity.actor("privacy.review")) as w:
            one = privacy.matters(w, NEWEST).rows[0]
            if error:
                with pytest.raises(error):
                    privacy.judge(w, one.public_id, fine=True, remark="It was me.")
                continue
            with pytest.raises(Refused):
                privacy.judge(w, one.public_id, fine=True, remark=" ")
            privacy.judge(w, one.public_id, fine=False, remark="No reason given.")
    with reading(system("tests")) as w:
        assert privacy.matters(w, NEWEST).rows == []
        done = privacy.matters(w, Ask("rank", filters={"state": "done"})).rows
    assert [(one.judged, one.judged_by) for one in done] == [("misused", "Cora")]


@pytest.fixture
def two(house: Any) -> tuple[Flask, int, int, Visitor]:
    """Two practices with patients, and a clerk of the first."""
    mine, theirs = town.populate()[:2]
    return make_app(), mine, theirs, visitors.add("mia", "clerk", entity_id=mine)


def open_by_page(app: Flask, who: Visitor, entity_id: int, why: str = WHY) -> Any:
    with reading(system("tests")) as w:
        name = next(one.name for one in privacy.entities.practices(w) if one.id == entity_id)
    browser = who.browser(app)
    form = {"csrf_token": visitors.form_token(browser, "/emergency"), "practice": name, "reason": why}
    return browser.post("/emergency", data=form)


def theirs_on(app: Flask, who: Visitor, entity_id: int) -> bool:
    """Does the list of claims show a claim of this practice?"""
    with reading(system("tests")) as w:
        names = set(w.db.execute(select(PATIENTS.c.last).where(PATIENTS.c.entity_id == entity_id)).scalars())
        ours = set(w.db.execute(select(PATIENTS.c.last).where(PATIENTS.c.entity_id != entity_id)).scalars())
    page = who.browser(app).get("/claims?limit=200").get_data(as_text=True)
    return any(re.search(rf"\b{re.escape(name)}\b", page, re.IGNORECASE) for name in names - ours)


@pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
def test_an_emergency_opens_reading_for_an_hour_and_marks_everything_seen(
    two: tuple[Flask, int, int, Visitor],
) -> None:
    app, _, theirs, mia = two
    assert not theirs_on(app, mia, theirs)
    assert open_by_page(app, mia, theirs, "because").status_code == 422
    with time_machine.travel(now(), tick=False) as clock:
        assert open_by_page(app, mia, theirs).status_code == 303
        assert theirs_on(app, mia, theirs)
        assert "Emergency access until" in mia.browser(app).get("/account").get_data(as_text=True)
        for _ in range(6):  # somebody clicks now and then, so the session lives
            clock.shift(timedelta(minutes=9, seconds=55))
            assert theirs_on(app, mia, theirs)
        clock.shift(EMERGENCY_LIFE - timedelta(minutes=59))
        assert not theirs_on(app, mia, theirs)
    with engine().connect() as db:
        rows = db.execute(
            select(EVENTS.c.type, EVENTS.c.purpose).where(EVENTS.c.actor_id == mia.person_id)
        ).all()
    told = {row.purpose for row in rows}
    assert told == {"HPAYMT", "ETREAT"}
    assert {"emergency.began"} <= {row.type for row in rows}


@pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
def test_compliance_hears_of_an_emergency_at_once_and_signs_it(two: tuple[Flask, int, int, Visitor]) -> None:
    app, _, theirs, mia = two
    open_by_page(app, mia, theirs)
    books.settle()
    cora = visitors.add("cora", "compliance")
    browser = cora.browser(app)
    page = browser.get("/audit/privacy").get_data(as_text=True)
    assert "opened records in an emergency" in page
    address = re.search(r'href="(/audit/privacy/[0-9a-f]{20})"', page)
    assert address
    assert WHY in browser.get(address[1]).get_data(as_text=True)
    form = {"csrf_token": visitors.form_token(browser, address[1]), "judged": "justified", "remark": "Asked."}
    assert browser.post(address[1], data=form).status_code == 303
    with reading(system("tests")) as w:
        assert [one.state for one in queries_sessions.emergencies(w)] == ["justified"]


def test_an_emergency_needs_a_reason_a_right_and_a_need(house: Any) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "sue", "Sue", roles=["clerk"])
    sue = visitors.add("sia", "clerk")
    identity = sign_in.identify(sue.cookie, door="page")
    assert identity is not None
    with work(identity.actor("emergency.ask")) as w:
        with pytest.raises(Refused, match="why this cannot wait"):
            service_emergency.open_emergency(w, 7, reason="quick")
        with pytest.raises(NotAllowed, match="already"):
            service_emergency.open_emergency(w, 7, reason=WHY)


def test_a_clerks_day_does_not_show_what_compliance_asks_about(house: Any) -> None:
    patient = a_patient()
    sam, cora = visitors.add("sam", "clerk"), visitors.add("cora", "compliance")
    look(sam, patient, 3)
    found()
    shown = {}
    for who in (sam, cora):
        identity = sign_in.identify(who.cookie, door="page")
        assert identity is not None
        with reading(identity.actor("worklist.read")) as w:
            shown[who.login] = {one.queue for one in queries_day.queues(w, w.now.date())}
    assert "privacy" not in shown["sam"] and "privacy" in shown["cora"]
