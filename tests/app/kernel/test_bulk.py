"""Thousands of keys in one parameter, rows without a stage, and a collector quiet only while it should."""

import gc

import pytest
from sqlalchemy import func, select

from app.kernel import bulk
from app.kernel.db import bulk_insert, table_of
from app.kernel.outbox import NumberBlock
from app.kernel.work import system, work
from tests.conftest import House

CLERK = system("clerk", door="cli")
BLOCK = table_of(NumberBlock)
ROWS = [(f"series '{number}' \"x\"", number) for number in range(3_000)]


@pytest.mark.parametrize("fresh", [False, True])
def test_thousands_of_keys_find_their_rows(house: House, fresh: bool) -> None:
    with work(CLERK) as w:
        assert bulk_insert(w.db, BLOCK, ("name", "next"), ROWS, fresh=fresh) == len(ROWS)
        wanted = [name for name, _ in ROWS[:2_500]] + ["nobody"]
        found = (
            w.db.execute(select(BLOCK.c.name).where(bulk.among(w.db, BLOCK.c.name, wanted))).scalars().all()
        )
        assert sorted(found) == sorted(wanted[:-1])
        numbers = select(func.count()).where(bulk.among(w.db, BLOCK.c.next, [5, 7, 1 << 60]))
        assert w.db.execute(numbers).scalar_one() == 2
        assert w.db.execute(select(BLOCK.c.name).where(bulk.among(w.db, BLOCK.c.name, []))).all() == []


def test_a_key_that_exists_shows_in_the_count(house: House) -> None:
    with work(CLERK) as w:
        bulk_insert(w.db, BLOCK, ("name", "next"), ROWS[:1])
    with pytest.raises(RuntimeError), work(CLERK) as w:
        assert bulk_insert(w.db, BLOCK, ("name", "next"), ROWS, fresh=True) < len(ROWS)
        raise RuntimeError("the transaction is given up")
    with work(CLERK) as w:
        mine = bulk.among(w.db, BLOCK.c.name, [name for name, _ in ROWS])
        assert w.db.execute(select(func.count()).where(mine)).scalar_one() == 1


def test_the_collector_rests_for_the_outermost_block_only() -> None:
    with bulk.uncollected():
        with bulk.uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
        for _ in range(bulk.BATCHES):
            bulk.next_batch()
    assert gc.isenabled()


def test_the_collector_comes_back_after_a_failure() -> None:
    with pytest.raises(ValueError), bulk.uncollected():
        raise ValueError
    assert gc.isenabled()
