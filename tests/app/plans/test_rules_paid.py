"""What receipts and days do to a schedule: oldest first, from the end, late, in default, whole again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import Money
from app.plans import rules, rules_paid
from app.plans.lifecycle import InstalmentState, Move, State
from app.plans.rules import Line, Terms
from app.plans.rules_paid import Receipt

MADE, FIRST = date(2026, 1, 2), date(2026, 1, 15)
TERMS = Terms()


def money(text: str) -> Money:
    return Money.parse(text)


def twelve() -> list[Line]:
    return rules.schedule(money("1000.00"), count=12, first=FIRST, made_on=MADE)


def paid(*receipts: tuple[date, str], lines: list[Line] | None = None) -> list[Line]:
    given_ = [Receipt(day, money(cents)) for day, cents in receipts]
    after, over = rules_paid.settle(lines or twelve(), given_)
    assert over == 0
    return after


def left(lines: list[Line]) -> list[str]:
    return [str(line.left) for line in lines]


def test_an_instalment_paid_some_days_early_is_the_one_it_was_meant_for() -> None:
    after = paid((date(2026, 1, 10), "83.33"))
    assert after[0].state == InstalmentState.PAID and left(after)[1:] == ["83.33"] * 10 + ["83.37"]


def test_what_is_extra_shortens_from_the_end_and_the_amount_stays() -> None:
    after = paid((date(2026, 1, 15), "183.33"))
    assert left(after) == ["0.00"] + ["83.33"] * 9 + ["66.70", "0.00"]
    assert rules.sum_of(after) == money("1000.00")


def test_cents_of_rounding_never_become_an_instalment_of_their_own() -> None:
    after = paid((date(2026, 1, 15), "166.66"))
    assert left(after) == ["0.00"] + ["83.33"] * 9 + ["83.37", "0.00"]
    assert rules.sum_of(after) == money("1000.00")


def test_arrears_are_paid_oldest_first_and_only_then_the_end() -> None:
    after = paid((date(2026, 3, 20), "300.00"))
    assert left(after)[:4] == ["0.00", "0.00", "0.00", "83.33"] and left(after)[-1] == "33.36"


def test_a_second_payment_in_the_same_month_is_extra() -> None:
    after = paid((date(2026, 1, 10), "83.33"), (date(2026, 1, 12), "50.00"))
    assert left(after)[:2] == ["0.00", "83.33"] and left(after)[-1] == "33.37"


def test_an_early_payoff_pays_everything_and_the_rest_is_left_over() -> None:
    after, over = rules_paid.settle(twelve(), [Receipt(FIRST, money("1200.00"))])
    assert {line.state for line in after} == {InstalmentState.PAID} and over == money("200.00")


def test_a_bounced_receipt_is_as_if_it_never_came() -> None:
    once = paid((date(2026, 1, 15), "183.33"))
    back = paid(lines=once)
    assert [line.paid for line in back] == [0] * 12 and rules.sum_of(back) == money("1000.00")


def verdict(
    day: date, *receipts: tuple[date, str], state: State = State.ACTIVE
) -> tuple[Move | None, int, date | None]:
    found = rules_paid.judge(state, paid(*receipts), TERMS, day)
    return found.move, found.missed, found.since


def test_grace_is_ten_days_and_the_eleventh_is_late() -> None:
    assert verdict(FIRST + timedelta(days=10)) == (None, 0, None)
    assert verdict(FIRST + timedelta(days=11)) == (Move.MISS, 1, FIRST)


def test_two_missed_in_a_row_are_a_default() -> None:
    second = date(2026, 2, 15)
    assert verdict(second + timedelta(days=10), state=State.LATE) == (None, 1, FIRST)
    assert verdict(second + timedelta(days=11), state=State.LATE) == (Move.DEFAULT, 2, FIRST)


def test_a_part_of_an_instalment_is_a_missed_one() -> None:
    assert verdict(FIRST + timedelta(days=11), (FIRST, "83.32"))[0] == Move.MISS


def test_the_last_instalment_sixty_days_past_due_is_a_default_by_itself() -> None:
    one = rules.schedule(money("100.00"), count=1, first=FIRST, made_on=MADE)
    before = rules_paid.judge(State.LATE, one, TERMS, FIRST + timedelta(days=59))
    then = rules_paid.judge(State.LATE, one, TERMS, FIRST + timedelta(days=60))
    assert (before.move, then.move) == (None, Move.DEFAULT)


def test_a_late_plan_is_whole_again_when_the_missed_one_comes() -> None:
    day = date(2026, 1, 28)
    assert verdict(day, (day, "83.33"), state=State.LATE) == (Move.CURE, 0, None)


def test_the_last_cent_completes_it_even_out_of_a_default() -> None:
    day = date(2026, 6, 1)
    for state in (State.ACTIVE, State.LATE, State.RE_ESTABLISHED, State.DEFAULTED):
        assert verdict(day, (day, "1000.00"), state=state)[0] == Move.COMPLETE


def test_a_completed_plan_reopens_when_its_last_payment_bounces() -> None:
    assert verdict(date(2026, 6, 1), (date(2026, 6, 1), "900.00"), state=State.COMPLETED)[0] == Move.REOPEN


@pytest.mark.parametrize("state", [State.DRAFT, State.CANCELLED])
def test_a_plan_that_is_not_running_is_not_judged(state: State) -> None:
    assert verdict(date(2027, 6, 1), state=state)[0] is None


@given(
    balance=st.integers(2_500, 200_000),
    count=st.integers(1, 24),
    receipts=st.lists(st.tuples(st.integers(0, 800), st.integers(1, 60_000)), max_size=12),
)
def test_what_came_and_what_is_left_are_always_the_whole(
    balance: int, count: int, receipts: list[tuple[int, int]]
) -> None:
    lines = rules.schedule(Money(balance), count=count, first=FIRST, made_on=MADE)
    came = [Receipt(MADE + timedelta(days=day), Money(cents)) for day, cents in receipts]
    after, over = rules_paid.settle(lines, came)
    assert rules.sum_of(after) == balance
    assert sum(line.paid for line in after) + over == sum(one.cents for one in came)
    assert all(0 <= line.paid <= line.amount for line in after)
    again, _ = rules_paid.settle(after, came)
    assert again == after, "worked out twice is the same"
