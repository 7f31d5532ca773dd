"""Plans ask for people: an instalment missed is reminded of, an automatic payment is announced before."""

from datetime import date, timedelta

import pytest

from app.flows import account_items
from app.gateways.cards_simulator import Simulator
from app.kernel.db import table_of
from app.kernel.work import work
from app.payments import service_cards
from app.plans import service_autopay
from app.worklist.models import WorklistItem
from tests import books, paying, planning
from tests.planning import CLERK, MADE

ITEM = table_of(WorklistItem)
JULY = date(2026, 7, 1)
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def _items(day: date, kind: str) -> list[tuple[str, str, date | None]]:
    with planning.on(day), work(CLERK) as w:
        account_items.every_day(w, paying.entity_id(), day)
    return [(str(one.amount), one.state, one.due) for one in books.rows(ITEM, ITEM.c.kind == kind)]


@ONE_DATABASE
def test_a_missed_instalment_asks_for_a_reminder_after_its_grace_and_no_longer_when_it_came(
    house: object,
) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        planning.running(account, 3)
    planning.judge(JULY + timedelta(10))
    assert _items(JULY + timedelta(10), account_items.MISSED) == []
    late = JULY + timedelta(11)
    planning.judge(late)
    assert [one[:2] for one in _items(late, account_items.MISSED)] == [("100.00", "open")]
    planning.pay(account, "100.00", late)
    assert [one[1] for one in _items(late, account_items.MISSED)] == ["done"]


@ONE_DATABASE
def test_a_charge_to_come_is_announced_three_days_before(house: object) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.running(account, 3)
        with work(CLERK) as w:
            card = service_cards.keep(
                w, account, "tok_visa_4242_approve", Simulator().describe("tok_visa_4242_approve"),
                authorised="Each instalment on its day", most=None, until=None,
            )  # fmt: skip
            service_autopay.authorise(
                w, plan, planning.view(plan).version, card=card, signed_on=MADE, witness="Bea"
            )
    assert _items(JULY - timedelta(4), account_items.ANNOUNCE) == []
    assert _items(JULY - timedelta(3), account_items.ANNOUNCE) == [("100.00", "open", JULY)]
    assert [one[1] for one in _items(JULY, account_items.ANNOUNCE)] == ["done"]
