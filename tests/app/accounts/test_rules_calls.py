"""Whom to call next: the score says its reasons."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.accounts.lifecycle import Blocks
from app.accounts.rules_calls import REASONS, Facts, callable_now, rank

TODAY = date(2026, 6, 1)


def test_a_promised_call_comes_before_a_broken_promise_and_that_before_money() -> None:
    asked = rank(Facts(due=5_000, callback_on=TODAY), TODAY)
    broke = rank(Facts(due=5_000, last_broken=True, broken=1), TODAY)
    large = rank(Facts(due=90_000), TODAY)
    assert asked.score > broke.score > large.score
    assert asked.reasons[0] == "callback" and broke.reasons[0] == "promise_broken" and "high" in large.reasons


def test_a_callback_for_another_day_does_not_count_yet() -> None:
    assert "callback" not in rank(Facts(due=5_000, callback_on=TODAY + timedelta(1)), TODAY).reasons


def test_an_older_balance_is_called_before_a_younger_one_of_the_same_size() -> None:
    old = rank(Facts(due=10_000, since=TODAY - timedelta(95)), TODAY)
    young = rank(Facts(due=10_000, since=TODAY - timedelta(40)), TODAY)
    assert old.score > young.score and "old" in old.reasons


def test_what_was_skipped_stands_a_little_further_back_each_time() -> None:
    scores = [rank(Facts(due=10_000, skipped=count), TODAY).score for count in range(3)]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3


@given(
    st.builds(
        Facts,
        due=st.integers(0, 10**9),
        since=st.none() | st.dates(date(2020, 1, 1), TODAY),
        blocks=st.integers(0, 8191),
        kept=st.integers(0, 9),
        broken=st.integers(0, 9),
        last_broken=st.booleans(),
        bounced=st.booleans(),
        callback_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        skipped=st.integers(0, 50),
    )
)
def test_every_score_is_within_bounds_and_every_reason_has_words(facts: Facts) -> None:
    ranked = rank(facts, TODAY)
    assert 0 <= ranked.score <= 1_000
    assert set(ranked.reasons) <= set(REASONS)
    assert len(" ".join(ranked.reasons)) <= 120


def test_who_is_represented_or_keeps_a_plan_is_left_in_peace() -> None:
    assert callable_now(5_000, 0, 1_000)
    assert callable_now(5_000, int(Blocks.RETURNED_MAIL), 1_000)
    for one in (Blocks.ATTORNEY, Blocks.BANKRUPTCY, Blocks.PLAN, Blocks.PROMISE, Blocks.CEASE, Blocks.DISPUTE,
                Blocks.ASSISTANCE, Blocks.ESTIMATE_DISPUTE):  # fmt: skip
        assert not callable_now(5_000, int(one), 1_000)
    assert not callable_now(999, 0, 1_000)
