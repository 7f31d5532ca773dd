"""Coming in, staying in, being shown out (A5, A6)."""

import base64
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.access import service, service_factors, service_tokens, sign_in
from app.access.models import ApiToken, Credential, Person, Session
from app.access.queries import Identity, person_by_login
from app.access.rules import one_time_code
from app.audit.models import AuditEvent
from app.kernel.clock import now
from app.kernel.db import engine, table_of
from app.kernel.errors import Refused
from app.kernel.work import system, work
from tests.policy import visitors
from tests.policy.visitors import PASSWORD

NEW = "a different sentence altogether"  # pragma: allowlist secret - opens nothing but tests


@pytest.fixture
def nina(house: Any) -> str:
    with work(system("tests")) as w:
        service.add_person(w, "nina", "Nina", roles=["clerk"])
        visitors.own_password(w, "nina")
    return "nina"


def come_in(login: str, password: str = PASSWORD, **more: Any) -> Identity:
    found = sign_in.identify(sign_in.sign_in(login, password, **more).token, door="page")
    assert found is not None
    return found


def still_in(token: str) -> bool:
    return sign_in.identify(token, door="page") is not None


def test_who_knows_the_password_comes_in(nina: str) -> None:
    found = come_in("NINA ")
    assert (found.login, found.roles, found.must_change) == ("nina", frozenset({"clerk"}), False)


def test_only_the_hash_of_a_token_is_kept(nina: str) -> None:
    token = sign_in.sign_in(nina, PASSWORD).token
    bearer = service_tokens.issue_token(nina, PASSWORD).token
    with engine().connect() as db:
        kept = [str(row) for model in (Session, ApiToken) for row in db.execute(select(table_of(model)))]
    assert len(kept) == 2
    assert not any(secret in row for row in kept for secret in (token, bearer))


@pytest.mark.parametrize("way", ["idle", "longest", "sign_out", "password", "role", "disabled"])
def test_a_session_ends_at_the_next_request(nina: str, way: str) -> None:
    token = sign_in.sign_in(nina, PASSWORD).token
    who = sign_in.identify(token, door="page")
    assert who is not None
    with time_machine.travel(now(), tick=False) as clock:
        if way == "idle":
            clock.shift(timedelta(minutes=15, seconds=1))
        elif way == "longest":
            for _ in range(12 * 6):
                assert still_in(token)
                clock.shift(timedelta(minutes=10, seconds=1))
        elif way == "sign_out":
            sign_in.sign_out(who)
        elif way == "password":
            sign_in.change_password(who, PASSWORD, NEW)
        else:
            with work(system("tests")) as w:
                service.grant(w, nina, "supervisor") if way == "role" else service.disable(w, nina)
        assert not still_in(token)


def test_a_click_every_ten_minutes_keeps_a_session(nina: str) -> None:
    token = sign_in.sign_in(nina, PASSWORD).token
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(6):
            clock.shift(timedelta(minutes=10))
            assert still_in(token)


def test_a_page_that_asks_by_itself_does_not_keep_a_session(nina: str) -> None:
    token = sign_in.sign_in(nina, PASSWORD).token
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(15):
            clock.shift(timedelta(minutes=1))
            sign_in.identify(token, door="page", extend=False)
        clock.shift(timedelta(seconds=1))
        assert not still_in(token)


def test_a_bearer_token_ends_after_an_hour_and_opens_no_page(nina: str) -> None:
    token = service_tokens.issue_token(nina, PASSWORD).token
    assert sign_in.identify(token, door="page") is None
    with time_machine.travel(now(), tick=False) as clock:
        clock.shift(timedelta(minutes=59))
        assert sign_in.identify(token, door="api") is not None
        clock.shift(timedelta(minutes=2))
        assert sign_in.identify(token, door="api") is None


@pytest.mark.parametrize("login", ["nina", "nobody"])
def test_guessing_is_slowed_after_ten_and_stopped_before_a_hundred(nina: str, login: str) -> None:
    """The same answers for an account that exists and one that does not."""
    looked_at, waits = 0, []
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(2_000):
            try:
                sign_in.sign_in(login, "wrong", address=f"10.0.0.{looked_at % 200}")
            except sign_in.NotSignedIn as problem:
                looked_at += 1
                assert problem.message == "That login, password or code is not right."
            except sign_in.TooManyGuesses as problem:
                waits.append((looked_at, problem.retry_after))
                clock.shift(timedelta(seconds=problem.retry_after))
                if problem.retry_after >= 86_400:
                    break
        assert waits[0] == (10, 2)
        assert looked_at < 100
        clock.shift(timedelta(days=30))
        with pytest.raises(sign_in.TooManyGuesses):
            sign_in.sign_in(login, PASSWORD)


def test_the_hash_of_nobody_costs_what_a_real_one_costs(nina: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work either way: timing tells nothing."""
    with engine().connect() as db:
        real = db.execute(select(table_of(Credential).c.password)).scalar_one()
    assert real.split("$")[:4] == sign_in.hash_of_nobody().split("$")[:4]


def test_fifty_guesses_at_once_are_counted_one_by_one(nina: str) -> None:
    looked_at, lock = [], threading.Lock()

    def guess() -> None:
        try:
            sign_in.sign_in(nina, "wrong")
        except sign_in.NotSignedIn:
            with lock:
                looked_at.append(1)
        except sign_in.TooManyGuesses:
            return

    threads = [threading.Thread(target=guess) for _ in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(looked_at) <= 12


def test_a_right_password_takes_the_misses_back(nina: str) -> None:
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(sign_in.NotSignedIn):
                sign_in.sign_in(nina, "wrong")
        come_in(nina)


def test_an_administrator_unlocks(nina: str) -> None:
    for _ in range(10):
        with pytest.raises(sign_in.NotSignedIn):
            sign_in.sign_in(nina, "wrong")
    with pytest.raises(sign_in.TooManyGuesses):
        sign_in.sign_in(nina, PASSWORD)
    with work(system("tests")) as w:
        service.unlock(w, nina)
    come_in(nina)


def test_the_first_password_works_three_days_and_must_be_changed(house: Any) -> None:
    with work(system("tests")) as w:
        made = service.add_person(w, "omar", "Omar", roles=["clerk"])
    who = come_in("omar", made.one_time_password)
    assert who.must_change
    with pytest.raises(Refused, match="own password"):
        service_tokens.issue_token("omar", made.one_time_password)
    token = sign_in.change_password(who, made.one_time_password, NEW).token
    after = sign_in.identify(token, door="page")
    assert after is not None and not after.must_change
    with work(system("tests")) as w:
        again = service.reset_password(w, "omar")
    with time_machine.travel(now() + timedelta(hours=73)), pytest.raises(sign_in.NotSignedIn):
        sign_in.sign_in("omar", again)


def test_an_approver_without_a_second_factor_approves_nothing(house: Any) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "mia", "Mia", roles=["manager"])
        visitors.own_password(w, "mia")
    who = come_in("mia")
    assert who.may("refunds.read")
    assert not who.may("refunds.approve")
    secret = service_factors.new_second_factor()
    with pytest.raises(Refused, match="not right"):
        service_factors.add_second_factor(who, secret, "000000 ")
    token = service_factors.add_second_factor(who, secret, code_of(secret)).token
    after = sign_in.identify(token, door="page")
    assert after is not None and after.may("refunds.approve")


def code_of(secret: str) -> str:
    return one_time_code(base64.b32decode(secret), int(now().timestamp()) // 30)


def test_a_code_is_asked_for_and_works_once(nina: str) -> None:
    secret = service_factors.new_second_factor()
    with time_machine.travel(now(), tick=False) as clock:
        service_factors.add_second_factor(come_in(nina), secret, code_of(secret))
        clock.shift(timedelta(seconds=30))
        for wrong in ("", "12345", "not a code"):
            with pytest.raises(sign_in.NotSignedIn):
                sign_in.sign_in(nina, PASSWORD, code=wrong)
        come_in(nina, code=code_of(secret))
        with pytest.raises(sign_in.NotSignedIn):
            sign_in.sign_in(nina, PASSWORD, code=code_of(secret))


def test_the_second_factor_is_sealed_in_the_database(nina: str) -> None:
    secret = service_factors.new_second_factor()
    service_factors.add_second_factor(come_in(nina), secret, code_of(secret))
    with engine().connect() as db:
        kept = bytes(db.execute(select(table_of(Credential).c.second)).scalar_one())
    assert secret.encode() not in kept and base64.b32decode(secret) not in kept


def test_the_published_codes_of_rfc_6238_come_out() -> None:
    key = b"12345678901234567890"
    moments = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {second: one_time_code(key, second // 30) for second in moments} == moments


def test_a_service_has_no_session_and_a_disabled_person_nothing(house: Any) -> None:
    with work(system("tests")) as w:
        service.add_person(w, "robot", "Robot", roles=["integration"], kind="service")
        service.add_person(w, "otto", "Otto", roles=["clerk"])
        for login in ("robot", "otto"):
            visitors.own_password(w, login)
        service.disable(w, "otto")
    with pytest.raises(sign_in.NotSignedIn):
        sign_in.sign_in("robot", PASSWORD)
    assert sign_in.identify(service_tokens.issue_token("robot", PASSWORD).token, door="api") is not None
    with pytest.raises(sign_in.NotSignedIn):
        sign_in.sign_in("otto", PASSWORD)


def test_coming_in_going_out_and_missing_are_in_the_trail(nina: str) -> None:
    sign_in.sign_out(come_in(nina))
    with pytest.raises(sign_in.NotSignedIn):
        sign_in.sign_in("nobody", "wrong")
    events = table_of(AuditEvent)
    with engine().connect() as db:
        rows = db.execute(
            select(events.c.type, events.c.outcome).order_by(events.c.seq.desc()).limit(3)
        ).all()
        told = " ".join(str(row) for row in db.execute(select(events)))
    assert [tuple(row) for row in rows] == [("sign_in", 4), ("sign_out", 0), ("sign_in", 0)]
    assert "nobody" not in told  # a mistyped login is often a password


def test_a_person_changed_meanwhile_is_not_changed_again(nina: str) -> None:
    """The version of the row decides, not who asks first (C6)."""
    people = table_of(Person)
    with pytest.raises(Refused), work(system("tests")) as w:
        person_id, version, _ = person_by_login(w, nina)
        w.db.execute(update(people).where(people.c.id == person_id).values(version=version + 1))
        service._touch(w, person_id, version)
