"""The measures: the worked figures of the trade, and what they do at their edges."""

from datetime import date
from decimal import Decimal

import pytest

from app.kernel.money import Money
from app.reports.rules import BUCKETS, Rate, bounds, ends, month_of, months_back, rate, spread


@pytest.mark.parametrize(
    ("key", "above", "below", "kept", "text"),
    [
        ("denial_claims", 120, 1_000, "0.1200", "12.0 %"),
        ("denial_dollars", Money.parse("38000.00"), Money.parse("400000.00"), "0.0950", "9.5 %"),
        ("overturn", 63, 90, "0.7000", "70.0 %"),
        ("net_days", Money.parse("900000.00"), Money.parse("1350000.00"), "60.0000", "60.0 days"),
        ("net_collection", Money.parse("188000.00"), Money.parse("200000.00"), "0.9400", "94.0 %"),
        ("cost", Money.parse("30000.00"), Money.parse("1000000.00"), "0.0300", "3.0 %"),
        ("overturn", 1, 3, "0.3333", "33.3 %"),
        ("overturn", 2, 3, "0.6667", "66.7 %"),
        ("overturn", 0, 5, "0.0000", "0.0 %"),
        ("gross_days", -100, 9_000, "-1.0000", "-1.0 days"),
    ],
)
def test_the_worked_figures(key: str, above: int, below: int, kept: str, text: str) -> None:
    found = rate(key, above, below)
    assert (found.numerator, found.denominator) == (above, below)
    assert (str(found.kept), found.text) == (kept, text)


def test_nothing_to_divide_by_is_never_zero() -> None:
    found: Rate = rate("aged", 0, 0)
    assert found.kept is None and found.text == "n/a"


def test_every_age_has_one_bucket() -> None:
    on = date(2026, 3, 31)
    first_days = bounds(on)
    for age in range(400):
        day = date.fromordinal(on.toordinal() - age)
        key = next(key for key, first in first_days if first is None or day >= first)
        bucket = next(one for one in BUCKETS if one.key == key)
        assert bucket.first is not None and bucket.first <= age <= (bucket.last or age)
        start, until = ends(on, key)
        assert (start is None or start <= day) and (until is None or day < until)


def test_a_day_to_come_is_not_old() -> None:
    assert ends(date(2026, 3, 31), "0-30") == (date(2026, 3, 1), None)


def test_the_middle_and_the_slow_tail() -> None:
    assert spread({}) == spread({5: 0})
    assert spread({3: 1}).median == 3 and spread({3: 1}).p90 == 3
    assert spread({1: 1, 2: 1}).median == Decimal("1.5")
    ten = spread(dict.fromkeys(range(1, 11), 1))
    assert (ten.count, ten.median, ten.p90) == (10, Decimal("5.5"), 9)
    assert spread({0: 90, 40: 10}).p90 == 0 and spread({0: 89, 40: 11}).p90 == 40


def test_months_are_counted_over_the_year() -> None:
    assert months_back(date(2026, 2, 28), 2) == date(2025, 12, 1)
    assert months_back(date(2025, 12, 1), -1) == date(2026, 1, 1)
    assert month_of("2025-12") == (date(2025, 12, 1), date(2026, 1, 1))
    assert month_of("2025-13") is None and month_of("x") is None
