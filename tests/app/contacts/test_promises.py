"""A promise is kept by what is posted: 95 percent by its day and five more, and never by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.contacts import queries_story, rules_promises, service_promises
from app.contacts.lifecycle import PatientPromiseState as State
from app.contacts.models import PatientPromise
from app.contacts.rules_law import Law
from app.contacts.rules_promises import Came
from app.contacts.service_promises import Promising
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused, Stale
from app.kernel.money import Money
from app.kernel.work import Work, system, work
from tests import books
from tests.app.contacts import people
from tests.conftest import House

ME = system("tests")
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
DAY = date(2026, 6, 15)
LAW = Law(DAY)
_promise = table_of(PatientPromise)


@pytest.mark.parametrize(
    ("came", "on", "state", "good"),
    [
        ([], DAY, State.OPEN, 0),
        ([], DAY + timedelta(5), State.OPEN, 0),
        ([], DAY + timedelta(6), State.BROKEN, 0),
        ([Came(DAY, 95_00, False)], DAY, State.KEPT, 95_00),
        ([Came(DAY, 94_99, False)], DAY + timedelta(6), State.PARTIAL, 94_99),
        ([Came(DAY + timedelta(5), 100_00, False)], DAY + timedelta(6), State.KEPT, 100_00),
        ([Came(DAY + timedelta(6), 100_00, False)], DAY + timedelta(6), State.BROKEN, 0),
        ([Came(DAY - timedelta(15), 100_00, False)], DAY + timedelta(6), State.BROKEN, 0),
        ([Came(DAY, 60_00, False), Came(DAY, 35_00, False)], DAY, State.KEPT, 95_00),
        ([Came(DAY, 100_00, True)], DAY, State.NSF, 0),
        ([Came(DAY, 100_00, True), Came(DAY, 95_00, False)], DAY, State.KEPT, 95_00),
        ([Came(DAY, 10_00, True)], DAY + timedelta(6), State.BROKEN, 0),
    ],
)
def test_a_promise_of_a_hundred_is_judged(came: list[Came], on: date, state: State, good: int) -> None:
    enough = rules_promises.needed(LAW, 100_00)
    assert enough == 95_00
    made, grace = DAY - timedelta(14), DAY + timedelta(5)
    assert rules_promises.judge(enough, made, grace, came, on) == (state, good)


def test_a_fraction_of_a_cent_is_asked_for_whole() -> None:
    assert rules_promises.needed(LAW, 10_01) == 9_51


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"on": DAY - timedelta(1)}, Refused),
        ({"on": DAY + timedelta(31)}, Refused),
        ({"amount": 9_99}, Refused),
        ({"amount": 9_99, "due": 9_99}, None),
        ({"amount": 60_00, "due": 50_00}, Refused),
        ({"before": 2}, NotAllowed),
        ({}, None),
    ],
)
def test_a_promise_fits_the_limits_of_the_house(
    said: dict[str, Any], problem: type[Exception] | None
) -> None:
    given: dict[str, Any] = dict(today=DAY, on=DAY + timedelta(30), amount=50_00, due=None, before=0) | said
    if problem is None:
        assert rules_promises.check(LAW, **given) == 1
    else:
        with pytest.raises(problem):
            rules_promises.check(LAW, **given)


def promised(w: Work, who: int) -> str:
    """A promise of 50.00 for today in a week."""
    on = w.today("America/New_York") + timedelta(7)
    return service_promises.promise(w, who, Promising(amount=Money(50_00), promised_on=on))


def test_two_broken_promises_and_there_is_no_third(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    for _ in range(2):
        with work(ME) as w:
            promised(w, who)
            late = w.today("America/New_York") + timedelta(13)
            assert service_promises.judge(w, entity, {}, late) == {who: State.BROKEN}
            assert service_promises.judge(w, entity, {}, late) == {}
    with work(ME) as w:
        with pytest.raises(NotAllowed, match="last 2 promises"):
            promised(w, who)
        assert [(one.state, one.nth) for one in queries_story.promises(w, who)] == [
            ("broken", 2), ("broken", 1),
        ]  # fmt: skip
        assert queries_story.keeps(w, who).rate == 0


def test_a_payment_that_bounces_takes_a_kept_promise_back(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        promised(w, who)
        today = w.today("America/New_York")
        since = service_promises.open_to_judgement(w, [who], today)
        assert since == {who: today}
        paid = {who: [(today, 50_00, False)]}
        assert service_promises.judge_accounts(w, entity, paid, today, since=since) == {who: State.KEPT}
        assert str(queries_story.keeps(w, who).rate) == "1.0000"
        late = today + timedelta(60)
        since = service_promises.open_to_judgement(w, [who], late)
        bounced = {who: [(today, 50_00, True)]}
        assert service_promises.judge_accounts(w, entity, bounced, late, since=since) == {who: State.NSF}
        assert str(queries_story.keeps(w, who).rate) == "0.0000"
        assert service_promises.judge_accounts(w, entity, paid, late, since=since) == {who: State.KEPT}


@ONE_DATABASE
def test_an_old_promise_is_not_judged_by_payments_nobody_asked_for(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        promised(w, who)
        old = datetime(2025, 1, 1, tzinfo=UTC)
        w.db.execute(update(_promise).values(made_at=old, grace_until=date(2025, 1, 10), state="kept"))
        assert service_promises.open_to_judgement(w, [who], w.now.date()) == {}
        assert service_promises.judge(w, entity, {}, w.now.date()) == {}


@ONE_DATABASE
def test_one_promise_at_a_time_and_a_mistake_is_taken_back(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        public = promised(w, who)
        with pytest.raises(NotAllowed, match="is open"):
            promised(w, who)
        with pytest.raises(Stale):
            service_promises.withdraw(w, public, why="Wrong account", version=7)
        service_promises.withdraw(w, public, why="Wrong account", version=1)
        promised(w, who)
        assert [(one.state, one.nth) for one in queries_story.promises(w, who)] == [
            ("open", 1), ("withdrawn", 1),
        ]  # fmt: skip
