"""What follows a payment at once, and its return: promises, the account, dunning; one list for every door."""

from datetime import date, timedelta

import pytest

from app.contacts import queries_story, service_promises
from app.contacts.service_promises import Promising
from app.kernel.money import Money
from app.kernel.work import system, work
from tests import books, paying, statements
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
def test_who_paid_all_is_out_of_dunning_at_once(house: object) -> None:
    statements.sent(statements.owing("A1"))
    account = statements.accounts_of("A1")
    whole = paying.pay(account, "40.00")
    assert _dunning(account)[0] == "not_due"
    paying.bounce(whole.public_id)
    assert _dunning(account)[:2] == ("eligible", TODAY)
