"""A quarter of a small clinic, day by day: every statement is the ledger of its day, every letter has its
reason and its day, whoever is to be left alone gets nothing, and the books are right at the end.
"""

from datetime import date
from pathlib import Path

import pytest

from tests import books
from tests.conftest import House
from tests.quarter import quarter
from tests.quarter_people import MANNERS

FIRST, LAST, HALF = date(2026, 3, 1), date(2026, 6, 25), date(2026, 5, 6)
STEPS = ("stmt_1", "stmt_2", "stmt_3", "second_notice", "final_notice", "pre_collection")


def test_a_quarter_goes_by_and_every_paper_is_right(house: House) -> None:
    """The whole of it on SQLite, the first ten weeks on PostgreSQL; at night the whole on both."""
    whole = house.kind == "sqlite"
    with quarter(1, len(MANNERS), FIRST) as clinic:
        clinic.until(LAST if whole else HALF)
        assert set(clinic.seen) == set(STEPS if whole else STEPS[:4])


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_the_same_quarter_twice_sends_the_same_papers_to_the_byte(house: House, tmp_path: Path) -> None:
    del house
    hashes = []
    for number in range(2):
        with books.elsewhere(tmp_path / str(number)), quarter(7, 5, FIRST) as clinic:
            clinic.until(date(2026, 4, 21))
            assert clinic.seen["stmt_1"] and clinic.seen["stmt_2"]
            hashes.append(clinic.hash())
    assert hashes[0] == hashes[1]
