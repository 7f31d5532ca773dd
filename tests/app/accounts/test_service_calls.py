"""The next account to call: the first that may be called now, for one person only, and no picking."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.accounts import service_calls
from app.accounts.lifecycle import Blocks
from app.accounts.models import CallPlace, Standing
from app.accounts.service_calls import Next, take_next
from app.contacts import service_holds
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotPermitted, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Actor, work
from app.patients.models import Guarantor
from tests import books
from tests.app.contacts import people

ALL = Ask("score", descending=True)
_standing, _place, _guarantor = table_of(Standing), table_of(CallPlace), table_of(Guarantor)


def zone_at(hour: int) -> str:
    """A time zone in which it is about this hour now."""
    ahead = (hour - now().hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def owing(entity_id: int, cents: int, *, zone: str = "", blocks: int = 0, days: int = 40) -> int:
    """An account that owes something since so many days."""
    key = people.account(entity_id)
    people.point(entity_id, key, value=f"+1216555{key:04d}", zones=zone or zone_at(13))
    zero = dict.fromkeys(("waiting", "held", "credit", "unapplied", "pending", "on_plan", "paid"), 0)
    with work(people.ME) as w:
        day = w.now.date() - timedelta(days)
        w.db.execute(insert(_standing).values(
            account_id=key, entity_id=entity_id, due=Money(cents), visits=1, oldest_since=day,
            latest_since=day, blocks=blocks, plan="", promise_until=None, paid_on=None, changed_at=w.now,
            **zero,
        ))  # fmt: skip
    return key


def clerk(person_id: int = 7) -> Actor:
    """Somebody who calls."""
    rights = frozenset({"accounts.work"})
    return Actor(f"clerk {person_id}", person_id, permissions=rights, scope=people.ME.scope)


def ranked(entity_id: int) -> int:
    with work(people.ME) as w:
        return service_calls.rank_all(w, entity_id)


def asks(person_id: int = 7, **said: str) -> Next:
    with work(clerk(person_id)) as w:
        return take_next(w, ALL, **said)


@pytest.fixture
def entity(house: Any) -> int:
    del house
    return books.practice().id


def test_the_top_account_is_handed_out_and_stays_with_whom_it_was_handed_to(entity: int) -> None:
    owing(entity, 5_000)
    large = owing(entity, 90_000)
    assert ranked(entity) == 2
    mine = asks(7)
    assert mine.account_id == large and "high" in mine.reasons and mine.until is not None
    assert asks(7).account_id == large, "asked again, it is the same one: there is no picking"
    assert asks(8).account_id != large, "nobody else has it"
    assert asks(9).public_id == ""


def test_it_is_wrapped_up_or_skipped_with_a_reason_before_the_next_one_comes(entity: int) -> None:
    second, first = owing(entity, 5_000), owing(entity, 90_000)
    ranked(entity)
    name = asks().public_id
    with pytest.raises(NotAllowed, match="Wrap it up"):
        asks(leaving=name)
    with pytest.raises(Refused, match="Say why"):
        asks(leaving=name, skip="dull")
    assert asks(leaving=name, skip="language").account_id == second
    row = books.rows(_place, _place.c.account_id == first)[0]
    assert row.skipped == 1 and row.held_by is None and row.not_before > now()


def test_who_sleeps_is_not_called_and_who_may_not_be_called_waits(entity: int) -> None:
    asleep = owing(entity, 90_000, zone=zone_at(3))
    held = owing(entity, 80_000)
    free = owing(entity, 5_000)
    ranked(entity)
    with work(people.ME) as w:
        service_holds.place(w, held, "manager", reason="The chief speaks with them")
    assert asks().account_id == free
    waiting = {row.account_id: row.not_before for row in books.rows(_place)}
    assert waiting[held] > now() and waiting[asleep] is None, "the guard's word is kept; hours are not asked"


@pytest.mark.parametrize("block", [Blocks.PROMISE, Blocks.PLAN, Blocks.ATTORNEY, Blocks.PENDING_PAYMENT])
def test_who_keeps_their_word_is_not_on_the_list(entity: int, block: Blocks) -> None:
    owing(entity, 5_000, blocks=int(block))
    assert ranked(entity) == 0


def test_an_account_that_paid_since_the_morning_is_not_handed_out(entity: int) -> None:
    key = owing(entity, 5_000)
    ranked(entity)
    with work(people.ME) as w:
        w.db.execute(update(_standing).where(_standing.c.account_id == key).values(due=Money(0)))
    assert asks().public_id == ""
    with work(people.ME) as w:
        service_calls.rank_some(w, entity, [key])
    assert books.rows(_place) == []


def test_ranking_again_keeps_who_has_what(entity: int) -> None:
    key = owing(entity, 5_000)
    ranked(entity)
    asks(7)
    assert ranked(entity) == 1
    assert books.rows(_place, _place.c.account_id == key)[0].held_by == 7


def test_nobody_without_the_right_is_handed_anything(entity: int) -> None:
    owing(entity, 5_000)
    ranked(entity)
    with pytest.raises(NotPermitted), work(Actor("guest", 5, scope=people.ME.scope)) as w:
        take_next(w, ALL)


def test_sixteen_clerks_at_once_never_get_the_same_account(entity: int) -> None:
    for cents in range(5_000, 5_024):
        owing(entity, cents)
    ranked(entity)
    call: Callable[[int], Next] = asks
    with ThreadPoolExecutor(16) as pool:
        found = [one.account_id for one in pool.map(call, range(1, 17))]
    assert all(found) and len(set(found)) == 16
