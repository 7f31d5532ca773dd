"""What follows a payment at once, and its return: promises, the account, dunning; one list for every door."""

from datetime import date, timedelta

import pytest

from app.contacts import queries_story, service_promises
from app.contacts.service_promises import Promising
from app.kernel.money import Money
from app.kernel.work import system, work
from app.payments.lifecycle import Mode
from app.statements.queries_latest import latest_items
from tests import books, paying, statements
from tests.paying import CASHIER
from tests.statements import TODAY

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def _promises(account: int) -> list[str]:
    with work(system("tests")) as w:
        return [one.state for one in queries_story.promises(w, account)]


def _dunning(account: int) -> tuple[str, date, bool]:
    [row] = books.rows(statements.DUNNING, statements.DUNNING.c.account_id == account)
    return row.stage, row.next_on, row.skip_one


@ONE_DATABASE
def test_whoever_pays_what_they_promised_kept_it_and_who_bounced_did_not(house: object) -> None:
    account = paying.owing()
    with work(system("tests")) as w:
        said = Promising(amount=Money(50_00), promised_on=w.today("America/New_York") + timedelta(3))
        service_promises.promise(w, account, said)
    first = paying.pay(account, "50.00")
    assert _promises(account) == ["kept"]
    paying.bounce(first.public_id)
    assert _promises(account) == ["nsf"]


def test_a_quarter_paid_pauses_a_step_at_once_and_its_return_takes_the_pause_away(house: object) -> None:
    statements.sent(statements.owing("A1"))
    account = statements.accounts_of("A1")
    stage, planned, _ = _dunning(account)
    assert stage == "stmt_1"
    paying.pay(account, "9.99")
    assert _dunning(account) == ("stmt_1", planned, False)
    enough = paying.pay(account, "10.00")
    _, later, paused = _dunning(account)
    assert paused and later > TODAY + timedelta(55)
    paying.pay(account, "1.00")
    assert _dunning(account) == ("stmt_1", later, True)
    paying.bounce(enough.public_id)
    _, again, paused = _dunning(account)
    # The days mail goes on may move both by a Sunday or a holiday.
    assert not paused and abs((again - planned).days) <= 3


@ONE_DATABASE
def test_who_paid_all_is_out_of_dunning_at_once_and_stands_where_they_stood_when_it_bounces(
    house: object,
) -> None:
    """A check that bounces is no way back to day 0: steps only move forward (section 4)."""
    statements.sent(statements.owing("A1"))
    account = statements.accounts_of("A1")
    statements.days_ago(account, 20)
    [before] = books.rows(statements.DUNNING)
    whole = paying.pay(account, "40.00")
    assert _dunning(account)[0] == "not_due"
    paying.bounce(whole.public_id)
    [after] = books.rows(statements.DUNNING)
    kept = ("stage", "since", "first_on", "next_on", "notice_on", "statement_on")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


@ONE_DATABASE
def test_a_payment_pays_the_latest_statement_before_older_visits_and_the_plan_before_both(
    house: object,
) -> None:
    """Section 8: designated, plan, statement, oldest first. An older visit came due after the statement."""
    clinic = statements.owing("N1")
    statements.sent(clinic)
    account = statements.accounts_of("N1")
    [line] = books.rows(statements.LINE)
    with work(CASHIER) as w:
        assert latest_items(w, account) == [line.claim_id]
    older = paying.owing(("OLD", "30.00", "20250105"), patient="DOE*N1", member="MN1")
    assert older == account and clinic.id == paying.entity_id()
    first = paying.pay(account, "50.00", key="till-1")
    assert paying.due() == {"OLD": "20.00"} and paying.payment(first.public_id).mode == "statement"
    again = paying.pay(account, "50.00", key="till-1")
    assert again.again and again.public_id == first.public_id
    other = paying.pay(account, "5.00", mode=Mode.OLDEST_FIRST)
    assert paying.payment(other.public_id).mode == "oldest_first" and paying.due() == {"OLD": "15.00"}


@ONE_DATABASE
def test_a_copay_pays_the_visit_it_was_collected_for(house: object) -> None:
    account = paying.owing()
    paying.pay(account, "34.50", named=[(paying.claim_id("C"), None)])
    assert paying.due() == {"A": "120.00", "B": "45.50"}
