"""A statement by e-mail: a link and nothing else, only with a yes, only by day, only once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from app.contacts import service_law
from app.contacts.models import Refusal
from app.kernel import settings
from app.kernel.db import table_of
from app.kernel.errors import Stale
from app.kernel.outbox import Job
from app.kernel.work import reading, work
from app.patients import queries_guarantors, queries_reach, service_reach
from app.patients.lifecycle import Channel, PointKind
from app.statements import service_email
from app.statements.models import StatementEmail
from app.worklist.models import WorklistItem
from tests import books, smtp, statements
from tests.conftest import House
from tests.smtp import Manner, Post
from tests.statements import BOSS, GUARANTOR, STATEMENT

EMAIL, ITEM, JOB, REFUSAL = table_of(StatementEmail), table_of(WorklistItem), table_of(Job), table_of(Refusal)
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with smtp.server() as running:
        monkeypatch.setenv("RECLAIM_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("RECLAIM_SMTP_PORT", str(running.port))
        monkeypatch.setenv("RECLAIM_SMTP_SECURITY", "none")
        monkeypatch.setenv("RECLAIM_SMTP_FROM", "Example Clinic <billing@clinic.example>")
        settings.settings.cache_clear()
        yield running
    settings.settings.cache_clear()


def _agreed() -> int:
    """A patient who owes and said yes to statements by e-mail; the key of the account."""
    clinic = statements.owing("A1")
    [row] = books.rows(GUARANTOR)
    with work(BOSS) as w:
        service_law.change(w, clinic.id, code="link_url", state="", value="https://pay.clinic.example",
                           source="test", days=(date(2026, 3, 2), None), reason="test")  # fmt: skip
        who = queries_guarantors.by_ids(w, [row.id])[row.id]
        point = service_reach.add_point(w, who.public_id, PointKind.EMAIL, "jane@mail.example")
        service_reach.consent(w, who.public_id, Channel.STATEMENT, True, point_public=point, proof="paper 1")
    statements.sent(clinic)
    return int(row.id)


def _queued() -> Any:
    [row] = books.rows(EMAIL)
    return row


@pytest.fixture(autouse=True)
def by_day(house: House) -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


def test_the_message_says_nothing_but_where_the_statement_is(post: Post) -> None:
    _agreed()
    row = _queued()
    assert (row.state, row.tries) == ("sent", 1)
    [(sender, readers, data)] = post.taken
    assert (sender, readers) == ("billing@clinic.example", ["jane@mail.example"])
    made = message_from_bytes(data, policy=default)
    bodies = [made.get_body((kind,)) for kind in ("plain", "html")]
    whole = data.decode() + "".join(one.get_content() for one in bodies if one is not None)
    [statement] = books.rows(STATEMENT)
    assert statement.state == "handed"
    assert made["List-Unsubscribe"].strip().startswith("<https://pay.clinic.example/s/")
    assert "https://pay.clinic.example/s/" in whole and "/stop" in whole
    for said in ("40.00", "99214", "DOE", statement.number, "past due"):
        assert said not in whole
    with work(BOSS) as w:  # the job again: it went once
        assert service_email.begin(w, row.public_id) is None
    assert len(post.taken) == 1


def test_a_no_between_planning_and_sending_is_heard(post: Post) -> None:
    post.manner = Manner.LATER
    account_id = _agreed()
    assert _queued().state == "queued"
    with work(BOSS) as w:
        who = queries_guarantors.by_ids(w, [account_id])[account_id]
        [point] = queries_reach.points(w, [account_id])[account_id]
        service_reach.consent(w, who.public_id, Channel.STATEMENT, False, point_public=point.public_id)
        assert service_email.begin(w, _queued().public_id) is None
    assert _queued().state == "stopped"
    assert [one.kind for one in books.rows(ITEM, ITEM.c.subject == "statement_email")] == ["email_stopped"]
    assert books.rows(REFUSAL)


def test_an_email_waits_for_the_morning(post: Post) -> None:
    post.manner = Manner.LATER
    _agreed()
    with time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=UTC), tick=True), work(BOSS) as w:
        assert service_email.begin(w, _queued().public_id) is None
    assert _queued().state == "queued"
    later = max(one.run_at for one in books.rows(JOB, JOB.c.kind == service_email.JOB))
    assert later > datetime(2026, 3, 3, 11, tzinfo=UTC)


def test_what_may_have_left_is_for_a_person_and_never_sent_again(post: Post) -> None:
    post.manner = Manner.CUT_AFTER_DATA
    _agreed()
    row = _queued()
    assert row.state == "unknown"
    post.manner = Manner.GOOD
    with work(BOSS) as w:
        assert service_email.begin(w, row.public_id) is None
        with pytest.raises(Stale):
            service_email.decide(w, row.public_id, arrived=True, version=row.version + 1)
        service_email.decide(w, row.public_id, arrived=True, version=row.version)
    assert _queued().state == "sent"
    assert len(post.taken) == 1


def test_a_try_that_broke_off_is_unknown(post: Post) -> None:
    post.manner = Manner.LATER
    _agreed()
    with work(BOSS) as w:
        w.db.execute(update(EMAIL).values(state="sending"))
    with work(BOSS) as w:
        assert service_email.begin(w, _queued().public_id) is None
    assert _queued().state == "unknown"
    assert not post.taken


def test_an_address_nobody_lives_behind_is_not_used_again(post: Post) -> None:
    post.manner = Manner.NO_BOX
    account_id = _agreed()
    assert _queued().state == "failed"
    with reading(books.CLERK) as w:
        assert not queries_reach.points(w, [account_id]).get(account_id)
