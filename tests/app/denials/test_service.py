"""Denials on both databases: what a posting writes, and that twice is once."""

from datetime import date
from functools import partial

import pytest
from sqlalchemy import event, func, select

from app.audit import service as audit
from app.denials import service
from app.denials.models import Denial, DenialEvent, DenialItem
from app.entities import service as entities
from app.kernel.db import engine, table_of
from app.kernel.work import system, work
from app.worklist.models import WorklistItem
from tests.app.denials.batches import a_batch, a_claim, a_line

_denial, _item, _event = table_of(Denial), table_of(DenialItem), table_of(DenialEvent)
_work = table_of(WorklistItem)
ME = system("tests")
assert audit


@pytest.fixture
def entity(house: object) -> int:
    with work(ME) as w:
        return entities.add(w, "Practice One", ()).id


def test_a_refused_claim_becomes_a_case_an_item_and_work_for_a_person(entity: int) -> None:
    claim = a_claim(a_line("73721", "200", "0", "CO*197*200", rarc="M62"))
    with work(ME) as w:
        service.open_from(w, a_batch([claim], entity=entity))
    with work(ME) as w:
        case = w.db.execute(select(_denial)).one()
        item = w.db.execute(select(_item)).one()
        todo = w.db.execute(select(_work)).one()
    assert (case.category, case.denied, case.at_stake, case.state) == ("authorization", 20_000, 9_000, "new")
    assert case.deadline["rule"] == "commercial-1" and case.deadline["holidays"] == ["2026-07-03"]
    assert case.internal_due == date(2026, 6, 30)
    assert item.address == claim.lines[0].adjustments[0].address == todo.source
    assert (todo.queue, todo.subject_id, todo.amount, todo.due) == (
        "denials",
        case.id,
        9_000,
        case.internal_due,
    )


def test_posting_the_same_batch_twice_opens_everything_once(entity: int) -> None:
    batch = a_batch([a_claim(a_line(cas="CO*197*200"), claim=one) for one in range(1, 6)], entity=entity)
    for _ in range(2):
        with work(ME) as w:
            service.open_from(w, batch)
    with work(ME) as w:
        counts = [
            w.db.execute(select(func.count()).select_from(t)).scalar()
            for t in (_denial, _item, _work, _event)
        ]
    assert counts == [5, 5, 5, 5]


def test_a_later_payment_closes_the_case_and_its_work(entity: int) -> None:
    with work(ME) as w:
        service.open_from(w, a_batch([a_claim(a_line(charge="200", cas="CO*197*200"))], entity=entity))
    with work(ME) as w:
        service.open_from(w, a_batch([a_claim(a_line(charge="200", paid="95"))], entity=entity, remit=71))
    with work(ME) as w:
        case = w.db.execute(select(_denial)).one()
        todo = w.db.execute(select(_work)).one()
        moves = w.db.execute(select(_event.c.move).order_by(_event.c.id)).scalars().all()
    assert (case.state, case.outcome, case.recovered) == ("closed", "overturned_full", 9_500)
    assert (todo.state, todo.outcome) == ("done", "overturned_full")
    assert moves == ["open", "pay"]


def test_a_second_round_opens_the_work_again_with_the_new_date(entity: int) -> None:
    with work(ME) as w:
        service.open_from(w, a_batch([a_claim(a_line(cas="CO*16*200", key=1, rarc="M76"))], entity=entity))
        service.open_from(
            w,
            a_batch(
                [a_claim(a_line(cas="CO*16*200", key=2, rarc="M76"))],
                entity=entity,
                remit=71,
                on=date(2026, 3, 2),
            ),
        )
    with work(ME) as w:
        case = w.db.execute(select(_denial)).one()
        todo = w.db.execute(select(_work)).one()
    assert (case.round, case.remit_id) == (2, 71)
    assert todo.due == case.internal_due and todo.detail["round"] == 2


def test_undoing_a_posting_withdraws_its_cases_and_keeps_them(entity: int) -> None:
    claim = a_claim(a_line(cas="CO*197*200"))
    with work(ME) as w:
        service.open_from(w, a_batch([claim], entity=entity))
    with work(ME) as w:
        assert service.withdraw(w, [claim.remit_claim_id]) == 1
    with work(ME) as w:
        case = w.db.execute(select(_denial)).one()
        todo = w.db.execute(select(_work)).one()
        assert (case.state, case.outcome, todo.state) == ("closed", "posting_undone", "done")
        service.open_from(w, a_batch([claim], entity=entity, remit=72))
    with work(ME) as w:
        case = w.db.execute(select(_denial)).one()
        todo = w.db.execute(select(_work)).one()
    assert (case.state, case.outcome, case.remit_id, todo.state) == ("new", None, 72, "open")


def note(seen: list[str], *arguments: object) -> None:
    seen.append(str(arguments[2]))


def test_two_thousand_claims_take_as_many_statements_as_twenty(entity: int) -> None:
    taken = []
    for size, first in ((20, 1), (2_000, 10_000)):
        batch = a_batch(
            [a_claim(a_line(cas="CO*197*200"), claim=first + n) for n in range(size)], entity=entity
        )
        seen: list[str] = []
        listener = partial(note, seen)
        event.listen(engine(), "before_cursor_execute", listener)
        with work(ME) as w:
            service.open_from(w, batch)
        event.remove(engine(), "before_cursor_execute", listener)
        taken.append(len(seen))
    assert taken[1] <= taken[0] <= 12, "the first batch also makes the series of numbers"
