"""Cards by token: charged once, whatever happens in between; no number ever kept."""

import os
import signal
from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import update

from app.flows import card_payment
from app.gateways.cards_simulator import Simulator
from app.kernel import db, failpoints
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.money import Money
from app.kernel.work import work
from app.payments import service_cards
from app.payments.lifecycle import Reversal, Tender
from app.payments.models import CardCharge
from app.payments.service import Taken, Taking
from tests import books, paying
from tests.conftest import House
from tests.paying import CASHIER

CHARGE = table_of(CardCharge)
POINTS = ("payments.before_charge", "payments.while_charging", "payments.after_charge",
          "payments.after_batch", "payments.after_settle")  # fmt: skip
KILLS = 8


def keep(account: int, token: str = "tok_visa_4242_approve", most: int | None = None) -> str:
    card = Simulator().describe(token)
    with work(CASHIER) as w:
        return service_cards.keep(
            w, account, token, card, authorised="This balance, by phone; revoked by a call", most=most,
            until=None,
        )  # fmt: skip


def charge(account: int, card: str, amount: str, key: str = "c1") -> Taken:
    given = Taking(
        entity_id=paying.entity_id(), account_id=account, tender=Tender.CARD, cents=int(Money.parse(amount)),
        key=key,
    )  # fmt: skip
    return card_payment.charge(CASHIER, given, card)


def long_ago() -> None:
    """Every charge was asked for an hour ago."""
    with work(CASHIER) as w:
        for row in books.rows(CHARGE):
            old = row.asked_at - timedelta(hours=1)
            w.db.execute(update(CHARGE).where(CHARGE.c.id == row.id).values(asked_at=old))


def test_an_approved_card_pays_through_card_clearing_once(house: House) -> None:
    account = paying.owing()
    card = keep(account)
    done, again = charge(account, card, "130.00"), charge(account, card, "130.00")
    assert (done.state, again.state, again.again) == ("posted", "posted", True)
    assert Simulator().charges() == [130_00] and paying.due() == {"B": "35.50", "C": "34.50"}
    assert books.accounts()[1020] == "130.00" and books.problems() == []
    paying.bounce(done.public_id, Reversal.CHARGEBACK)
    assert 1020 not in books.accounts() and paying.due()["A"] == "120.00" and books.problems() == []


def test_a_declined_card_posts_nothing(house: House) -> None:
    account = paying.owing()
    done = charge(account, keep(account, "tok_visa_0002_decline"), "10.00")
    row = paying.payment(done.public_id)
    assert (row.state, int(row.applied), int(row.unapplied)) == ("declined", 0, 0)
    assert 1020 not in books.accounts() and books.problems() == []


def test_a_lost_answer_is_found_by_asking(house: House) -> None:
    account = paying.owing()
    done = charge(account, keep(account, "tok_visa_0003_timeout"), "20.00")
    assert done.state == "unknown" and paying.due()["A"] == "120.00"
    assert str(paying.standing(account).pending) == "20.00"
    books.hurry()
    books.settle()
    assert paying.payment(done.public_id).state == "posted" and paying.due()["A"] == "100.00"
    assert Simulator().charges() == [20_00] and int(paying.standing(account).pending) == 0
    assert books.problems() == []


def test_a_charge_that_never_arrived_is_given_up_only_after_a_while(house: House) -> None:
    account = paying.owing()
    done = charge(account, keep(account, "tok_visa_0004_lost"), "20.00")
    books.hurry()
    books.settle()
    assert paying.payment(done.public_id).state == "unknown"
    long_ago()
    books.hurry()
    books.settle()
    assert paying.payment(done.public_id).state == "declined" and Simulator().charges() == []


def test_a_revoked_card_is_never_charged_nor_one_beyond_what_they_agreed_to(house: House) -> None:
    account = paying.owing()
    card = keep(account, most=50_00)
    with pytest.raises(NotAllowed, match="at most 50"):
        charge(account, card, "50.01")
    with work(CASHIER) as w:
        service_cards.revoke(w, card, version=1)
    with pytest.raises(NotAllowed, match="revoked"):
        charge(account, card, "10.00")
    with pytest.raises(Refused, match="card number"), work(CASHIER) as w:
        known = Simulator().describe("tok_visa_4242_approve")
        service_cards.keep(w, account, "4111111111111111", known, authorised="x", most=None, until=None)
    assert not books.rows(CHARGE) and not books.rows(paying.PAYMENT) and Simulator().charges() == []


def _killed_at(point: str, account: int, card: str, key: str) -> None:
    """A charge in a child of ours that dies at this point."""
    db.dispose()
    child = os.fork()
    if child == 0:
        with failpoints.armed(f"{point}=kill@1"):
            charge(account, card, "1.00", key)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, f"nobody was killed at {point}"


def test_kills_before_during_and_after_a_charge_never_charge_twice(house: House) -> None:
    account = paying.owing()
    card = keep(account)
    for number, point in zip(range(KILLS), cycle(POINTS), strict=False):
        _killed_at(point, account, card, f"k{number}")
        charge(account, card, "1.00", f"k{number}")  # the clerk presses the key again
    long_ago()
    books.hurry()
    books.settle()
    states = [row.state for row in books.rows(paying.PAYMENT)]
    assert len(states) == KILLS and set(states) <= {"posted", "declined"}
    assert states.count("posted") == len(Simulator().charges())
    assert books.accounts()[1020] == f"{states.count('posted')}.00" and books.problems() == []
