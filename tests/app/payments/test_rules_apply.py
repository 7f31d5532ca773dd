"""Which visits a payment pays: the golden rows of section 8, and laws that hold for any payment."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.lifecycle import Mode
from app.payments.rules_apply import Item, Named, spread

A = Item(1, 120_00, date(2026, 1, 5))
B = Item(2, 45_50, date(2026, 2, 1))
C = Item(3, 34_50, date(2026, 2, 20))


def test_oldest_first_fills_the_oldest_visit_before_the_next() -> None:
    assert spread(Mode.OLDEST_FIRST, 150_00, [C, A, B]) == [(1, 120_00), (2, 30_00)]  # RPAT-21


def test_proportional_rounds_down_and_gives_the_odd_cent_to_the_oldest() -> None:
    assert spread(Mode.PROPORTIONAL, 50_00, [B, C, A]) == [(1, 30_01), (2, 11_37), (3, 8_62)]  # RPAT-22


def test_visits_of_one_day_are_paid_in_the_order_of_their_accounts() -> None:
    twins = [Item(9, 10_00, date(2026, 1, 5)), Item(4, 10_00, date(2026, 1, 5)), Item(7, 10_00)]
    assert spread(Mode.OLDEST_FIRST, 25_00, twins) == [(4, 10_00), (9, 10_00), (7, 5_00)]


def test_what_the_patient_names_is_paid_first_and_nothing_else() -> None:
    assert spread(Mode.DESIGNATED, 60_00, [A, B, C], named=[(3, None), (2, 10_00)]) == [
        (3, 34_50),
        (2, 10_00),
    ]


def test_a_disputed_visit_is_paid_only_when_it_is_named() -> None:
    disputed = A._replace(disputed=True)
    assert spread(Mode.OLDEST_FIRST, 50_00, [disputed, B]) == [(2, 45_50)]
    assert spread(Mode.PROPORTIONAL, 50_00, [disputed, B]) == [(2, 45_50)]
    assert spread(Mode.DESIGNATED, 50_00, [disputed, B], named=[(1, None)]) == [(1, 50_00)]


@pytest.mark.parametrize("mode", [Mode.PLAN, Mode.STATEMENT])
def test_the_visits_of_the_plan_or_statement_come_before_older_ones(mode: Mode) -> None:
    assert spread(mode, 100_00, [A, B, C], named=[(2, None), (3, None)]) == [
        (2, 45_50),
        (3, 34_50),
        (1, 20_00),
    ]


def test_fees_are_paid_after_the_principal_of_every_visit() -> None:
    charged = Item(1, 145_00, date(2026, 1, 5), fee=25_00)
    assert spread(Mode.OLDEST_FIRST, 150_00, [charged, B]) == [(1, 120_00), (2, 30_00)]
    assert spread(Mode.OLDEST_FIRST, 170_00, [charged, B]) == [(1, 124_50), (2, 45_50)]


def test_nothing_due_leaves_all_of_it_unapplied() -> None:
    assert spread(Mode.OLDEST_FIRST, 10_00, []) == []
    assert spread(Mode.PROPORTIONAL, 10_00, [A._replace(due=0), B._replace(due=-5_00)]) == []
    assert spread(Mode.DESIGNATED, 10_00, [A], named=[(99, None)]) == []


def _item(claim_id: int, due: int, day: int, fee: int, disputed: bool) -> Item:
    return Item(claim_id, due, date.fromordinal(739_000 + day), min(fee, max(due, 0)), disputed)


ITEMS = st.lists(
    st.builds(
        _item, st.integers(1, 30), st.integers(-500, 90_000), st.integers(0, 40), st.integers(0, 2_500),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.claim_id,
)  # fmt: skip
NAMED = st.lists(st.tuples(st.integers(1, 30), st.none() | st.integers(1, 50_000)), max_size=5)


@given(st.sampled_from(Mode), st.integers(1, 300_000), ITEMS, NAMED)
def test_no_payment_pays_more_than_it_is_or_than_a_visit_owes(
    mode: Mode, cents: int, items: list[Item], named: list[Named]
) -> None:
    parts = spread(mode, cents, items, named=named)
    due = {one.claim_id: one.due for one in items}
    assert all(0 < part <= due[claim_id] for claim_id, part in parts)
    assert max(Counter(claim_id for claim_id, _ in parts).values(), default=1) == 1
    paid = sum(part for _, part in parts)
    calm = sum(one.due for one in items if one.due > 0 and not one.disputed)
    assert paid <= cents
    assert mode is Mode.DESIGNATED or paid == min(cents, calm)
    assert parts == spread(mode, cents, items[::-1], named=named)
