"""Schedules to the cent: what a balance makes of instalments, their days, and the limits they keep."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Refused
from app.kernel.money import ZERO, Money
from app.plans import rules
from app.plans.rules import Terms

MADE = date(2026, 3, 2)
FIRST = date(2026, 3, 15)
TERMS = Terms()


def money(text: str) -> Money:
    return Money.parse(text)


def spread(balance: str, count: int = 0, amount: str = "0") -> list[str]:
    return [str(part) for part in rules.instalments(money(balance), count=count, amount=money(amount))]


@pytest.mark.parametrize(
    ("balance", "count", "regular", "last"),
    [
        ("1000.00", 12, "83.33", "83.37"),
        ("100.00", 3, "33.33", "33.34"),
        ("899.99", 6, "149.99", "150.04"),
        ("250.00", 10, "25.00", "25.00"),
        ("750.01", 9, "83.33", "83.37"),
        ("10.00", 1, "", "10.00"),
    ],
)
def test_all_instalments_are_rounded_down_and_the_last_takes_the_rest(
    balance: str, count: int, regular: str, last: str
) -> None:
    assert spread(balance, count) == [regular] * (count - 1) + [last]


def test_a_fixed_amount_fits_as_often_as_it_can_and_the_last_is_what_remains() -> None:
    assert spread("500.00", amount="75.00") == ["75.00"] * 6 + ["50.00"]
    assert spread("50.00", amount="75.00") == ["50.00"]
    assert spread("150.00", amount="75.00") == ["75.00", "75.00"]


def test_a_down_payment_is_due_at_once_and_the_rest_is_spread() -> None:
    lines = rules.schedule(money("1000.00"), count=10, down=money("100.00"), first=FIRST, made_on=MADE)
    assert [(line.number, str(line.amount)) for line in lines[:2]] == [(0, "100.00"), (1, "90.00")]
    assert lines[0].due_on == MADE and len(lines) == 11 and rules.months(lines) == 10


@pytest.mark.parametrize("down", ["1000.00", "1000.01", "-0.01"])
def test_a_down_payment_of_everything_is_no_plan(down: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.schedule(money("1000.00"), count=10, down=money(down), first=FIRST, made_on=MADE)
    assert refused.value.code == "down"


@given(
    balance=st.integers(1, 5_000_000),
    count=st.integers(1, 60),
    down=st.integers(0, 4_000_000),
    first=st.dates(date(2026, 1, 1), date(2029, 12, 31)).filter(lambda day: day.day <= 28),
)
def test_the_sum_of_a_schedule_is_the_balance(balance: int, count: int, down: int, first: date) -> None:
    if down >= balance or (balance - down) < count:
        return
    lines = rules.schedule(Money(balance), count=count, down=Money(down), first=first, made_on=first)
    assert rules.sum_of(lines) == balance
    assert all(line.amount > 0 for line in lines)
    days = [line.due_on for line in lines if line.number]
    assert {day.day for day in days} == {first.day} and days == sorted(set(days))
    assert days[0] == first


@given(balance=st.integers(1, 500_000), amount=st.integers(1, 500_000))
def test_the_sum_of_fixed_instalments_is_the_balance(balance: int, amount: int) -> None:
    if balance > amount * rules.COUNT_MOST:
        with pytest.raises(Refused):
            rules.instalments(Money(balance), amount=Money(amount))
        return
    parts = rules.instalments(Money(balance), amount=Money(amount))
    assert sum(parts) == balance and all(0 < part <= amount for part in parts)


def test_due_days_follow_the_months_over_the_end_of_a_year_and_a_leap_day() -> None:
    lines = rules.schedule(money("100.00"), count=4, first=date(2027, 11, 28), made_on=date(2027, 11, 1))
    assert [line.due_on for line in lines] == [
        date(2027, 11, 28),
        date(2027, 12, 28),
        date(2028, 1, 28),
        date(2028, 2, 28),
    ]


@pytest.mark.parametrize(
    ("made", "due_day", "first"),
    [
        (date(2026, 3, 2), 15, date(2026, 3, 15)),
        (date(2026, 3, 20), 15, date(2026, 4, 15)),
        (date(2028, 2, 29), 28, date(2028, 3, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 1)),
        # The same day of a month of 31 days is 31 days off: the first is due at once.
        (date(2026, 1, 15), 15, date(2026, 1, 15)),
        (date(2026, 2, 15), 15, date(2026, 3, 15)),
    ],
)
def test_the_first_instalment_is_due_within_thirty_days(made: date, due_day: int, first: date) -> None:
    assert rules.first_due(made, due_day) == first


@given(made=st.dates(date(2026, 1, 1), date(2032, 12, 31)), due_day=st.integers(1, 28))
def test_every_due_day_is_reached_within_thirty_days(made: date, due_day: int) -> None:
    first = rules.first_due(made, due_day)
    assert made <= first <= made + timedelta(days=30) and first.day == due_day


def refusal(balance: str, count: int, *, terms: Terms = TERMS, first: date = FIRST, income: str = "") -> str:
    lines = rules.schedule(money(balance), count=count, first=first, made_on=MADE)
    try:
        rules.checked(lines, terms, made_on=MADE, income=money(income) if income else None)
    except Refused as problem:
        return problem.code
    return ""


def test_twenty_five_dollars_a_month_is_the_least() -> None:
    assert refusal("250.00", 10) == ""
    assert refusal("249.99", 10) == "minimum"
    assert refusal("10.00", 1) == "", "a small balance in one payment"


def test_a_due_day_is_one_every_month_has() -> None:
    assert refusal("250.00", 10, first=date(2026, 3, 28)) == ""
    assert refusal("250.00", 10, first=date(2026, 4, 2)) == "first_due"
    lines = [rules.Line(1, date(2026, 3, 29), money("50.00"))]
    with pytest.raises(Refused) as refused:
        rules.checked(lines, TERMS, made_on=MADE)
    assert refused.value.code == "due_day"


def test_a_cap_on_income_holds_only_where_the_law_asks_and_the_income_is_known() -> None:
    maryland = Terms(income_percent=5)
    assert refusal("1000.00", 10, terms=maryland, income="2000.00") == ""
    assert refusal("1000.00", 10, terms=maryland, income="1999.99") == "income_cap"
    assert refusal("1000.00", 10, terms=maryland) == ""
    assert refusal("1000.00", 10, income="100.00") == ""


def test_a_state_may_end_a_plan_before_the_house_would() -> None:
    assert refusal("1000.00", 36, terms=Terms(months_most=36)) == ""
    assert refusal("1000.00", 37, terms=Terms(months_most=36)) == "state_months"


def test_longer_terms_take_higher_roles() -> None:
    rights = [rules.right_for(term, TERMS) for term in (12, 13, 24, 25, 36)]
    assert rights == ["plans.write", "plans.longer", "plans.longer", "plans.longest", "plans.longest"]
    with pytest.raises(Refused) as refused:
        rules.right_for(37, TERMS)
    assert refused.value.code == "too_long"


def test_more_than_four_instalments_want_disclosures_and_a_down_payment_is_none() -> None:
    four = rules.schedule(money("500.00"), count=4, down=money("100.00"), first=FIRST, made_on=MADE)
    five = rules.schedule(money("500.00"), count=5, first=FIRST, made_on=MADE)
    assert not rules.discloses(four, TERMS) and rules.discloses(five, TERMS)


@pytest.mark.parametrize(("count", "amount"), [(0, "0"), (3, "10.00")])
def test_a_number_or_an_amount_is_given_not_both(count: int, amount: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.instalments(money("100.00"), count=count, amount=money(amount))
    assert refused.value.code == "count_or_amount"


def test_nothing_due_makes_no_plan() -> None:
    with pytest.raises(Refused) as refused:
        rules.instalments(ZERO, count=3)
    assert refused.value.code == "nothing_due"
