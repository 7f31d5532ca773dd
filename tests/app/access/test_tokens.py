"""Tokens for programs: refreshed by what works once; recovery codes; sessions one can end; replayed
cookies.
"""

from datetime import timedelta
from hashlib import sha1
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.access import service, service_factors, service_tokens, sign_in
from app.access.service_passwords import leaked
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.work import system, work
from app.web.application import make_app
from app.web.gate import cookie_name
from tests.app.access.test_sign_in import code_of, come_in
from tests.policy import visitors
from tests.policy.visitors import PASSWORD

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def nina(house: Any) -> str:
    visitors.add("nina", "clerk")
    return "nina"


def alive(token: str) -> bool:
    return sign_in.identify(token, door="api") is not None


def test_a_refresh_token_brings_the_next_pair_and_ends_the_last(nina: str) -> None:
    first = service_tokens.issue_token(nina, PASSWORD)
    second = service_tokens.refresh_token(first.refresh)
    assert (alive(first.token), alive(second.token)) == (False, True)
    assert second.refresh_ends_at == first.refresh_ends_at


def test_a_refresh_token_used_twice_ends_all_of_its_family(nina: str) -> None:
    first, other = (service_tokens.issue_token(nina, PASSWORD) for _ in range(2))
    second = service_tokens.refresh_token(first.refresh)
    with pytest.raises(sign_in.NotSignedIn):
        service_tokens.refresh_token(first.refresh)
    assert not alive(second.token) and alive(other.token)
    with pytest.raises(sign_in.NotSignedIn):
        service_tokens.refresh_token(second.refresh)


def test_refreshing_goes_on_for_twelve_hours_and_no_longer(nina: str) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        issued = service_tokens.issue_token(nina, PASSWORD)
        for _ in range(12):
            clock.shift(timedelta(minutes=59))
            issued = service_tokens.refresh_token(issued.refresh)
        clock.shift(timedelta(minutes=13))
        assert not alive(issued.token)
        with pytest.raises(sign_in.NotSignedIn):
            service_tokens.refresh_token(issued.refresh)


@pytest.mark.parametrize("way", ["role", "disabled", "password"])
def test_what_ends_sessions_ends_refreshing_too(nina: str, way: str) -> None:
    issued = service_tokens.issue_token(nina, PASSWORD)
    if way == "password":
        sign_in.change_password(come_in(nina), PASSWORD, "a different sentence altogether")
    else:
        with work(system("tests")) as w:
            service.grant(w, nina, "supervisor") if way == "role" else service.disable(w, nina)
    assert not alive(issued.token)
    with pytest.raises(sign_in.NotSignedIn):
        service_tokens.refresh_token(issued.refresh)


def test_a_program_takes_only_the_rights_it_needs(nina: str) -> None:
    issued = service_tokens.issue_token(nina, PASSWORD, rights="claims.read no.such.right people.write")
    for token in (issued.token, service_tokens.refresh_token(issued.refresh).token):
        found = sign_in.identify(token, door="api")
        if found is not None:
            assert found.may("claims.read")
            assert not found.may("files.import") and not found.may("people.write")


def test_a_recovery_code_works_once_and_guesses_are_counted(nina: str) -> None:
    secret = service_factors.new_second_factor()
    with time_machine.travel(now(), tick=False) as clock:
        token = service_factors.add_second_factor(come_in(nina), secret, code_of(secret)).token
        who = sign_in.identify(token, door="page")
        assert who is not None
        codes = service_factors.new_recovery_codes(who)
        assert len(set(codes)) == 10
        clock.shift(timedelta(minutes=1))
        assert come_in(nina, code=codes[3].upper()).second_factor
        with pytest.raises(sign_in.NotSignedIn):
            sign_in.sign_in(nina, PASSWORD, code=codes[3])
        old = codes
        codes = service_factors.new_recovery_codes(who)
        with pytest.raises(sign_in.NotSignedIn):
            sign_in.sign_in(nina, PASSWORD, code=old[0])
        for _ in range(8):
            with pytest.raises(sign_in.NotSignedIn):
                sign_in.sign_in(nina, PASSWORD, code="aaaaa-aaaaa")
        with pytest.raises(sign_in.TooManyGuesses):
            sign_in.sign_in(nina, PASSWORD, code=codes[0])


def test_many_honest_sign_ins_from_one_address_lock_nobody_out(nina: str) -> None:
    for _ in range(305):
        sign_in.count_guess("s" * 32, "10.0.0.9")
        sign_in.forgive("s" * 32, "10.0.0.9")
    come_in(nina, address="10.0.0.9")


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


@ONE_DATABASE
def test_one_sees_where_one_is_signed_in_and_ends_it_there(app: Flask) -> None:
    kim = visitors.add("kim", "clerk")
    here, there = kim.browser(app), app.test_client()
    form = {"csrf_token": visitors.form_token(there), "login": "kim", "password": PASSWORD}
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/145.0"}
    there.post("/sign-in", data=form, headers=agent)
    page = here.get("/account").get_data(as_text=True)
    assert "Firefox on Windows" in page and page.count('/end"') == 2  # the other browser, and the token
    cookie = there.get_cookie(cookie_name())
    assert cookie is not None
    handle = sign_in.hash_token(cookie.value)[:20]
    token = visitors.form_token(here, "/account")
    assert here.post(f"/account/sessions/{handle}/end", data={"csrf_token": token}).status_code == 303
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200
    answer = app.test_client().get("/api/v1/me/sessions", headers=kim.bearer).get_json()
    assert [one["kind"] for one in answer if one["here"]] == ["token"]
    own = next(one["id"] for one in answer if one["here"])
    assert app.test_client().delete(f"/api/v1/me/sessions/{own}", headers=kim.bearer).status_code == 204
    assert app.test_client().get("/api/v1/me", headers=kim.bearer).status_code == 401


@ONE_DATABASE
def test_nobody_ends_somebody_elses_session(app: Flask) -> None:
    kim, eve = visitors.add("kim", "clerk"), visitors.add("eve", "clerk")
    browser = eve.browser(app)
    form = {"csrf_token": visitors.form_token(browser, "/account")}
    handle = sign_in.hash_token(kim.cookie)[:20]
    assert browser.post(f"/account/sessions/{handle}/end", data=form).status_code == 404
    assert kim.browser(app).get("/account").status_code == 200


@ONE_DATABASE
def test_a_cookie_replayed_after_signing_out_opens_nothing(app: Flask) -> None:
    kim = visitors.add("kim", "clerk")
    browser = kim.browser(app)
    browser.post("/sign-out", data={"csrf_token": visitors.form_token(browser, "/password")})
    assert kim.browser(app).get("/account").status_code == 303


def test_a_leaked_password_is_refused_by_the_sites_own_list(
    nina: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    known = [f"password number {number} of many" for number in range(200)]
    lines = sorted(sha1(one.encode(), usedforsecurity=False).hexdigest().upper() + ":7" for one in known)
    place = tmp_path / "leaked.txt"
    place.write_text("\r\n".join(lines) + "\r\n")
    assert all(leaked(place, one) for one in known)
    assert not any(leaked(place, f"another {one}") for one in known)
    assert not leaked(place, "")
    with pytest.raises(Refused):
        sign_in.change_password(come_in(nina), PASSWORD, "short")
