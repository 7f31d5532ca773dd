"""The day of every account: each step once, in order, and on where a kill left it."""

from datetime import date, timedelta

from app.accounts.models import Owed, Standing
from app.contacts import service_holds
from app.contacts.lifecycle import HoldKind
from app.flows import account_items, collection_day
from app.kernel.db import table_of
from app.kernel.work import work
from app.worklist.models import WorklistItem
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line

_owed, _standing, _item = table_of(Owed), table_of(Standing), table_of(WorklistItem)


def an_account() -> tuple[int, int]:
    """(entity, account) of somebody who owes 40.00."""
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas="CO*45*100 PR*3*40"))))
    (row,) = books.rows(_owed)
    return row.entity_id, row.account_id


def today() -> date:
    with work(books.CLERK) as w:
        return w.now.date()


def kinds() -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in books.rows(_item, _item.c.queue == account_items.QUEUE)]


def test_a_day_runs_once_step_by_step_and_changes_nothing_twice(house: House) -> None:
    entity_id, _ = an_account()
    day = today()
    with work(books.CLERK) as w:
        collection_day.begin(w, entity_id, day)
    assert books.settle() == len(collection_day.STEPS)
    before = books.rows(_owed), books.rows(_standing)
    with work(books.CLERK) as w:
        collection_day.begin(w, entity_id, day)
    assert books.settle() == 0
    with work(books.CLERK) as w:
        collection_day.whole(w, entity_id, day)
    assert (books.rows(_owed), books.rows(_standing)) == before


def test_a_visit_that_is_held_is_due_again_when_its_day_comes(house: House) -> None:
    entity_id, account_id = an_account()
    (visit,) = books.rows(_owed)
    day = today()
    until = day + timedelta(3)
    with work(books.CLERK) as w:
        service_holds.place(w, account_id, HoldKind.MANAGER, reason="asked the front desk", until=until,
                            claim_id=visit.claim_id)  # fmt: skip
        collection_day.whole(w, entity_id, day)
    assert [(row.state, row.reason) for row in books.rows(_owed)] == [("held", "manager")]
    with work(books.CLERK) as w:
        collection_day.whole(w, entity_id, until)
    assert [(row.state, row.reason) for row in books.rows(_owed)] == [("due", "")]


def test_an_account_nobody_answers_for_asks_for_a_person_until_it_is_settled(house: House) -> None:
    entity_id, account_id = an_account()
    day = today()
    with work(books.CLERK) as w:
        held = service_holds.place(w, account_id, HoldKind.NO_GUARANTOR, reason="nobody signed")
        account_items.every_day(w, entity_id, day)
        account_items.every_day(w, entity_id, day)
    assert ("no_guarantor", "open") in kinds()
    with work(books.CLERK) as w:
        service_holds.lift(w, held, why="the mother signed", version=1)
        account_items.every_day(w, entity_id, day)
    assert ("no_guarantor", "done") in kinds()
