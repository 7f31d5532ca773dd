"""What may stand in a note, and how a promise ends."""

from datetime import date

import pytest

from app.contacts.rules import REDACTED, PromiseState, check_promise, cleaned, judge, without_cards
from app.kernel.errors import Refused

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    "text",
    ["4111111111111111", "4111 1111 1111 1111", "paid by 4111-1111-1111-1111 today", "378282246310005"],
)
def test_a_card_number_is_taken_out_however_it_is_written(text: str) -> None:
    assert REDACTED in without_cards(text) and "1111" not in without_cards(text)


@pytest.mark.parametrize(
    "text", ["4111111111111112", "ICN 2026030212345678", "0000000000000", "call 555-0100"]
)
def test_what_is_no_card_number_stays(text: str) -> None:
    assert without_cards(text) == text


def test_a_note_longer_than_its_field_is_refused() -> None:
    assert cleaned("  fine \x07", 10, "text") == "fine"
    with pytest.raises(Refused, match="At most 3"):
        cleaned("longer", 3, "text")


def test_nobody_promises_for_yesterday_or_nothing_or_no_day() -> None:
    check_promise(DAY, 1, DAY)
    for day, amount in ((date(2026, 3, 1), None), (date(2027, 3, 4), None), (DAY, 0), (None, 5)):
        with pytest.raises(Refused):
            check_promise(day, amount, DAY)


@pytest.mark.parametrize(
    ("promised", "received", "on", "state"),
    [
        (None, 1, DAY, PromiseState.KEPT),
        (100, 100, DAY, PromiseState.KEPT),
        (100, 99, date(2026, 3, 7), PromiseState.OPEN),
        (100, 99, date(2026, 3, 8), PromiseState.PARTIAL),
        (100, 0, date(2026, 3, 8), PromiseState.BROKEN),
        (None, 0, date(2026, 3, 7), PromiseState.OPEN),
    ],
)
def test_a_promise_is_judged_by_what_came(
    promised: int | None, received: int, on: date, state: PromiseState
) -> None:
    assert judge(promised, received, DAY, on) is state
