"""Two billing entities on one installation: neither sees, guesses or touches what is the other's (A2); and
every look
at a patient leaves its trace (A8).
"""

import json
import re
from collections import defaultdict
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import MetaData, select

from app.audit.models import AuditEvent, AuditPatient
from app.kernel.db import engine, table_of
from app.kernel.settings import settings
from app.kernel.work import reading, system
from app.patients.models import Patient
from app.web.application import make_app
from app.web.gate import API
from tests.policy import town, visitors
from tests.policy.town import Seen
from tests.policy.visitors import NO_SUCH_ID, Visitor

EVENTS, ABOUT, PATIENTS = table_of(AuditEvent), table_of(AuditPatient), table_of(Patient)
SHARED = {"intake_file", "intake_transaction", "person"}
"""A file may hold transactions of several entities, and a transaction of nobody known waits for whoever it
is.
"""


@pytest.fixture
def two(house: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Flask, Visitor, Visitor]:
    """The application, and a supervisor of each entity."""
    monkeypatch.setenv("RECLAIM_API_PER_MINUTE", "100000")  # this one knocks at every door, again and again
    settings.cache_clear()
    mine, theirs = town.populate()[:2]
    app = make_app()
    return (
        app,
        visitors.add("mine", "supervisor", entity_id=mine),
        visitors.add("theirs", "supervisor", entity_id=theirs),
    )


def owned() -> dict[int, dict[str, str]]:
    """Entity → public id of everything that is its own → the table it is a row of."""
    tables: MetaData = MetaData()
    found: dict[int, dict[str, str]] = defaultdict(dict)
    with reading(system("tests")) as w:
        tables.reflect(w.db)
        for table in tables.sorted_tables:
            if {"entity_id", "public_id"} <= set(table.c.keys()) and table.name not in SHARED:
                for entity, public in w.db.execute(select(table.c.entity_id, table.c.public_id)):
                    found[entity][public] = table.name
    return found


def one_of_each(ids: dict[str, str]) -> list[str]:
    """One row of every table: a route that knows one kind of thing is asked for all the others as well."""
    return sorted({table: public for public, table in sorted(ids.items())}.values())


def plain(text: str) -> str:
    """A page without what differs at every request."""
    return re.sub(
        r'<code>[0-9a-f]{16}</code>|"request_id":"[0-9a-f]+"|value="[^"]{60,}"|"X-CSRFToken": "[^"]+"',
        "",
        text,
    )


@pytest.mark.timeout(600)
def test_neither_sees_nor_reaches_what_is_the_others(two: tuple[Flask, Visitor, Visitor]) -> None:
    app, mine, theirs = two
    seen = {visitor.login: town.walk(app, visitor, per_route=5) for visitor in (mine, theirs)}
    own = owned()
    first, second = (own[entity] for entity in sorted(own))
    assert len(seen["mine"].pages) > 40 and seen["mine"].ids & set(first) and seen["theirs"].ids & set(second)
    assert not seen["mine"].ids & set(second) and not seen["theirs"].ids & set(first)
    chosen = one_of_each(first)
    assert len(chosen) > 10
    assert wrong_answers(app, theirs, frozenset(chosen)) == []
    assert wrong_writes(app, theirs, chosen) == []


def wrong_answers(app: Flask, visitor: Visitor, ids: frozenset[str]) -> list[tuple[str, int]]:
    """Addresses of somebody else's things that are not answered like an id that does not exist."""
    browser, wrong = visitor.browser(app), []

    def ask(door: str, address: str) -> tuple[int, str]:
        answer = (
            app.test_client().get(address, headers=visitor.bearer) if door == "api" else browser.get(address)
        )
        return answer.status_code, plain(answer.get_data(as_text=True))

    unknown = {address.replace(NO_SUCH_ID, "*"): ask(door, address)
               for door, address in town.addresses_with(app, frozenset({NO_SUCH_ID}))}  # fmt: skip
    for door, address in town.addresses_with(app, ids):
        answered = ask(door, address)
        if answered != unknown[re.sub(r"[0-9a-f]{20}", "*", address)] or answered[0] not in (403, 404, 422):
            wrong.append((address, answered[0]))
    return wrong


def wrong_writes(app: Flask, visitor: Visitor, ids: list[str]) -> list[tuple[str, int, int]]:
    """Writes at somebody else's things that are not answered like those at an id that does not exist."""
    browser, wrong = visitor.browser(app), []
    token = visitors.form_token(browser, "/password")
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or not any(name.endswith("id") for name in rule.arguments):
            continue
        api = rule.rule.startswith(API)
        given: dict[str, Any] = (
            {"json": {}, "headers": visitor.bearer} if api else {"data": {"csrf_token": token}}
        )
        client = app.test_client() if api else browser

        def write(one: str, rule: Any = rule, client: Any = client, given: Any = given) -> tuple[int, str]:
            values = {
                name: one if name.endswith("id") else visitors._filled(rule, name) for name in rule.arguments
            }
            answer = client.post(rule.build(values, append_unknown=False)[1], **given)
            return answer.status_code, plain(answer.get_data(as_text=True))

        unknown = write(NO_SUCH_ID)
        for one in ids:
            if (answered := write(one)) != unknown:
                wrong.append((f"{rule.rule} {one}", answered[0], unknown[0]))
    return wrong


def test_every_page_that_shows_a_patient_wrote_down_whom_it_showed(
    two: tuple[Flask, Visitor, Visitor],
) -> None:
    app, mine, _ = two
    seen = town.walk(app, mine, per_route=5)
    told = told_of(mine)
    shown = 0
    missing = []
    for address, patients in patients_on(seen).items():
        shown += len(patients)
        if left := patients - told[seen.requests[address]]:
            missing.append((address, len(left)))
    assert missing == []
    assert shown > 30


def told_of(visitor: Visitor) -> dict[str, set[int]]:
    """Request → the patients its events are about, by this very person, with a purpose and a moment."""
    found: dict[str, set[int]] = defaultdict(set)
    with engine().connect() as db:
        query = select(EVENTS.c.network, ABOUT.c.patient_id).join(ABOUT, ABOUT.c.seq == EVENTS.c.seq)
        for network, patient in db.execute(
            query.where(EVENTS.c.actor_id == visitor.person_id, EVENTS.c.purpose != "")
        ):
            found[json.loads(network).get("request", "")].add(patient)
    return found


def patients_on(seen: Seen) -> dict[str, set[int]]:
    """Address → the patients whose first and last name stand beside each other on the page."""
    found: dict[str, set[int]] = defaultdict(set)
    with reading(system("tests")) as w:
        people = list(w.db.execute(select(PATIENTS.c.id, PATIENTS.c.last, PATIENTS.c.first)))
    namesakes = defaultdict(set)
    for one in people:
        namesakes[one.last.lower(), one.first.lower()].add(one.id)
    for (last, first), ids in namesakes.items():
        if len(ids) > 1 or not last or not first:
            continue
        one, other = re.escape(last), re.escape(first)
        pattern = re.compile(rf"\b{one}\b,? {other}\b|\b{other}\b( \w+)? {one}\b", re.IGNORECASE)
        for address, page in seen.pages.items():
            if pattern.search(page):
                found[address] |= ids
    return found
