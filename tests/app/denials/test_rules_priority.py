"""How pressing a case is: the table of the field, and our own history where there is enough of it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.denials.rules import taxonomy
from app.denials.rules_priority import COST_CENTS, chance, own_chances, priority, rank
from app.kernel.money import Money

EFFORTS = st.sampled_from(sorted(COST_CENTS))


@pytest.mark.parametrize(
    ("stake", "chance_of", "cost", "days", "effort", "net", "score"),
    [
        ("850.00", ".65", "25.00", 10, "medium", "527.50", 56),
        ("120.00", ".90", "8.00", 45, "low", "100.00", 27),
        ("4200.00", ".45", "120.00", 2, "high", "1770.00", 90),
        ("15.00", ".80", "25.00", 90, "medium", "-13.00", 13),
        ("300.00", ".10", "120.00", -1, "high", "-90.00", 5),
    ],
)
def test_the_scores_of_the_field(
    stake: str, chance_of: str, cost: str, days: int, effort: str, net: str, score: int
) -> None:
    found = priority(
        Money.parse(stake), recovery=Decimal(chance_of), cost=Money.parse(cost), effort=effort, days_left=days
    )
    assert (str(found.net), found.score, found.hopeless) == (net, score, net.startswith("-"))


@given(st.integers(0, 10**9), EFFORTS, st.none() | st.integers(-400, 400), st.integers(0, 100))
def test_a_score_is_between_0_and_100_and_its_reasons_add_up_to_it(
    stake: int, effort: str, days: int | None, percent: int
) -> None:
    found = priority(
        Money(stake),
        recovery=Decimal(percent) / 100,
        cost=Money(COST_CENTS[effort]),
        effort=effort,
        days_left=days,
    )
    assert 0 <= found.score <= 100
    assert abs(sum((Decimal(one["points"]) for one in found.reasons), Decimal(0)) - found.score) <= 1
    assert [one["factor"] for one in found.reasons].count("net_value") == 1 and len(found.reasons) == 5


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_at_stake_never_ranks_lower(one: int, other: int) -> None:
    low, high = sorted((one, other))
    today, due = date(2026, 1, 16), date(2026, 3, 1)
    assert rank(Money(low), "coding", due, today).score <= rank(Money(high), "coding", due, today).score


def test_every_category_has_a_usual_chance_and_a_cost() -> None:
    for taxon in taxonomy().values():
        assert 0 < taxon.recovery < 1 and taxon.effort in COST_CENTS


def test_few_closed_cases_say_nothing() -> None:
    assert own_chances({("coding", 1): (199, 150)}) == {}


def test_two_hundred_closed_cases_speak_for_their_category() -> None:
    found = own_chances({("coding", 1): (150, 75), ("coding", 2): (50, 45)})
    assert found == {("coding", None): Decimal("0.6000")}
    assert chance(found, "coding", 1) == Decimal("0.6000")
    assert chance(found, "cob", 1) is None


def test_a_payers_own_rate_is_drawn_towards_that_of_all() -> None:
    found = own_chances({("coding", 1): (200, 200), ("coding", 2): (200, 0)})
    assert found["coding", None] == Decimal("0.5000")
    assert found["coding", 1] == Decimal("0.9000"), "(200 + 50 * 0.5) / 250"
    assert found["coding", 2] == Decimal("0.1000")


def test_our_own_chance_replaces_the_usual_one() -> None:
    day = date(2026, 1, 16)
    usual = rank(Money(100_000), "coding", None, day)
    own = rank(Money(100_000), "coding", None, day, chance=Decimal("0.1"))
    assert own.score < usual.score and own.reasons[3]["fact"] == "0.1"
