"""Coming in through an identity provider: only as who linked it, only with an answer that is right."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import service, sign_in
from app.access.queries import Identity
from app.access.rules_providers import read_providers
from app.kernel.errors import Refused
from app.kernel.settings import settings
from app.kernel.work import system, work
from app.web.application import make_app
from app.web.gate import cookie_name
from tests.app.access.idp import Idp, provider
from tests.policy import visitors

HERE = "http://localhost"


@pytest.fixture
def idp(house: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Idp]:
    with provider() as made:
        monkeypatch.setenv("RECLAIM_IDENTITY_PROVIDERS", made.settings)
        monkeypatch.setenv("RECLAIM_ORIGIN", HERE)
        settings.cache_clear()
        yield made


@pytest.fixture
def app(idp: Idp) -> Flask:
    return make_app()


def travel(client: FlaskClient, idp: Idp, start: str = "/sign-in/with/okta", **changed: str) -> Any:
    """Go to the provider, sign in there, come back; changed: what the way back is made to say instead."""
    there = client.get(start)
    assert there.status_code == 303 and there.headers["Location"].startswith(idp.url)
    back = idp.authorize(there.headers["Location"]) | changed
    return client.get("/sign-in/with/okta/back", query_string=back)


def who(client: FlaskClient) -> Identity | None:
    cookie = client.get_cookie(cookie_name())
    return sign_in.identify(cookie.value, door="page") if cookie else None


def linked(app: Flask, idp: Idp, login: str = "nina", role: str = "manager") -> FlaskClient:
    """A browser of somebody who linked the provider."""
    browser = visitors.add(login, role).browser(app)
    assert travel(browser, idp, "/account/link/okta").headers["Location"] == "/account/link"
    page = browser.get("/account/link").get_data(as_text=True)
    assert "Nina Klein" in page
    token = visitors.form_token(browser, "/account/link")
    assert browser.post("/account/link", data={"csrf_token": token}).status_code == 303
    return browser


def test_who_linked_it_comes_in_and_a_stranger_does_not(app: Flask, idp: Idp) -> None:
    linked(app, idp)
    assert travel(app.test_client(), idp).status_code == 303
    idp.subject = "somebody-else"
    answer = travel(app.test_client(), idp)
    assert answer.status_code == 401 and "not linked" in answer.get_data(as_text=True)


def test_one_proof_at_the_provider_is_one_proof_here(app: Flask, idp: Idp) -> None:
    linked(app, idp)
    once, twice = app.test_client(), app.test_client()
    travel(once, idp)
    idp.amr = ["pwd", "otp", "mfa"]
    travel(twice, idp)
    first, second = who(once), who(twice)
    assert first and second and first.may("refunds.read")
    assert not first.may("refunds.approve") and second.may("refunds.approve")


@pytest.mark.parametrize(
    "wrong",
    [{"nonce": "x"}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": None},
     {"aud": ["reclaim", "another"]}, {"azp": "another"}],
)  # fmt: skip
def test_a_token_that_is_not_exactly_right_opens_nothing(app: Flask, idp: Idp, wrong: dict[str, Any]) -> None:
    linked(app, idp)
    idp.wrong = wrong
    client = app.test_client()
    assert travel(client, idp).status_code == 401
    assert who(client) is None


def test_a_token_signed_by_somebody_else_opens_nothing(app: Flask, idp: Idp) -> None:
    linked(app, idp)
    idp.sign_with_other = True
    assert travel(app.test_client(), idp).status_code == 401


def test_an_answer_works_once_and_only_in_the_browser_that_asked(app: Flask, idp: Idp) -> None:
    linked(app, idp)
    client = app.test_client()
    there = client.get("/sign-in/with/okta").headers["Location"]
    back = idp.authorize(there)
    assert app.test_client().get("/sign-in/with/okta/back", query_string=back).status_code == 401
    kept = client.get_cookie("reclaim_form")
    assert kept and client.get("/sign-in/with/okta/back", query_string=back).status_code == 303
    client.set_cookie("reclaim_form", kept.value)  # the sealed journey once more, with a fresh code
    assert client.get("/sign-in/with/okta/back", query_string=back | idp.authorize(there)).status_code == 401
    assert travel(app.test_client(), idp, state="other").status_code == 401


def test_a_closed_account_stays_closed_and_a_link_is_nobodys_twice(app: Flask, idp: Idp) -> None:
    linked(app, idp)
    with work(system("tests")) as w:
        service.disable(w, "nina")
    assert travel(app.test_client(), idp).status_code == 401
    browser = visitors.add("otto", "clerk").browser(app)
    travel(browser, idp, "/account/link/okta")
    form = {"csrf_token": visitors.form_token(browser, "/account/link")}
    assert browser.post("/account/link", data=form).status_code == 422


def test_a_newcomer_gets_an_account_without_a_role_only_where_that_is_wanted(
    app: Flask, idp: Idp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert travel(app.test_client(), idp).status_code == 401
    monkeypatch.setenv("RECLAIM_NEWCOMERS", "true")
    settings.cache_clear()
    client = app.test_client()
    assert travel(client, idp).status_code == 303
    found = who(client)
    assert found and (found.login, found.roles, found.must_change) == ("nina.klein", frozenset(), False)


def test_signing_out_offers_to_sign_out_there_too(app: Flask, idp: Idp) -> None:
    linked(app, idp)
    client = app.test_client()
    travel(client, idp)
    form = {"csrf_token": visitors.form_token(client, "/password")}
    left = client.post("/sign-out", data=form).headers["Location"]
    assert "Sign out of Okta too" in client.get(left).get_data(as_text=True)
    assert client.get("/sign-in/with/okta/leave").headers["Location"].startswith(f"{idp.url}/leave?")


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '[{"name": "Bad Name"}]', '[{"name": "a", "issuer": "http://idp.example", "client_id": "c"}]',
     '[{"name": "a", "issuer": "https://idp.example", "client_id": ""}]'],
)  # fmt: skip
def test_providers_that_make_no_sense_are_refused_without_their_secrets(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_providers(text)
    assert "secret" not in refused.value.message
