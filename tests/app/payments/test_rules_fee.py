"""A returned item costs a fee only where law, statement and calendar all allow it."""

from dataclasses import replace
from datetime import date

import pytest

from app.kernel.errors import Refused
from app.payments.lifecycle import Mode, Reversal, Tender
from app.payments.rules import check_why, mode_of, no_card
from app.payments.rules_fee import FeeFacts, block_words, fee

YES = FeeFacts(
    wanted=True, code="R01", before=1, visits=True, printed=True, guard="", allowed=True, waive_first=True,
    barred=frozenset({"R05", "R07", "R10"}), cents=25_00,
)  # fmt: skip


def test_the_second_returned_check_of_a_year_costs_what_the_row_says() -> None:
    assert fee(YES) == (25_00, "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"wanted": False}, "asked for"),
        ({"before": 0}, "waived"),
        ({"printed": False}, "statement"),
        ({"allowed": False}, "state"),
        ({"visits": False}, "visit"),
        ({"guard": "An attorney speaks for them."}, "attorney"),
        ({"code": "R05"}, "authorised"),
        ({"code": "R07"}, "authorised"),
        ({"code": "R10"}, "authorised"),
    ],
)
def test_anything_against_it_means_no_fee(changed: dict[str, object], words: str) -> None:
    cents, why = fee(replace(YES, **changed))  # type: ignore[arg-type]  # one field of several types in turn
    assert cents == 0 and words in why


def test_checks_are_no_longer_taken_after_two_in_a_year() -> None:
    assert block_words(1, 2, date(2026, 3, 1)) == ""
    assert "03/01/2026" in block_words(2, 2, date(2026, 3, 1))


@pytest.mark.parametrize("text", ["4111111111111111", "pay 4111-1111-1111-1111 now", "3782 822463 10005"])
def test_card_numbers_are_refused_in_clear_words(text: str) -> None:
    with pytest.raises(Refused, match="reads like a card number"):
        no_card(text, "reference", 200)


def test_what_a_patient_designates_always_wins() -> None:
    assert mode_of(Mode.PROPORTIONAL, designated=True, plan=True, statement=True) is Mode.DESIGNATED
    assert mode_of(None, designated=False, plan=True, statement=True) is Mode.PLAN
    assert mode_of(None, designated=False, plan=False, statement=True) is Mode.STATEMENT
    assert mode_of(None, designated=False, plan=False, statement=False) is Mode.OLDEST_FIRST


def test_cash_bounces_only_by_mistake() -> None:
    check_why(Reversal.ERROR, Tender.CASH)
    with pytest.raises(Refused):
        check_why(Reversal.NSF, Tender.CASH)
