"""Money of people the law protects: a bankrupt's waits, a QMB's goes back, a dispute bars its own visit."""

from datetime import timedelta

import pytest

from app.contacts import service_disputes, service_holds
from app.flows import account_acts, account_items, patient_paid
from app.kernel.db import table_of
from app.kernel.work import work
from app.worklist.models import WorklistItem
from tests import books, paying, statements
from tests.paying import CASHIER, claim_id
from tests.statements import TODAY

ITEM = table_of(WorklistItem)
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def _hold(account: int, kind: str) -> None:
    with work(CASHIER) as w:
        service_holds.place(w, account, kind, reason="a letter came")


@ONE_DATABASE
def test_what_a_bankrupt_pays_waits_for_a_person_whenever_it_was_received(house: object) -> None:
    account = paying.owing()
    _hold(account, "bankruptcy")
    for days in (0, 3):  # the notice came after the petition, and after this check
        taken = paying.pay(account, "50.00", received_on=TODAY - timedelta(days))
        row = paying.payment(taken.public_id)
        assert (str(taken.applied), str(taken.unapplied), row.review) == ("0.00", "50.00", "bankruptcy")
    assert paying.due() == {"A": "120.00", "B": "45.50", "C": "34.50"}
    assert books.accounts()[2010] == "-100.00"
    assert {one.kind for one in books.rows(ITEM, ITEM.c.queue == "payments")} == {"bankruptcy"}
    with work(CASHIER) as w:
        patient_paid.apply_rest(w, paying.entity_id(), account)
    assert books.accounts()[2010] == "-100.00", "nobody looked yet"


@ONE_DATABASE
def test_what_was_taken_of_a_qmb_asks_somebody_to_give_it_back(house: object) -> None:
    account = paying.owing(("A", "40.00", "20260105"))
    taken = paying.pay(account, "25.00")
    _hold(account, "qmb")
    with work(CASHIER) as w:
        account_items.every_day(w, paying.entity_id(), TODAY)
    [item] = books.rows(ITEM, ITEM.c.kind == account_items.PROTECTED)
    assert (item.subject_id, str(item.amount), item.state) == (account, "25.00", "open")
    paying.bounce(taken.public_id)
    with work(CASHIER) as w:
        account_items.every_day(w, paying.entity_id(), TODAY)
    [item] = books.rows(ITEM, ITEM.c.kind == account_items.PROTECTED)
    assert item.state == "done"


@ONE_DATABASE
def test_a_dispute_of_one_visit_leaves_the_others_to_be_billed_and_paid(house: object) -> None:
    account = paying.owing()
    clinic = books.rows(books.ENTITY)[0]
    with work(CASHIER) as w:
        service_disputes.open_dispute(w, account, said="I was never there", claim_id=claim_id("A"))
        account_acts.stand(w, clinic.id, [account])
    [line] = statements.items(statements.planned(clinic))
    assert (line.outcome, str(line.asked)) == ("send", "80.00")
    paying.pay(account, "100.00")
    assert paying.due() == {"A": "120.00"}, "20.00 stay unapplied rather than pay what they dispute"
    assert books.accounts()[2010] == "-20.00"
