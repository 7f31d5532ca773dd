"""People at the doors of a test: signed in with any roles, through a browser or with a token, no password
typed.
"""

import re
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from app.access import service, service_tokens, sign_in
from app.access.models import Credential
from app.access.queries import EVERY_ENTITY, person_by_login
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.web.application import routes
from app.web.gate import API, cookie_name

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
        cookie = sign_in.open_session(w, person_id, sign_in.Visit()).token
        token = service_tokens.open_tokens(w, person_id, service_tokens.family(w)).token
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
        address = rule.build({name: _filled(rule, name) for name in rule.arguments}, append_unknown=False)
        assert address is not None
        door = "api" if rule.rule.startswith(API) else "page"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found.append((door, f"{method} {rule.endpoint}", address[1]))
    assert {name for _, name, _ in found} == set().union(*routes(app).values())
    return sorted(found)


def _filled(rule: Rule, name: str) -> Any:
    """Something for a part of an address: nobody's id, a number, or the first word the route knows."""
    if rule.endpoint == "static":
        return "vendor/SHA256SUMS"
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 999_999_999 if isinstance(converter, IntegerConverter) else NO_SUCH_ID


def knock(app: Flask, visitor: Visitor | None, door: str, name: str, address: str) -> TestResponse:
    """One request, with nothing in it that could succeed in changing anything."""
    method = name.partition(" ")[0]
    if visitor is None:
        return app.test_client().open(address, method=method)
    if door == "api":
        return app.test_client().open(address, method=method, headers=visitor.bearer)
    return visitor.browser(app).open(address, method=method)


def form_token(client: FlaskClient, address: str = "/sign-in", **more: Any) -> str:
    """The token a page puts into its forms."""
    text = client.get(address, **more).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, f"no form on {address}"
    return found.group(1)
