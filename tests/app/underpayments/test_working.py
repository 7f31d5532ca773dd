"""A line paid short from the remit to its end: detected, worked, recovered; on pages and by API."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.contracts import service as contracts
from app.contracts import service_import
from app.entities import queries as entities
from app.hooks import service as hooks
from app.hooks.models import HookEvent
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused, Stale
from app.kernel.work import work
from app.underpayments import service_work
from app.underpayments.lifecycle import Move
from app.underpayments.models import Underpayment, UnderpaymentEvent, Variance
from app.web.application import make_app
from app.world import build
from tests import books
from tests.conftest import House
from tests.policy import visitors
from tests.worlds import CLERK, take_in

_case, _variance, _event = table_of(Underpayment), table_of(Variance), table_of(UnderpaymentEvent)


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Iterator[None]:
    """Half a small world with its fees."""
    truth = build(tmp_path / "world", seed=11, claims=60)
    take_in(truth, None)
    load((truth.folder / "fees" / "fees.csv").read_bytes())
    yield


def load(content: bytes) -> None:
    with work(CLERK) as w:
        file_id = service_import.keep(w, io.BytesIO(content), "fees.csv")
        for one in entities.practices(w):
            service_import.load(w, one.id, file_id)
    books.settle()


def short(**conditions: Any) -> Any:
    wanted = [_case.c[name] == value for name, value in conditions.items()]
    with books.looking() as db:
        query = (
            select(_case)
            .where(_case.c.kind == "underpaid", *wanted)
            .order_by(_case.c.amount.desc(), _case.c.id)
        )
        return db.execute(query.limit(1)).one()


def step(row: Any, move: Move, **how: Any) -> Any:
    with work(CLERK) as w:
        service_work.advance(w, row.public_id, move, version=row.version, **how)
    return short(id=row.id)


def test_from_detected_to_sent_in_a_project(desk: None) -> None:
    row = step(short(state="detected"), Move.VALIDATE)
    with work(CLERK) as w:
        service_work.group(w, [(row.public_id, row.version)], name="Spring dispute")
    row = step(short(id=row.id), Move.SEND)
    assert (row.state, row.follow_up is not None) == ("sent", True)
    with books.looking() as db:
        told = db.execute(
            select(_event.c.move).where(_event.c.underpayment_id == row.id).order_by(_event.c.id)
        )
        assert list(told.scalars()) == ["detect", "validate", "group", "send"]


def test_steps_the_table_does_not_have_and_old_versions_are_refused(desk: None) -> None:
    row = short(state="detected")
    with pytest.raises(NotAllowed):
        step(row, Move.SEND)
    with pytest.raises(Refused, match="Say why"):
        step(row, Move.INVALIDATE)
    step(row, Move.VALIDATE)
    with pytest.raises(Stale):
        step(row, Move.CLOSE, reason="too late")


def test_a_corrected_schedule_ends_what_it_explains_and_keeps_what_was_known(desk: None) -> None:
    row = short(state="detected", claim_id=short(state="detected").claim_id)
    with books.looking() as db:
        seen = db.execute(select(_variance).where(_variance.c.id == row.variance_id)).one()
    unit = int(seen.actual) // int(seen.units)
    head = "payer_id,code_type,code,modifier,setting,allowed,effective_from,effective_to\n"
    modifier = seen.modifiers.split()[0] if seen.modifiers else ""
    year = seen.service_on.year
    fee = f"{seen.payer_number},{seen.code_type},{seen.code},{modifier},{seen.setting},{unit / 100:.2f}"
    load(f"{head}{fee},{year}-01-01,{year}-12-31\n".encode())
    with books.looking() as db:
        now = db.execute(select(_case).where(_case.c.id == row.id)).one()
        versions = db.execute(
            select(_variance).where(
                _variance.c.remit_claim_id == seen.remit_claim_id, _variance.c.line_number == seen.line_number
            )
        ).all()
    assert (now.state, now.outcome) == ("closed", "repriced")
    assert len(versions) == 2
    assert sum(one.replaced_at is None for one in versions) == 1


def test_changed_terms_price_anew(desk: None) -> None:
    row = short(state="detected")
    with work(CLERK) as w:
        terms = {"line_tolerance": "9999.00"}
        contracts.change_terms(w, row.entity_id, "", terms, effective_from=date(2020, 1, 1))
    books.settle()
    with books.looking() as db:
        assert db.execute(select(_case.c.state).where(_case.c.id == row.id)).scalar() == "closed"


@pytest.fixture
def app(desk: None) -> Flask:
    return make_app()


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_the_screens_and_the_api_tell_the_same(app: Flask) -> None:
    visitor = visitors.add("super", "supervisor")
    browser, row = visitor.browser(app), short(state="detected")
    for address, words in (
        ("/underpayments", "Likely cause"),
        (f"/underpayments/{row.public_id}", "How it is priced"),
        ("/underpayments/patterns", "Patterns of underpayment"),
        ("/contracts", "The usual terms"),
        ("/underpayments?state=closed", "No underpayment matches"),
    ):
        answer = browser.get(address)
        assert (answer.status_code, words in answer.text) == (200, True), address
    assert "expected_allowed" not in browser.get("/underpayments?format=csv").text
    told = app.test_client().get(f"/api/v1/underpayments/{row.public_id}", headers=visitor.bearer)
    assert told.get_json()["underpayment"]["variance"] == str(row.expected - row.actual)
    assert told.get_json()["calculation"]["steps"]
    moved = app.test_client().post(
        f"/api/v1/underpayments/{row.public_id}/move",
        json={"move": "validate", "version": row.version},
        headers=visitor.bearer,
    )
    assert (moved.status_code, short(id=row.id).state) == (200, "validated")


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_fees_are_previewed_before_they_load(app: Flask) -> None:
    visitor = visitors.add("super", "supervisor")
    content = b"payer_id,code_type,code,allowed,effective_from\nNEW1,HC,99213,90.00,2026-01-01\n"
    client = app.test_client()
    ask = dict(data=content, headers=visitor.bearer, content_type="application/octet-stream")
    seen = client.post("/api/v1/contracts/schedules?preview=true", **ask)
    assert {(one["added"], one["already"]) for one in seen.get_json()["outcomes"]} == {(1, False)}
    before = len(client.get("/api/v1/contracts/schedules", headers=visitor.bearer).get_json()["rows"])
    client.post("/api/v1/contracts/schedules", **ask)
    rows = client.get("/api/v1/contracts/schedules", headers=visitor.bearer).get_json()["rows"]
    assert len(rows) - before == len(seen.get_json()["outcomes"])


def test_programs_that_listen_learn_of_each_new_underpayment(house: House, tmp_path: Path) -> None:
    truth = build(tmp_path / "world", seed=11, claims=60)
    take_in(truth, None)
    with work(CLERK) as w:
        for one in entities.practices(w):
            hooks.add(w, one.public_id, "https://example.com/told", ["underpayment.opened"])
    load((truth.folder / "fees" / "fees.csv").read_bytes())
    opened = {row.public_id: (row.kind, row.cause) for row in books.rows(_case)}
    told = {row.subject_public: row.detail for row in books.rows(table_of(HookEvent))}
    assert opened and {key: (one["kind"], one["cause"]) for key, one in told.items()} == opened
