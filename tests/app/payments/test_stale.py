"""Two people at one payment: the second is told; sixteen clients never pay a visit more than it owes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.gateways.cards_simulator import Simulator
from app.kernel.errors import Stale
from app.kernel.work import Work, work
from app.payments import service_apply, service_cards, service_reverse
from app.payments.lifecycle import Mode, Reversal
from app.payments.service_reverse import Return
from tests import books, paying
from tests.conftest import House
from tests.paying import CASHIER

CLIENTS = 16
Verb = Callable[[Work, str, int], Any]
VERBS: dict[str, Verb] = {
    "apply": lambda w, key, v: service_apply.apply(w, key, mode=Mode.OLDEST_FIRST, version=v),
    "take_off": lambda w, key, v: service_apply.take_off(w, key, reason="x", version=v),
    "identify": lambda w, key, v: service_apply.identify(w, key, 1, version=v),
    "clear_review": lambda w, key, v: service_apply.clear_review(w, key, reason="x", version=v),
    "reverse": lambda w, key, v: service_reverse.reverse(w, key, Return(why=Reversal.NSF), version=v),
    "waive_fee": lambda w, key, v: service_reverse.waive_fee(w, key, reason="x", version=v),
}


def test_what_somebody_changed_meanwhile_is_not_decided_about(house: House) -> None:
    account = paying.owing(("A", "120.00", "20260105"))
    taken = paying.pay(account, "150.00")
    for verb in VERBS.values():
        with pytest.raises(Stale), work(CASHIER) as w:
            verb(w, taken.public_id, 2)
    with work(CASHIER) as w:
        known = Simulator().describe("tok_visa_4242_approve")
        card = service_cards.keep(
            w, account, "tok_visa_4242_approve", known, authorised="By phone", most=None, until=None
        )
    with pytest.raises(Stale), work(CASHIER) as w:
        service_cards.revoke(w, card, version=2)
    assert books.problems() == []


def test_sixteen_clients_with_one_key_pay_once(house: House) -> None:
    account = paying.owing(("A", "120.00", "20260105"))
    with ThreadPoolExecutor(CLIENTS) as clients:
        taken = list(clients.map(lambda _: paying.pay(account, "50.00", key="one"), range(CLIENTS)))
    assert len({one.public_id for one in taken}) == 1 and sum(not one.again for one in taken) == 1
    assert paying.due() == {"A": "70.00"} and books.problems() == []


def test_sixteen_clients_at_one_visit_never_pay_more_than_it_owes(house: House) -> None:
    account = paying.owing(("A", "120.00", "20260105"))
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda nth: paying.pay(account, "20.00", key=f"n{nth}"), range(CLIENTS)))
    assert paying.due() == {} and books.accounts()[2010] == "-200.00"
    assert str(paying.standing(account).unapplied) == "200.00" and books.problems() == []
