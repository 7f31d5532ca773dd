"""Roles that move money take two administrators; the quarter's review is signed; the table is shown as it
is.
"""

import base64
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.access import queries, queries_sessions, service, service_roles, sign_in
from app.access.lifecycle import EMERGENCY, REQUEST, EmergencyMove, EmergencyState, RequestMove, RequestState
from app.access.models import Credential
from app.access.queries import grants_of
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.work import reading, system, work
from app.web.application import make_app
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def admin(login: str) -> visitors.Visitor:
    """An administrator with a second factor."""
    ada, table = visitors.add(login, "admin"), table_of(Credential)
    with work(system("tests")) as w:
        sealed = keyring().seal(base64.b32encode(b"x" * 20).decode(), "credential.second")
        w.db.execute(update(table).where(table.c.person_id == ada.person_id).values(second=sealed))
    return ada


def acting(who: visitors.Visitor, permission: str = "people.write") -> Any:
    found = sign_in.identify(who.cookie, door="page")
    assert found is not None
    return found.actor(permission)


def roles(person_id: int) -> set[str]:
    with reading(system("tests")) as w:
        return {role for role, _ in grants_of(w.db, person_id)}


@pytest.mark.parametrize("state", list(RequestState))
@pytest.mark.parametrize("move", list(RequestMove))
def test_only_what_waits_is_decided(state: RequestState, move: RequestMove) -> None:
    assert (move in REQUEST.moves(state)) is (state is RequestState.ASKED)


@pytest.mark.parametrize("state", list(EmergencyState))
@pytest.mark.parametrize("move", list(EmergencyMove))
def test_an_emergency_is_judged_once(state: EmergencyState, move: EmergencyMove) -> None:
    assert (move in EMERGENCY.moves(state)) is (state is EmergencyState.UNREVIEWED)


def test_a_role_that_moves_money_takes_another_administrator(house: Any) -> None:
    ada, abe, nina = admin("ada"), admin("abe"), visitors.add("nina")
    with work(acting(ada)) as w, pytest.raises(NotAllowed, match="two administrators"):
        service.grant(w, "nina", "refund_approver")
    with work(acting(ada)) as w:
        asked = service_roles.ask_role(w, "nina", "refund_approver", reason="Joins the team.")
    for who, error in ((ada, NotAllowed), (abe, None)):
        with work(acting(who)) as w:
            if error:
                with pytest.raises(error, match="Another administrator"):
                    service_roles.decide(w, asked, RequestMove.GIVE, version=1)
            else:
                assert roles(nina.person_id) == set()
                service_roles.decide(w, asked, RequestMove.GIVE, version=1)
    assert roles(nina.person_id) == {"refund_approver"}
    assert sign_in.identify(nina.cookie, door="page") is None  # a role change ends sessions (A5)


def test_nobody_gives_themselves_a_role_they_had_somebody_ask_for(house: Any) -> None:
    ada, abe = admin("ada"), admin("abe")
    with work(acting(ada)) as w:
        with pytest.raises(Refused, match="cannot be held together"):
            service_roles.ask_role(w, "abe", "treasury", reason="Wants it.")
        asked = service_roles.ask_role(w, "abe", "operator", reason="Wants it.")
    with work(acting(abe)) as w, pytest.raises(NotAllowed):
        service_roles.decide(w, asked, RequestMove.GIVE, version=1)


def test_a_role_is_not_asked_for_twice_and_can_be_withdrawn(house: Any) -> None:
    sue, ada = visitors.add("sue", "supervisor"), admin("ada")
    visitors.add("nina")
    with work(acting(sue, "people.request")) as w:
        asked = service_roles.ask_role(w, "nina", "clerk", reason="Starts on Monday.")
        with pytest.raises(Refused, match="already"):
            service_roles.ask_role(w, "nina", "clerk", reason="Starts on Monday.")
    with work(acting(ada)) as w, pytest.raises(NotAllowed, match="Only who asked"):
        service_roles.decide(w, asked, RequestMove.WITHDRAW, version=1)
    with work(acting(sue, "people.request")) as w:
        service_roles.decide(w, asked, RequestMove.WITHDRAW, version=1)
        assert queries_sessions.role_requests(w) == []


def test_a_quarter_is_signed_once_by_each_and_keeps_what_was_seen(house: Any) -> None:
    cora = visitors.add("cora", "compliance")
    with work(acting(cora, "people.review")) as w:
        service_roles.sign_review(w, remark="Nina may go.")
    with work(acting(cora, "people.review")) as w, pytest.raises(NotAllowed):
        service_roles.sign_review(w, remark="")
    visitors.add("late", "clerk")
    with reading(acting(cora, "people.read")) as w:
        kept = queries_sessions.reviews(w)[0]
    assert (kept.people, kept.signed_by, kept.remark) == (1, "Cora", "Nina may go.")
    assert "late" not in kept.content and "compliance" in kept.content
    assert re.fullmatch(r"20\d\dQ[1-4]", kept.quarter)


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


def post(client: FlaskClient, address: str, **form: str) -> Any:
    token = visitors.form_token(client, "/people/requests")
    return client.post(address, data={"csrf_token": token, **form})


@ONE_DATABASE
def test_asking_giving_and_refusing_on_the_pages(app: Flask) -> None:
    visitors.add("nina")
    first, second = admin("ada").browser(app), admin("abe").browser(app)
    page = "/people/requests"
    assert post(first, page, login="nina", role="treasury", reason="").status_code == 422
    assert post(first, page, login="nina", role="treasury", reason="Joins.").status_code == 303
    assert "Withdraw" in first.get(page).get_data(as_text=True)
    found = re.search(
        r'action="(/people/requests/[0-9a-f]{20}/give)"', second.get(page).get_data(as_text=True)
    )
    assert found
    assert post(first, found[1], version="1").status_code == 409
    assert post(second, found[1], version="7").status_code == 409
    assert post(second, found[1], version="1").status_code == 303
    assert "by Abe" in second.get(page).get_data(as_text=True)


@ONE_DATABASE
def test_the_table_of_rights_and_the_review_are_pages(app: Flask) -> None:
    browser = visitors.add("cora", "compliance").browser(app)
    page = browser.get("/people/matrix").get_data(as_text=True)
    assert "refunds.release" in page and "Whoever gives rights does not touch money." in page
    assert browser.get("/people/matrix?format=csv").mimetype == "text/csv"
    form = {"csrf_token": visitors.form_token(browser, "/people/review"), "remark": "All well."}
    assert browser.post("/people/review", data=form).status_code == 303
    assert "by Cora" in browser.get("/people/review").get_data(as_text=True)


@ONE_DATABASE
def test_an_administrator_sees_sessions_ends_them_and_keeps_a_fingerprint_of_home(app: Flask) -> None:
    ada, nina = admin("ada").browser(app), visitors.add("nina", "clerk")
    with reading(system("tests")) as w:
        page = "/people/" + next(one.public_id for one in queries.people(w) if one.login == "nina")
    assert "Signed in now" in ada.get(page).get_data(as_text=True)
    assert post(ada, page + "/home", street="1 Main St", zip="68101").status_code == 303
    assert post(ada, page + "/sign-out").status_code == 303
    assert nina.browser(app).get("/account").status_code == 303
