"""What door writers lean on: an answer given once (C2), lists as files."""

import json
import threading
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select

from app.access.models import Idempotency
from app.access.service import tidy
from app.audit.models import AuditEvent
from app.kernel.clock import now
from app.kernel.db import engine, table_of
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.kernel.work import ALL, Actor, Work, reading, system, work
from app.web import failures
from app.web.door import actor, download, once

JOBS = table_of(Job)
RIGHTS = frozenset({"exports.make"})


def pay(w: Work) -> tuple[dict[str, str], int]:
    """A verb whose effect can be counted, and whose answer is never the same twice."""
    w.job("pay", f"refund {w.numbers('refund')}", {})
    return {"made": now().isoformat()}, 201


@pytest.fixture
def bank(house: Any) -> Flask:
    app = Flask("bank")
    failures.install(app)
    app.config["BEFORE_COMMIT"] = lambda: None

    @app.before_request
    def ask() -> None:
        g.actor = Actor(name=app.config.get("WHO", "kim"), scope=ALL, permissions=RIGHTS, door="api")

    @app.post("/api/pay")
    def pay_once() -> Any:
        return once(pay)

    return app


def ask(app: Flask, key: str | None = "k1", body: Any = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return app.test_client().post("/api/pay", json=body or {"amount": "80.00"}, headers=headers)


def paid() -> int:
    with engine().connect() as db:
        return int(
            db.execute(select(func.count()).select_from(JOBS).where(JOBS.c.kind == "pay")).scalar_one()
        )


def test_the_same_request_is_answered_the_same_and_pays_once(bank: Flask) -> None:
    first, second = ask(bank), ask(bank)
    assert (first.status_code, second.status_code, first.data) == (201, 201, second.data)
    assert second.headers["Idempotent-Replay"] == "true"
    assert paid() == 1


def test_an_answer_lost_on_the_way_is_found_again_two_hundred_times(bank: Flask) -> None:
    for number in range(200):
        ask(bank, f"key {number}")  # nobody reads this answer
        again = ask(bank, f"key {number}")
        assert (again.status_code, again.headers.get("Idempotent-Replay")) == (201, "true")
    assert paid() == 200


def test_the_same_key_with_another_body_is_refused(bank: Flask) -> None:
    ask(bank)
    other = ask(bank, body={"amount": "81.00"})
    assert (other.status_code, other.json["error"]["code"]) == (422, "key_reused")
    assert ask(bank, body={"amount": "80.00"}).status_code == 201
    assert paid() == 1


def test_the_order_of_fields_is_not_another_body(bank: Flask) -> None:
    ask(bank, body={"amount": "80.00", "to": "a"})
    assert ask(bank, body={"to": "a", "amount": "80.00"}).status_code == 201
    assert paid() == 1


def test_keys_of_different_people_are_different_keys(bank: Flask) -> None:
    ask(bank)
    bank.config["WHO"] = "lee"
    ask(bank)
    assert paid() == 2


@pytest.mark.parametrize("key", [None, "", "x" * 201, "ключ"])
def test_money_does_not_move_without_a_good_key(bank: Flask, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = bank.test_client().post("/api/pay", json={}, headers=headers)
    assert answer.status_code == 422
    assert paid() == 0


def test_twelve_at_once_pay_once_and_get_one_answer(bank: Flask) -> None:
    start, answers = threading.Barrier(12), []

    def client() -> None:
        start.wait()
        answers.append(ask(bank))

    threads = [threading.Thread(target=client) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert paid() == 1


def test_a_request_that_failed_may_be_sent_again(house: Any, bank: Flask) -> None:
    tries = []

    def fails_first(w: Work) -> tuple[dict[str, str], int]:
        made = pay(w)
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError
        return made

    headers = {"Idempotency-Key": "k9"}
    with bank.test_request_context("/api/pay", method="POST", json={}, headers=headers):
        bank.preprocess_request()
        with pytest.raises(ZeroDivisionError):
            once(fails_first)
        assert once(fails_first).status_code == 201
    assert paid() == 1


def test_answers_are_forgotten_after_thirty_days(bank: Flask) -> None:
    ask(bank)
    with work(system("tests")) as w:
        assert tidy(w) == 0
        w.now = w.now.replace(year=w.now.year + 1)
        assert tidy(w) == 1
    with engine().connect() as db:
        assert db.execute(select(func.count()).select_from(table_of(Idempotency))).scalar_one() == 0


COLUMNS = (Column("name", "Name"), Column("paid", "Paid", Kind.MONEY))
ROWS = [{"name": "=1+1", "paid": Money(-8000)}, {"name": "Kim", "paid": Money(5)}]


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_a_list_leaves_as_a_file_and_leaves_a_trace(bank: Flask, file_format: str) -> None:
    with bank.test_request_context("/"):
        bank.preprocess_request()
        with reading(actor()) as w:
            answer = download(w, COLUMNS, ROWS, "claims", file_format)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=claims-")
    if file_format == "json":
        assert json.loads(answer.data)[0] == {"name": "=1+1", "paid": "-80.00"}
    events = table_of(AuditEvent)
    with engine().connect() as db:
        last = db.execute(select(events).order_by(events.c.seq.desc()).limit(1)).one()
    assert (last.type, json.loads(last.detail)) == ("export", {"count": 2, "format": file_format})


def test_a_role_has_a_limit_of_rows(bank: Flask) -> None:
    with bank.test_request_context("/"):
        bank.preprocess_request()
        with reading(actor()) as w, pytest.raises(Exception, match="5000 rows"):
            download(w, COLUMNS, (ROWS[1] for _ in range(6_000)), "claims", "csv")
