"""The screen People, by an administrator who proved a second factor."""

import base64
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.access import service, sign_in
from app.access.models import Credential
from app.access.queries import EVERY_ENTITY, person_by_login, public_id_of
from app.entities import service as entity_service
from app.entities.rules import Identifier
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.work import reading, system, work
from app.web.application import make_app
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    ada = visitors.add("ada", "admin")
    table = table_of(Credential)
    with work(system("tests")) as w:
        sealed = keyring().seal(base64.b32encode(b"x" * 20).decode(), "credential.second")
        w.db.execute(update(table).where(table.c.person_id == ada.person_id).values(second=sealed))
    return ada.browser(app)


def post(client: FlaskClient, address: str, **form: str) -> Any:
    return client.post(address, data={"csrf_token": visitors.form_token(client, "/people/new"), **form})


def address_of(login: str) -> str:
    with reading(system("tests")) as w:
        return "/people/" + public_id_of(w.db, person_by_login(w, login)[0])


@ONE_DATABASE
def test_a_person_is_added_and_their_password_shown_once(admin: FlaskClient) -> None:
    made = post(admin, "/people/new", name="Nina", login="nina", role="clerk")
    found = re.search(r"<code>([a-z0-9-]{19})</code>", made.get_data(as_text=True))
    assert found
    assert sign_in.sign_in("nina", found.group(1)).token
    assert "Nina" in admin.get("/people/").get_data(as_text=True)


@ONE_DATABASE
def test_what_is_wrong_is_said_beside_the_field(admin: FlaskClient) -> None:
    answer = post(admin, "/people/new", name="Nina", login="no login", role="")
    assert answer.status_code == 422
    assert 'id="e-login"' in answer.get_data(as_text=True)
    assert post(admin, "/people/new", name="N", login="nn", entity="f" * 20).status_code == 422


@ONE_DATABASE
def test_roles_are_given_at_an_entity_and_taken_back(admin: FlaskClient) -> None:
    with work(system("tests")) as w:
        clinic = entity_service.add(w, "Example Clinic", [Identifier("npi", "1003000126")])
        service.add_person(w, "nina", "Nina")
    page = address_of("nina")
    assert post(admin, page + "/grant", role="clerk", entity=clinic.public_id).status_code == 303
    assert "at Example Clinic" in admin.get(page).get_data(as_text=True)
    post(admin, page + "/grant", role="refund_preparer")
    assert "cannot be held together" in admin.get(page).get_data(as_text=True)
    post(admin, page + "/revoke", role="clerk", entity=clinic.public_id)
    assert "No role yet" in admin.get(page).get_data(as_text=True)


@ONE_DATABASE
def test_an_account_is_closed_opened_unlocked_and_given_a_new_password(admin: FlaskClient) -> None:
    visitors.add("nina", "clerk")
    page = address_of("nina")
    for verb, state in (("disable", "disabled"), ("enable", "active"), ("unlock", "active")):
        assert post(admin, f"{page}/{verb}").status_code == 303
        assert f">{state}</span>" in admin.get(page).get_data(as_text=True)
    assert re.search(r"<code>[a-z0-9-]{19}</code>", post(admin, page + "/reset").get_data(as_text=True))
    assert post(admin, address_of("ada") + "/disable").status_code == 409


@ONE_DATABASE
def test_the_access_review_is_a_file(admin: FlaskClient, app: Flask) -> None:
    ann = visitors.add("ann", "auditor").browser(app)
    answer = ann.get("/people/?format=csv")
    assert answer.mimetype == "text/csv"
    assert "auditor" in answer.get_data(as_text=True)


@ONE_DATABASE
def test_an_administrator_without_a_second_factor_is_told_how_to_get_one(app: Flask) -> None:
    page = visitors.add("abe", "admin").browser(app).get("/people/").get_data(as_text=True)
    assert "/second-factor" in page and "Add a person" not in page


@ONE_DATABASE
def test_a_role_at_an_entity_is_named_in_words(admin: FlaskClient) -> None:
    visitors.add("nina", "clerk", entity_id=EVERY_ENTITY)
    visitors.add("otto", "denial_specialist", entity_id=99)
    page = admin.get("/people/").get_data(as_text=True)
    assert "denial specialist at ?" in page
