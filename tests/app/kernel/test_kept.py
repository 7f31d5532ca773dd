"""Small figures are always of this moment; large ones are of a moment the reader is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.kernel import kept

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    kept.forget()
    yield
    kept.forget()


class Book:
    """Counts how often it was counted."""

    def __init__(self, size: int) -> None:
        self.size, self.asked = size, 0

    def count(self) -> int:
        self.asked += 1
        return self.size

    def look(self, key: str = "a") -> kept.Counted[int]:
        return kept.counted(key, self.count, rows=lambda found: found, good_for=MINUTE)


def test_a_small_answer_is_counted_at_every_look() -> None:
    book = Book(kept.KEEP_FROM - 1)
    assert [book.look().fresh for _ in range(3)] == [True, True, True]
    assert book.asked == 3


def test_a_large_answer_is_kept_for_a_minute_and_says_of_when_it_is() -> None:
    book = Book(kept.KEEP_FROM)
    with time_machine.travel(NOON, tick=False):
        assert book.look().fresh
    with time_machine.travel(NOON + timedelta(seconds=59), tick=False):
        assert (book.look().fresh, book.look().at) == (False, NOON)
    with time_machine.travel(NOON + MINUTE, tick=False):
        assert book.look().fresh
    assert book.asked == 2


def test_a_clock_set_back_does_not_keep_an_answer_for_longer() -> None:
    book = Book(kept.KEEP_FROM)
    with time_machine.travel(NOON, tick=False):
        book.look()
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        assert book.look().fresh


def test_each_question_has_its_own_answer_and_the_oldest_goes_first() -> None:
    book = Book(kept.KEEP_FROM)
    for number in range(kept.MOST + 1):
        book.look(str(number))
    assert not book.look(str(kept.MOST)).fresh
    assert book.look("0").fresh
