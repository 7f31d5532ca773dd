"""Every route, command and job against every role: one table decides, and the product obeys it (A1)."""

from typing import Any

import click
import pytest
from flask import Flask

from app.access import cli as access_cli
from app.access import rules
from app.access.rules import PUBLIC, ROLES, SHELL, SIGNED_IN, SYSTEM, Policy, policy, undeclared
from app.cli import main
from app.kernel.errors import NotPermitted, Refused
from app.web.application import make_app, routes
from app.worker import table
from tests.policy import visitors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
GOES_AWAY = {"POST web.sign_out", "DELETE access_api.Token"}
"""Routes that end the visit itself: knocked on last."""


@pytest.fixture
def app(house: Any) -> Flask:
    return make_app()


@ONE_DATABASE
def test_every_route_command_and_job_has_its_row_and_every_row_its_door(app: Flask) -> None:
    present = routes(app)
    commands = access_cli.commands(main)
    jobs = [kind for kind in table("HANDLERS") if not kind.startswith("test.")]  # a job of the kill tests
    assert undeclared(pages=present["page"], apis=present["api"], commands=commands, tasks=jobs) == []


@ONE_DATABASE
@pytest.mark.parametrize("change", ["missing", "extra"])
def test_the_application_does_not_start_with_an_undeclared_route(
    house: Any, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    doors = dict(policy().doors)
    if change == "missing":
        del doors["page", "GET web.home"]
    else:
        doors["page", "GET web.back_door"] = PUBLIC
    changed = Policy(doors, policy().rights, policy().guarded)
    monkeypatch.setattr(rules, "policy", lambda: changed)
    with pytest.raises(Refused, match=r"GET web\.(home has no row|back_door has a row)"):
        make_app()


@ONE_DATABASE
@pytest.mark.parametrize("role", [*ROLES, None])
def test_each_role_passes_exactly_the_doors_the_table_gives_it(app: Flask, role: str | None) -> None:
    """A door that lets pass may answer 400, 404, 409 or 422 to a request with nothing in it, but not 401 or
    403.
    """
    visitor = visitors.add(f"the-{role}", *([role] if role else []))
    wrong = []
    for door, name, address in sorted(visitors.addresses(app), key=lambda one: one[1] in GOES_AWAY):
        status = visitors.knock(app, visitor, door, name, address).status_code
        asked = policy().permission(door, name)
        allowed = asked in (PUBLIC, SIGNED_IN) or (role is not None and policy().allows(role, door, name))
        guarded = asked in policy().guarded  # nobody here has proved a second factor
        if (
            (status == 403) is (allowed and not guarded)
            or (status == 401 and asked != PUBLIC)
            or status >= 500
        ):
            wrong.append((door, name, status, "allowed" if allowed else "not allowed"))
    assert wrong == []


@ONE_DATABASE
def test_nobody_passes_no_door_but_the_public_ones(app: Flask) -> None:
    wrong = []
    for door, name, address in visitors.addresses(app):
        answer = visitors.knock(app, None, door, name, address)
        public = policy().permission(door, name) == PUBLIC
        to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
        turned_away = answer.status_code == 401 if door == "api" else to_sign_in
        if public is turned_away and not (public and name == "POST web.sign_in"):
            wrong.append((name, answer.status_code))
    assert wrong == []


@ONE_DATABASE
def test_a_cookie_opens_no_api_and_a_token_no_page(app: Flask) -> None:
    kim = visitors.add("kim", "auditor")
    browser = kim.browser(app)
    assert browser.get("/api/v1/me").status_code == 401
    assert app.test_client().get("/", headers=kim.bearer).status_code == 303
    assert app.test_client().get("/api/v1/me", headers=kim.bearer).status_code == 200
    for header in ("Bearer", "Bearer ", "Basic a2ltOmtpbQ==", "Bearer " + "x" * 5_000, kim.token):
        assert app.test_client().get("/api/v1/me", headers={"Authorization": header}).status_code == 401


def test_a_command_the_table_does_not_give_to_the_shell_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.group()
    def root() -> None:
        pass

    @root.command("approve-everything")
    def approve() -> None:
        access_cli.shell()

    with pytest.raises(NotPermitted):
        root.main(["approve-everything"], standalone_mode=False)


def test_commands_ask_for_what_the_shell_holds_and_jobs_for_nothing_a_person_has() -> None:
    for (door, name), asked in policy().doors.items():
        if door == "command":
            assert asked == SYSTEM or SHELL in policy().rights[asked], name
        if door == "task":
            assert asked == SYSTEM, name
