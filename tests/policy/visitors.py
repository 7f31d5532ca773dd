"""People at the doors of a test: signed in with any roles, through a browser or with a token, no password
typed.
"""

from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.access import service, sign_in
from app.access.models import Credential
from app.access.queries import EVERY_ENTITY, person_by_login
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.web.application import routes
from app.web.gate import cookie_name

# 150 ms a password is meant for guessers, not for tests; a hash carries its own cost, so both kinds are
# understood.
service.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

PASSWORD = "correct horse battery staple"  # pragma: allowlist secret - opens nothing but tests
NO_SUCH_ID = "0" * 20


@dataclass(frozen=True)
class Visitor:
    """Somebody with a session and a token."""

    login: str
    person_id: int
    cookie: str
    token: str

    def browser(self, app: Flask) -> FlaskClient:
        """A browser with this person's session."""
        client = app.test_client()
        client.set_cookie(cookie_name(), self.cookie, domain="localhost")
        return client

    @property
    def bearer(self) -> dict[str, str]:
        """The header of an API request."""
        return {"Authorization": f"Bearer {self.token}"}


def add(login: str, *roles: str, entity_id: int = EVERY_ENTITY) -> Visitor:
    """A person who chose a password already and is signed in."""
    with work(system("tests")) as w:
        service.add_person(w, login, login.title(), roles=roles, entity_id=entity_id)
        own_password(w, login)
        person_id = person_by_login(w, login)[0]
        cookie = sign_in._open_session(w, person_id, "").token
        token = sign_in._open_token(w, person_id).token
    return Visitor(login, person_id, cookie, token)


def own_password(w: Any, login: str, password: str = PASSWORD) -> None:
    """Let somebody have chosen a password."""
    table = table_of(Credential)
    person_id = person_by_login(w, login)[0]
    chosen = {"password": service.HASHER.hash(password), "must_change": False, "good_until": None}
    w.db.execute(update(table).where(table.c.person_id == person_id).values(chosen))


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """(door, route name, address) of every route, ids filled in with one that nobody has."""
    found = []
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(
            rule.arguments, "vendor/SHA256SUMS" if rule.endpoint == "static" else NO_SUCH_ID
        )
        address = rule.build(values, append_unknown=False)
        if address is None:  # a number is asked for
            address = rule.build(dict.fromkeys(rule.arguments, 999_999_999), append_unknown=False)
        door = "api" if rule.rule.startswith("/api/") else "page"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found.append((door, f"{method} {rule.endpoint}", address[1]))
    assert {name for _, name, _ in found} == set().union(*routes(app).values())
    return sorted(found)


def knock(app: Flask, visitor: Visitor | None, door: str, name: str, address: str) -> TestResponse:
    """One request, with nothing in it that could succeed in changing anything."""
    method = name.partition(" ")[0]
    if visitor is None:
        return app.test_client().open(address, method=method)
    if door == "api":
        return app.test_client().open(address, method=method, headers=visitor.bearer)
    return visitor.browser(app).open(address, method=method)
