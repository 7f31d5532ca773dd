"""A plan from offer to last cent: what it covers, what pays it, what breaks it and makes it whole again."""

from datetime import date, timedelta

import pytest

from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.money import total
from app.kernel.work import Actor, reading, work
from app.plans import service, service_change
from app.plans.lifecycle import InstalmentState, State
from app.plans.service import Wish
from app.plans.service_change import Consent
from tests import books, paying, planning
from tests.conftest import House
from tests.planning import CLERK, MADE, money

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def whole(plan: str) -> bool:
    """RPAT-30: the lines that count are the balance the plan covers."""
    found = planning.view(plan)
    return total(line.amount for line in found.lines) == found.total


def test_a_plan_is_drafted_signed_and_told_to_the_account(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing()
        plan = planning.draft(account, first_due=JULY)
        assert paying.standing(account).plan == "" and planning.view(plan).state is State.DRAFT
        assert planning.sign(plan) is State.ACTIVE
    found = planning.view(plan)
    assert (str(found.total), str(found.instalment), found.count) == ("1000.00", "83.33", 12)
    assert planning.left(plan) == ["83.33"] * 11 + ["83.37"] and found.disclosures and whole(plan)
    row = paying.standing(account)
    assert (row.plan, str(row.on_plan)) == ("active", "1000.00")


def test_payments_pay_instalments_and_the_last_one_completes_it(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("100.00")
        plan = planning.running(account, 3)
    planning.pay(account, "33.33", JULY)
    assert planning.left(plan) == ["0.00", "33.33", "33.34"]
    planning.pay(account, "50.00", AUGUST)
    assert planning.left(plan) == ["0.00", "0.00", "16.67"] and whole(plan)
    planning.pay(account, "16.67", date(2026, 8, 20))
    assert planning.view(plan).state is State.COMPLETED and paying.due() == {}
    assert paying.standing(account).plan == "completed"


def test_a_bounced_last_payment_reopens_it_and_the_day_decides(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("100.00")
        plan = planning.running(account, 2)
    paid = planning.pay(account, "100.00", JULY)
    assert planning.view(plan).state is State.COMPLETED
    with planning.on(date(2026, 7, 6)):
        paying.bounce(paid)
    assert planning.view(plan).state is State.LATE and planning.left(plan) == ["50.00", "50.00"]
    planning.judge(date(2026, 7, 7))
    assert planning.view(plan).state is State.ACTIVE
    planning.judge(date(2026, 7, 12))
    assert planning.moves(plan)[-3:] == ["reopen", "cure", "miss"]


def test_missed_reminded_in_default_and_set_up_again_to_the_cent(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing()
        plan = planning.running(account)
    for month in (7, 8, 9):
        planning.pay(account, "83.33", date(2026, month, 1))
    assert planning.judge(date(2026, 10, 11)) == 0
    assert planning.judge(date(2026, 10, 12)) == 1
    found = planning.view(plan)
    assert (found.state, found.missed, found.late_since) == (State.LATE, 1, date(2026, 10, 1))
    assert planning.judge(date(2026, 10, 12)) == 0, "twice a day is once"
    planning.judge(date(2026, 11, 12))
    found = planning.view(plan)
    assert (found.state, found.defaulted_on) == (State.DEFAULTED, date(2026, 11, 12))
    row = paying.standing(account)
    assert (row.plan, str(row.on_plan)) == ("defaulted", "0.00")
    day = date(2026, 11, 20)
    assert planning.again(plan, day, first_due=date(2026, 12, 1)) is State.RE_ESTABLISHED
    open_ = [line for line in planning.view(plan).lines if line.left]
    assert [str(line.left) for line in open_] == ["83.33"] * 8 + ["83.37"] and whole(plan)
    assert open_[0].due_on == date(2026, 12, 1)
    assert str(paying.standing(account).on_plan) == "750.01"


def test_it_is_set_up_again_once_in_twelve_months(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.running(account, 6)
    planning.judge(date(2026, 8, 12))
    planning.again(plan, date(2026, 8, 20), first_due=date(2026, 9, 1))
    planning.judge(date(2026, 10, 12))
    assert planning.view(plan).state is State.DEFAULTED
    with pytest.raises(NotAllowed) as refused:
        planning.again(plan, date(2027, 8, 19), first_due=date(2027, 9, 1))
    assert refused.value.code == "re_established_already"
    assert planning.again(plan, date(2027, 8, 20), first_due=date(2027, 9, 1)) is State.RE_ESTABLISHED
    assert whole(plan)


def test_what_was_missed_comes_in_time_and_the_default_never_was(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.running(account, 6)
    planning.judge(date(2026, 8, 12))
    planning.pay(account, "50.00", date(2026, 8, 20))
    assert planning.view(plan).state is State.DEFAULTED
    planning.pay(account, "50.00", date(2026, 8, 25))
    assert planning.view(plan).state is State.ACTIVE


def test_a_default_is_not_cured_after_its_days(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.running(account, 6)
    planning.judge(date(2026, 8, 12))
    planning.pay(account, "150.00", date(2026, 9, 12))
    assert planning.view(plan).state is State.DEFAULTED


def test_terms_change_by_consent_and_what_was_paid_stays(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing()
        plan = planning.running(account, 10)
    planning.pay(account, "120.00", JULY)
    day = date(2026, 7, 10)
    with planning.on(day), work(CLERK) as w:
        wish = Wish(count=4, first_due=AUGUST)
        version = planning.view(plan).version
        service_change.change(w, plan, version, wish, Consent(day, "By telephone, call of today"))
    found = planning.view(plan)
    assert [str(line.left) for line in found.lines if line.left] == ["220.00"] * 4
    assert whole(plan) and str(found.left) == "880.00" and found.schedule_no == 2
    planning.pay(account, "220.00", AUGUST)
    assert [str(line.left) for line in planning.view(plan).lines if line.left] == ["220.00"] * 3


def test_a_bounce_from_before_a_change_opens_what_it_had_paid(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing()
        plan = planning.running(account, 10)
    paid = planning.pay(account, "100.00", JULY)
    day = date(2026, 7, 10)
    with planning.on(day), work(CLERK) as w:
        wish = Wish(count=9, first_due=AUGUST)
        service_change.change(w, plan, planning.view(plan).version, wish, Consent(day, "Bea"))
    with planning.on(day + timedelta(days=1)):
        paying.bounce(paid)
    assert planning.left(plan) == ["100.00"] * 10 and whole(plan)


def test_new_visits_are_added_by_consent_and_the_amount_stays(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.running(account, 6)
        planning.owing("100.00", "P2", day="20260301")
        day = MADE + timedelta(days=1)
    with planning.on(day), work(CLERK) as w:
        consent = Consent(day, "Bea at the desk")
        service_change.add(w, plan, planning.view(plan).version, Wish(first_due=JULY), consent)
    assert planning.left(plan) == ["50.00"] * 8 and str(planning.view(plan).total) == "400.00"
    assert whole(plan)


def test_new_visits_may_have_a_plan_of_their_own_and_no_visit_has_two(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        first = planning.running(account, 6)
        with pytest.raises(NotAllowed) as refused:
            planning.draft(account, 3)
        assert refused.value.code == "nothing_due"
        planning.owing("100.00", "P2", day="20260301")
        second = planning.running(account, 4)
    assert str(planning.view(second).total) == "100.00"
    planning.pay(account, "75.00", JULY)
    assert planning.left(first)[0] == "0.00" and str(paying.standing(account).on_plan) == "325.00"


def test_of_two_drafts_over_the_same_visit_one_is_signed(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        one, other = planning.draft(account, 3), planning.draft(account, 6)
        planning.sign(one)
        with pytest.raises(NotAllowed) as refused:
            planning.sign(other)
    assert refused.value.code == "balance_changed" and planning.view(other).state is State.DRAFT


def test_a_draft_whose_balance_went_down_is_written_anew(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.draft(account, 3)
    planning.pay(account, "10.00", MADE)
    with planning.on(MADE), pytest.raises(NotAllowed) as refused:
        planning.sign(plan)
    assert refused.value.code == "balance_changed"


def test_what_was_paid_before_the_signature_counts_for_nothing(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        before = paying.pay(account, "50.00").public_id
        plan = planning.running(account, 5)
        assert planning.left(plan) == ["50.00"] * 5
        paying.bounce(before)
    assert planning.left(plan) == ["50.00"] * 5


def test_a_cancelled_plan_lets_its_visits_go(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.running(account, 3)
        planning.pay(account, "100.00", JULY)
        with work(CLERK) as w:
            version = planning.view(plan).version
            with pytest.raises(Refused):
                service.cancel(w, plan, version, reason=" ")
            assert service.cancel(w, plan, version, reason="Pays by a loan") is State.CANCELLED
        assert paying.standing(account).plan == "" and paying.due() == {"P1": "200.00"}
        planning.draft(account, 3)
    states = {row.state for row in books.rows(planning.LINE, planning.LINE.c.schedule_no == 1)}
    assert InstalmentState.CANCELLED in states


def test_a_longer_plan_takes_a_supervisor_and_the_longest_a_manager(house: House) -> None:
    clerk = Actor(name="bea", permissions=frozenset({"plans.write"}), scope=CLERK.scope)
    with planning.on(MADE):
        account = planning.owing()
        assert planning.draft(account, 12, actor=clerk)
        with pytest.raises(NotPermitted):
            planning.draft(account, 13, actor=clerk)
        supervisor = Actor(name="sam", permissions=clerk.permissions | {"plans.longer"}, scope=CLERK.scope)
        assert planning.draft(account, 24, actor=supervisor)
        with pytest.raises(NotPermitted):
            planning.draft(account, 25, actor=supervisor)


def test_offers_fit_the_policy_and_sum_to_the_balance(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing()
        with reading(CLERK) as w:
            found = service.offer(w, planning.account_public(account), Wish(down=money("100.00")))
    assert [one.count for one in found.offers] == [3, 6, 9, 12, 18, 24, 30, 36]
    assert all(total(line.amount for line in one.lines) == found.balance for one in found.offers)
    assert {one.right for one in found.offers[:4]} == {"plans.write"}


def test_nobody_changes_what_another_changed_meanwhile(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.draft(account, 3)
        with work(CLERK) as w, pytest.raises(Stale):
            service.activate(w, plan, 9, signed_on=MADE, witness="Bea")
        stranger = Actor(name="eve", permissions=frozenset({"plans.write"}), scope=frozenset({999}))
        with work(stranger) as w, pytest.raises(NotFound):
            service.cancel(w, plan, 1, reason="Not mine")
