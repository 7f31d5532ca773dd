"""Timely filing (G5): what runs out is escalated, and nothing is given up that can still be filed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from app.denials import queries_case, service_limits, service_writeoff
from app.denials.lifecycle import Decision
from app.denials.models import Denial, DenialWriteoff
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotPermitted
from app.kernel.work import Actor, system, work
from app.payers import service as payers
from app.rebill import service, service_daily, tasks
from app.rebill.lifecycle import Move
from tests import books, era
from tests.app.rebill import desk

_denial, _writeoff = table_of(Denial), table_of(DenialWriteoff)
TODAY = date(2026, 1, 20)
RIGHTS = desk.RIGHTS | {"denials.read", "denials.work", "payers.write"}


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300")))
        books.take(desk.denied())
        yield Actor(name="bea", person_id=7, permissions=RIGHTS, scope=frozenset({practice.id}))


@pytest.fixture
def sue(bea: Actor, monkeypatch: pytest.MonkeyPatch) -> Actor:
    entity = case().entity_id
    monkeypatch.setattr(service_writeoff, "grants_of", lambda db, person: {("supervisor", entity)})
    more = {"denials.approve", "denials.review_filing"}
    return Actor(name="sue", person_id=8, permissions=RIGHTS | more, scope=bea.scope)


def case() -> Any:
    return books.rows(_denial)[0]


def asked(actor: Actor) -> str:
    with work(actor) as w:
        return service_writeoff.request(
            w, case().public_id, version=case().version, reason="unavoidable", words="nothing to be done"
        )


def decide(actor: Actor, public: str, **said: Any) -> None:
    with work(actor) as w:
        service_writeoff.decide(w, public, Decision.APPROVE, version=1, **said)


def limits() -> dict[str, list[tuple[str, str, date]]]:
    """What waits for somebody because of a filing limit: queue -> (subject, reason, last day)."""
    with work(system("schedule")) as w:
        service_daily.every_day(w, case().entity_id)
    found: dict[str, list[tuple[str, str, date]]] = {}
    for row in books.rows(desk.ITEM, desk.ITEM.c.kind == "filing_limit", desk.ITEM.c.state == "open"):
        found.setdefault(row.queue, []).append((row.subject, row.reason, row.due))
    return found


def due_in(days: int) -> None:
    """The payer wants corrected claims so many days after today."""
    with work(system("schedule")) as w:
        entity = case().entity_id
        payers.change_terms(w, entity, payer_class="commercial", terms={"corrected_filing_days": 4 + days},
                            effective_from=date(2020, 1, 1))  # fmt: skip
        from_terms = {"file_by": TODAY + timedelta(days)}
        w.db.execute(_denial.update().where(_denial.c.entity_id == entity).values(**from_terms))


def test_what_can_still_be_filed_is_not_written_off_without_a_review(bea: Actor, sue: Actor) -> None:
    public = asked(bea)
    with pytest.raises(NotAllowed) as refused:
        decide(sue, public, answer="ok")
    assert refused.value.code == "filing_open" and "until 2026-07-15" in refused.value.message
    with pytest.raises(NotAllowed):
        decide(sue, public, reviewed=True)
    decide(sue, public, answer="The service was never ordered.", reviewed=True)
    assert case().outcome == "written_off"


def test_the_review_is_a_supervisors(bea: Actor, sue: Actor) -> None:
    public = asked(bea)
    lead = Actor(
        name="lee", person_id=9, permissions=sue.permissions - {"denials.review_filing"}, scope=sue.scope
    )
    with pytest.raises(NotPermitted):
        decide(lead, public, answer="Never ordered.", reviewed=True)


def test_the_list_of_requests_says_until_when_it_could_be_filed(bea: Actor) -> None:
    asked(bea)
    with work(bea) as w:
        assert [one.file_by for one in queries_case.writeoffs(w)] == [date(2026, 7, 15)]


def test_past_its_day_the_usual_approval_is_enough(bea: Actor, sue: Actor) -> None:
    public = asked(bea)
    due_in(-1)
    decide(sue, public, answer="")
    assert case().outcome == "written_off"


@pytest.mark.parametrize(
    ("days", "queue", "reason"),
    [
        (15, "filing", "filing_soon"),
        (6, "filing", "filing_soon"),
        (5, "filing_escalated", "filing_last_days"),
        (0, "filing_escalated", "filing_last_days"),
        (-1, "filing_escalated", "filing_passed"),
    ],
)
def test_a_limit_that_is_near_asks_for_work_and_escalates(
    bea: Actor, days: int, queue: str, reason: str
) -> None:
    due_in(days)
    assert limits() == {queue: [("denial", reason, TODAY + timedelta(days))]}


def test_sixteen_days_before_nobody_is_asked(bea: Actor) -> None:
    due_in(16)
    assert limits() == {}


def test_the_days_are_limits_of_the_desk(bea: Actor, sue: Actor) -> None:
    due_in(16)
    with work(sue) as w:
        service_limits.change(w, case().entity_id, name="filing_warn_days", role="", amount=20,
                              since=date(2026, 1, 20), reason="our payers are slow")  # fmt: skip
    assert list(limits()) == ["filing"]


def test_a_draft_takes_over_its_denials_limit_and_sending_it_ends_it(bea: Actor) -> None:
    due_in(4)
    limits()
    public = desk.opened(bea, "A1")
    assert limits() == {"filing_escalated": [("rebill", "filing_last_days", date(2026, 1, 24))]}
    desk.moved(public, Move.FINISH, Move.BATCH, Move.TRANSMIT)
    assert limits() == {}


def test_what_ran_out_stays_with_a_supervisor_and_nothing_is_written_off(bea: Actor) -> None:
    due_in(-1)
    limits()
    assert limits()["filing_escalated"][0][1] == "filing_passed"
    assert not books.rows(_writeoff) and case().outcome is None


def test_after_its_day_a_claim_goes_only_with_a_delay_reason(bea: Actor) -> None:
    due_in(-1)
    public = desk.opened(bea, "A1")
    with work(bea) as w:
        found = {one["code"]: one for one in service.check_now(w, public)}
    assert found["guard.filing_limit"]["does"] == "error"
    assert "delay reason" in found["guard.filing_limit"]["unblock"]


def test_the_schedule_asks_once_a_day(bea: Actor) -> None:
    due_in(3)
    tasks.EVERY["rebill_every_day"][1]()
    tasks.EVERY["rebill_every_day"][1]()
    books.settle()
    assert [row.queue for row in books.rows(desk.ITEM, desk.ITEM.c.kind == "filing_limit")] == [
        "filing_escalated"
    ]
