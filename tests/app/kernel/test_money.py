"""Money is whole cents: nothing is lost, nothing is rounded but on purpose, and no float comes near."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Refused
from app.kernel.money import LIMIT, Money, total

amounts = st.integers(-LIMIT, LIMIT).map(Money)
weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@given(amounts)
def test_an_amount_reads_back_as_it_was_written(amount: Money) -> None:
    assert Money.parse(str(amount)) == amount


@given(amounts, weights, st.sampled_from(["first", "last"]))
def test_a_split_loses_no_cent_and_no_part_is_a_cent_off_its_share(
    amount: Money, shares: list[int], odd: str
) -> None:
    parts = amount.split(shares, remainder=odd)  # type: ignore[arg-type] # hypothesis gives the two words
    assert total(parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(int(part) * sum(shares) - int(amount) * share) <= len(shares) * sum(shares)
        assert share or not part


def test_two_hundred_thousand_splits_lose_nothing() -> None:
    dice = random.Random(7)
    for _ in range(200_000):
        amount = Money(dice.randint(-LIMIT, LIMIT))
        assert sum(amount.split([dice.randint(1, 99), dice.randint(0, 99), dice.randint(0, 99)])) == amount


def test_ten_dollars_in_three_is_not_nine_ninety_nine() -> None:
    assert [str(part) for part in Money(1000).split([1, 1, 1])] == ["3.34", "3.33", "3.33"]
    assert [str(part) for part in Money(1000).split([1, 1, 1], remainder="last")] == ["3.33", "3.33", "3.34"]
    assert [str(part) for part in Money(-1000).split([1, 1, 1])] == ["-3.34", "-3.33", "-3.33"]


@pytest.mark.parametrize(
    "text", ["1e9", "NaN", "Infinity", "1_000", "１２", "1,000", "+5", "", "-", ".", "5.001", "0x10"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Money.parse(text)


@pytest.mark.parametrize("cents", [LIMIT + 1, -LIMIT - 1])
def test_an_amount_beyond_ten_billion_is_refused(cents: int) -> None:
    with pytest.raises(Refused):
        Money(cents)


def test_a_sum_has_no_limit() -> None:
    assert str(total([Money(LIMIT)] * 3)) == "29999999999.97"
    assert str(Money(LIMIT) + Money(LIMIT)) == "19999999999.98"


@pytest.mark.parametrize(
    ("cents", "factor", "result"), [(1005, "0.5", "5.03"), (-1005, "0.5", "-5.03"), (333, "0.8", "2.66")]
)
def test_half_a_cent_goes_away_from_zero(cents: int, factor: str, result: str) -> None:
    assert str(Money(cents).times(Decimal(factor))) == result


@pytest.mark.parametrize("act", [lambda m: m * 2, lambda m: m / 2, lambda m: m // 2, lambda m: m.times(0.5)])
def test_money_is_not_multiplied_without_saying_how_it_rounds(act: object) -> None:
    with pytest.raises(TypeError):
        act(Money(100))  # type: ignore[operator] # the four ways a careless hand would try
