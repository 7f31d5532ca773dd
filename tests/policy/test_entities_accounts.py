"""Accounts, people, contacts, payments, plans, statements: with a right request and somebody else's id
anywhere in it, each door answers as for an id nobody has, and nothing changes (A2).
"""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.audit.models import AuditEvent
from app.kernel.db import engine, table_of
from app.kernel.settings import settings
from app.web.application import API_PREFIX, make_app
from tests.conftest import House, installation
from tests.policy import accounts_town, visitors
from tests.policy.accounts_asked import API, LEFT, LEFT_BY_PAGE, PAGES, PLAIN, WITHOUT, Ask
from tests.policy.accounts_town import FIRST, SECOND, Town
from tests.policy.test_entities import plain
from tests.policy.test_entities_rebill import filled
from tests.policy.test_writes import dump
from tests.policy.visitors import Visitor

CAPABILITIES = ("accounts", "contacts", "patients", "payments", "placements", "plans", "statements")
NAMING = {"account", "accounts", "card", "claim", "entity", "id", "leaving", "number", "point", "run",
          "ticket", "visit", "visits"}  # fmt: skip
"""Fields of requests that name something by its id or its number."""
NOT_IDS = {"POST /accounts/{}/identify number", "POST /statements/policies number",
           "PUT /statements/policies/{} number"}  # fmt: skip
"""What a caller says of themselves; the place of a step."""
WORDS = re.compile(r"<(any\(.*\):\w+|letter|language|int:page|string:part)>")
OPEN = {
    "audit_event": "one chain of hashes over everybody's",
    "code_row": "rows of nobody are everybody's",
    "entity_identifier": "whose a file is, asked before anybody is known",
    "intake_transaction": "a file may hold those of several, or of nobody yet",
    "role_grant": "who may what, asked at sign-in",
}
"""Tables with an entity that a query has to narrow by itself."""
EVENTS = table_of(AuditEvent)
ID = re.compile(r"[0-9a-f]{20}")
TEXTS = ("text/html", "text/csv", "application/json")
Answer = tuple[int, str, str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Both practices; no test may leave anything of the first one's changed by the second's."""
    place = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch, installation(request.param, place, patch):
        patch.setenv("RECLAIM_API_PER_MINUTE", "100000")
        settings.cache_clear()
        yield accounts_town.made()


class Asker:
    """Somebody at both doors, each request with a page's token or a key, and no message left over."""

    def __init__(self, app: Flask, who: Visitor) -> None:
        self.app, self.who = app, who
        browser = who.browser(app)
        self.token = visitors.form_token(browser, "/password")
        kept = browser.get_cookie("reclaim_form", domain="localhost")
        assert kept is not None
        self.form = kept.value

    def ask(self, door: str, one: Ask, ids: dict[str, str], star: str) -> Answer:
        """(status, where to, what it says) with `star` in the place of `*`."""
        method, _, address = filled(one.call, ids | {"*": star}).partition(" ")
        body = one.body if isinstance(one.body, bytes) else filled(one.body, ids | {"*": star})
        if isinstance(body, dict) and "version" in body:
            body["version"] = int(body["version"])
        if door == "api":
            key = {"Idempotency-Key": f"{one.kind} {one.call} {star}"[:80]}
            said = {"data": body} if isinstance(body, bytes) else {"json": body}
            answer = self.app.test_client().open(
                f"{API_PREFIX}{address}", method=method, headers=self.who.bearer | key, **said
            )
        else:
            browser = self.who.browser(self.app)
            browser.set_cookie("reclaim_form", self.form, domain="localhost")
            form = body | {"csrf_token": self.token} if isinstance(body, dict) else None
            answer = browser.open(address, method=method, data=form)
        words = plain(answer.get_data(as_text=True)) if answer.mimetype in TEXTS else ""
        return answer.status_code, answer.headers.get("Location", ""), words


def told(answer: Answer, star: str) -> Answer:
    """An answer without the id that was asked for, and without keys that are new at each request."""
    status, place, words = answer
    return status, place.replace(star, "*"), ID.sub("#", words.replace(star, "*"))


def owns(side: accounts_town.Side) -> dict[str, str]:
    """`own account` and its like, the longer names first."""
    return {f"own {name}": one for name, one in sorted(side.ids.items(), key=lambda pair: -len(pair[0]))}


DOORS = [*(("api", one) for one in API), *(("page", one) for one in PAGES)]


def test_somebody_elses_id_is_answered_like_one_that_does_not_exist(town: Town) -> None:
    eve, own, before, wrong = Asker(town.app, town.hers.who), owns(town.hers), dump(), []
    for door, one in DOORS:
        unknown, theirs = town.nobody[one.kind], town.mine.ids[one.kind]
        nobodys = told(eve.ask(door, one, own, unknown), unknown)
        others = told(eve.ask(door, one, own, theirs), theirs)
        searched = isinstance(one.body, dict) and "q" in one.body
        listing = others[0] == 200 and (one.call.startswith("GET") or searched)
        refused = others[0] >= 400 or one in (LEFT, LEFT_BY_PAGE)
        if nobodys != others or FIRST in others[2].upper() or not (listing or refused):
            wrong.append((door, one, nobodys, others))
    assert wrong == []
    after = dump()
    assert {name for name in before if before[name] != after[name]} <= {"idempotency_key"}
    assert booked(town.hers.who, town.mine.practice.id) == 0


def booked(who: Visitor, entity_id: int) -> int:
    """How many events of the audit trail say that somebody looked at something of this practice."""
    mine = (EVENTS.c.actor_id == who.person_id, EVENTS.c.entity_id == entity_id)
    with engine().connect() as line:
        return int(line.execute(select(func.count()).where(*mine)).scalar_one())


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_whoever_it_belongs_to_is_answered_otherwise(town: Town) -> None:
    """Each request above is a right one: where it fails, it fails for the id. Each meets the town as it was
    made.
    """
    ann, own, wrong = Asker(town.app, town.mine.who), owns(town.mine), []
    here, as_it_was = sqlite3.connect(str(engine().url.database)), sqlite3.connect(":memory:")
    here.backup(as_it_was)
    for door, one in DOORS:
        if one in (LEFT, LEFT_BY_PAGE):
            continue
        unknown, hers = town.nobody[one.kind], town.mine.ids[one.kind]
        answered = told(ann.ask(door, one, own, hers), hers)
        if not one.call.startswith("GET"):
            as_it_was.backup(here)
        if "*" in one.call.partition("?")[0]:
            right = answered[0] not in (400, 403, 404)
        else:  # the id is one among what is asked: everything else has to be right
            right = answered[0] < 400 or answered[0] == 409
            right = right and answered != told(ann.ask(door, one, own, unknown), unknown)
        if not right:
            wrong.append((door, one, answered))
    here.close()
    as_it_was.close()
    assert wrong == []


LISTS = {"/day", "/search", "/"}
"""Screens outside these capabilities that show what is theirs."""


def lists(app: Flask) -> list[tuple[str, str]]:
    """(door, address) of everything that is read without naming an id."""
    found = [("page", address) for address in sorted(LISTS)]
    for rule in app.url_map.iter_rules():
        capability = rule.endpoint.partition(".")[0].removesuffix("_api")
        if "GET" in (rule.methods or set()) and not rule.arguments and capability in (*CAPABILITIES, "day"):
            door = "api" if rule.rule.startswith(API_PREFIX) else "page"
            found += [(door, rule.rule)] + ([("page", f"{rule.rule}?format=csv")] if door == "page" else [])
    return found


def test_lists_and_files_show_what_is_ones_own_alone(town: Town) -> None:
    sides = ((town.mine, town.hers, FIRST, SECOND), (town.hers, town.mine, SECOND, FIRST))
    for side, other, own, others in sides:
        shown, browser = 0, side.who.browser(town.app)
        strangers = {one for name, one in other.ids.items() if ID.fullmatch(one)}
        for door, address in lists(town.app):
            client, headers = (town.app.test_client(), side.who.bearer) if door == "api" else (browser, {})
            answer = client.get(address, headers=headers, follow_redirects=True)
            assert answer.status_code < 500, address
            said = answer.get_data(as_text=True)
            shown += own in said.upper()
            assert others not in said.upper(), f"{address} shows the other practice's"
            assert not strangers & set(ID.findall(said)), address
        assert shown > 15


def test_every_door_of_accounts_is_asked() -> None:
    """A new page or operation needs an ask, or a place among those that take no id."""
    app = make_app()
    asked = {door: {bare(one.call) for one in asks} for door, asks in (("api", API), ("page", PAGES))}
    asked["api"] |= WITHOUT
    asked["page"] |= PLAIN
    missing = []
    for rule in app.url_map.iter_rules():
        capability = rule.endpoint.partition(".")[0].removesuffix("_api")
        if capability not in CAPABILITIES:
            continue
        door = "api" if rule.rule.startswith(API_PREFIX) else "page"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            forms = matching(f"{method} {rule.rule.removeprefix(API_PREFIX)}")
            if not any(forms.fullmatch(one) for one in asked[door]):
                missing.append((door, method, rule.rule))
    assert missing == []


def bare(call: str) -> str:
    """A call without its question, each id a brace."""
    return re.sub(r"\*|own (account|free account|visit|run|plan|payment|unknown payment|patient|dispute|hold|"
                  r"promise|point)", "{}", call.partition("?")[0])  # fmt: skip


def matching(rule: str) -> re.Pattern[str]:
    """What a call of this route looks like: a brace for each id, any word where the route knows words."""
    ids = re.sub(r"<[^>]+>", "{}", WORDS.sub("%", rule))
    return re.compile(re.escape(ids).replace("%", "[^/]+"))


def test_every_field_that_names_something_is_asked() -> None:
    """Ids in queries and bodies, as the description of the API has them."""
    app = make_app()
    described = app.test_client().get(f"{API_PREFIX}/openapi.json").get_json()
    known = {f"{bare(one.call)} {name}" for one in API for name in starred(one)}
    missing = []
    for path, each in described["paths"].items():
        for method, operation in each.items():
            call = f"{method.upper()} {re.sub('{[^}]+}', '{}', path.removeprefix(API_PREFIX))}"
            if call in {bare(one.call) for one in API}:
                names = {name for name in fields(operation, described) if name in NAMING}
                missing += [(call, one) for one in names if f"{call} {one}" not in known | NOT_IDS]
    assert missing == []


def starred(one: Ask) -> set[str]:
    """The fields that hold `*`, in the query or anywhere in the body."""
    found = {pair.partition("=")[0] for pair in one.call.partition("?")[2].split("&") if pair.endswith("=*")}

    def look(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                look(inner, key)
        elif isinstance(value, list):
            for inner in value:
                look(inner, name)
        elif value == "*":
            found.add(name)

    look(one.body, "")
    return found


def fields(operation: dict[str, Any], whole: dict[str, Any]) -> set[str]:
    """The names of a request's fields, those of inner objects among them."""
    found = {one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"}
    waiting = [one.get("schema", {}) for one in operation.get("requestBody", {}).get("content", {}).values()]
    while waiting:
        schema = waiting.pop()
        if "$ref" in schema:
            schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        found |= set(schema.get("properties", {}))
        waiting += [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
        waiting += [schema["items"]] if "items" in schema else []
    return found


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_the_database_itself_hides_rows_of_another_practice(house: House) -> None:
    """Each table with a practice's rows has its policy, which binds its owner as well (A2)."""
    without = text(
        "SELECT c.table_name FROM information_schema.columns c JOIN pg_class t ON t.relname = c.table_name "
        "WHERE c.column_name = 'entity_id' AND c.table_schema = 'public' AND t.relkind = 'r' AND NOT "
        "(t.relrowsecurity AND t.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p "
        "WHERE p.polrelid = t.oid AND p.polname = 'own_entities'))"
    )
    with engine().connect() as line:
        assert set(line.execute(without).scalars()) == set(OPEN)
