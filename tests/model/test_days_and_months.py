"""A past day answers as ever, a closed month never moves, what is derived can be made again (L5, L6)."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import delete

from app.flows import resolve
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import reading, work
from app.ledger import service as ledger
from app.ledger.models import ClaimBalance
from app.ledger.queries import trial_balance
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line
from tests.faults import month

START = datetime(2026, 1, 20, 12, tzinfo=UTC)
DAYS = (date(2025, 12, 16), date(2026, 1, 16), date(2026, 1, 31), date(2026, 2, 28))
_balance = table_of(ClaimBalance)


def answer(as_of: date | None, known_at: datetime | None = None) -> list[tuple[int, str]]:
    """The trial balance of a day as far as it was known at a moment: (account, balance)."""
    with reading(books.CLERK) as w:
        rows = trial_balance(w, as_of=as_of, known_at=known_at).rows
    return [(row.account, str(row.balance)) for row in rows if row.balance]


def close(through: date) -> None:
    with work(books.CLERK) as w:
        ledger.close_month(w, books.rows(books.ENTITY)[0].id, through)


def test_what_a_past_day_was_known_to_be_never_changes(house: House) -> None:
    told: dict[tuple[date, datetime], list[tuple[int, str]]] = {}
    deliveries = [[content] for contents in month.deliveries(claims=8) for content in contents]
    with time_machine.travel(START, tick=False) as clock:
        books.practice()
        for number, contents in enumerate(deliveries):
            clock.shift(timedelta(days=3))
            books.take(*contents)
            if number == 3:
                close(date(2025, 12, 31))
            if number == len(deliveries) - 2:
                posted = [row for row in books.transactions() if row.kind == "835" and row.state == "posted"]
                with work(books.CLERK) as w:
                    resolve.undo(w, posted[-1].public_id, reason="wrong practice")
            moment = datetime.now(UTC)
            clock.shift(timedelta(seconds=1))
            told |= {(day, moment): answer(day, moment) for day in DAYS}
            for (day, known_at), said in told.items():
                assert answer(day, known_at) == said
        assert len({str(said) for said in told.values()}) > 5, "the books hardly moved: this proves nothing"
        assert books.problems() == []


def test_a_closed_month_never_moves_and_late_money_keeps_its_own_day(house: House) -> None:
    with time_machine.travel(START, tick=False) as clock:
        books.practice()
        answers = [claim("A1", line("99214", "200", "120", "CO*45*80"))]
        books.take(bill(billed("A1", "99214 200")), era(*answers, trace="T1"))
        clock.shift(timedelta(days=20))
        before = answer(date(2026, 1, 31))
        close(date(2026, 1, 31))
        late = era(claim("A2", line("99214", "50")), trace="T2")
        books.take(bill(billed("A2", "99214 50", patient="ROE*JOHN", member="M2")), late)
        with work(books.CLERK) as w:
            first = next(row for row in books.transactions() if row.trace == "T1")
            resolve.undo(w, first.public_id, reason="posted to the wrong practice")
        assert answer(date(2026, 1, 31)) == before
        moved = [row for row in books.posted("T2") if row.effective_date == date(2026, 2, 1)]
        assert [row.original_date for row in moved] == [date(2026, 1, 16)]
        assert books.problems() == []
        with pytest.raises(NotAllowed, match="already closed"):
            close(date(2026, 1, 31))


def test_balances_can_be_dropped_and_made_again(house: House) -> None:
    books.practice()
    for contents in month.deliveries(claims=8):
        books.take(*contents)
    before = books.balances()
    assert before
    with work(books.CLERK) as w:
        w.db.execute(delete(_balance))
        assert ledger.rebuild_balances(w, books.rows(books.ENTITY)[0].id) > 0
    assert books.balances() == before
    assert books.problems() == []


def test_the_books_made_again_from_the_files_say_the_same(house: House, tmp_path: Path) -> None:
    books.practice()
    post = month.deliveries(claims=8)
    for contents in post:
        books.take(*contents)
    kept = books.content()
    with books.elsewhere(tmp_path / "again"):
        books.practice()
        books.take(*(content for contents in post for content in contents))
        assert books.content() == kept


@pytest.mark.parametrize("seed", range(3))
def test_files_in_any_order_make_the_same_books(house: House, tmp_path: Path, seed: int) -> None:
    contents = [content for contents in month.deliveries(seed, claims=8) for content in contents]
    books.practice()
    books.take(*contents)
    dice = random.Random(seed)
    with books.elsewhere(tmp_path / "shuffled"):
        books.practice()
        for content in dice.sample(contents, len(contents)):
            books.take(content)
        shuffled, problems = books.content(), books.problems()
    assert shuffled == books.content()
    assert problems == []
