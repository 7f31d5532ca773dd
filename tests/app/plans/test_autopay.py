"""Instalments by card: charged on their day, tried again twice, never after a revocation, never twice."""

from datetime import date, timedelta

import pytest

from app.flows import plan_autopay
from app.flows.plan_autopay import Charged
from app.gateways.cards_simulator import Simulator
from app.kernel import failpoints
from app.kernel.errors import Refused
from app.kernel.work import work
from app.payments import service_cards
from app.plans import service_autopay
from app.plans.lifecycle import State
from tests import books, paying, planning
from tests.conftest import House
from tests.planning import CLERK, MADE

JULY = date(2026, 7, 1)


def by_card(account: int, plan: str, does: str = "approve", most: int | None = None) -> str:
    """Let a kept card pay the plan; its public id."""
    token = f"tok_visa_4242_{does}"
    with work(CLERK) as w:
        card = service_cards.keep(
            w, account, token, Simulator().describe(token), authorised="Each instalment on its day",
            most=most, until=None,
        )  # fmt: skip
        version = planning.view(plan).version
        service_autopay.authorise(w, plan, version, card=card, signed_on=MADE, witness="Bea")
    return card


def charge(day: date) -> Charged:
    with planning.on(day):
        return plan_autopay.charge_due(CLERK, paying.entity_id(), day)


def tries(plan: str) -> tuple[int, date | None]:
    (line, *_) = planning.view(plan).lines
    return line.tries, line.next_try


@pytest.fixture
def plan(house: House) -> str:
    with planning.on(MADE):
        return planning.running(planning.owing("300.00"), 3)


def account() -> int:
    return int(books.rows(planning.PLAN)[0].account_id)


def test_each_instalment_is_charged_on_its_day_and_once(plan: str) -> None:
    with planning.on(MADE):
        by_card(account(), plan)
    assert charge(JULY - timedelta(days=1)) == Charged()
    assert charge(JULY) == Charged(posted=1) and charge(JULY) == Charged()
    assert planning.left(plan) == ["0.00", "100.00", "100.00"]
    charge(date(2026, 8, 1))
    charge(date(2026, 9, 1))
    assert planning.view(plan).state is State.COMPLETED and len(Simulator().charges()) == 3


def test_a_declined_card_is_tried_again_after_three_and_seven_days_and_no_more(plan: str) -> None:
    with planning.on(MADE):
        by_card(account(), plan, "decline")
    days = {JULY + timedelta(days=more): charge(JULY + timedelta(days=more)).declined for more in range(15)}
    assert [day for day, declined in days.items() if declined] == [
        JULY, JULY + timedelta(days=3), JULY + timedelta(days=7)
    ]  # fmt: skip
    assert tries(plan) == (3, None)


def test_a_revoked_card_is_never_charged(plan: str) -> None:
    with planning.on(MADE):
        card = by_card(account(), plan)
        with work(CLERK) as w:
            service_cards.revoke(w, card, version=1)
    assert charge(JULY) == Charged() and Simulator().charges() == []


def test_a_plan_that_stops_autopay_is_charged_no_more(plan: str) -> None:
    with planning.on(MADE):
        by_card(account(), plan)
        with work(CLERK) as w:
            service_autopay.stop(w, plan, planning.view(plan).version, reason="Pays by check")
    assert charge(JULY) == Charged()


def test_a_card_that_may_not_pay_so_much_is_no_card_for_the_plan(plan: str) -> None:
    with planning.on(MADE), pytest.raises(Refused) as refused:
        by_card(account(), plan, most=99_99)
    assert refused.value.code == "card_most"


@pytest.mark.parametrize("point", ["payments.after_charge", "payments.after_settle", "plans.after_charge"])
def test_a_crash_at_any_moment_charges_once(plan: str, point: str) -> None:
    with planning.on(MADE):
        by_card(account(), plan)
    with failpoints.armed(f"{point}=raise"), pytest.raises(failpoints.Injected):
        charge(JULY)
    charge(JULY)
    charge(JULY + timedelta(days=1))
    assert len(Simulator().charges()) == 1
