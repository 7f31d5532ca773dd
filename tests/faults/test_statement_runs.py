"""Whatever fails on the way of a run or a payment: whole or absent, once, and never to who is on hold."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy.exc import OperationalError

from app.contacts import service_holds
from app.contacts.lifecycle import HoldKind
from app.kernel.db import table_of
from app.kernel.errors import Refused, Stale
from app.kernel.outbox import Job
from app.kernel.work import work
from app.payments.lifecycle import Reversal, Tender
from app.statements import service_release, service_runs
from tests import books, paying, statements
from tests.conftest import House
from tests.faults.test_statement_faults import FAULTS, Nth, failing, try_once
from tests.statements import BOSS, CLERK, DUNNING, LINE, STATEMENT

EVERY = {"sqlite": 19, "postgresql": 23}
"""In CI every so manieth statement is struck; a run and a payment take some hundred."""
PAY_EVERY = {"sqlite": 11, "postgresql": 17}
STATEMENTS = 900
_job = table_of(Job)


def strike(number: int, public: str, at: int, shift: int) -> bool:
    """One account's run, released and made with a fault at its n-th statement; False when it took fewer."""
    with (
        failing(Nth(at, FAULTS[(at + shift) % len(FAULTS)])) as nth,
        suppress(OperationalError, OSError, MemoryError),
    ):
        with work(BOSS) as w:
            service_release.release(w, public, statements.run(public).version)
        try_once()
    assert not books.rows(_job, _job.c.state == "running"), f"statement {at}: a job hangs"
    made, shown = books.rows(STATEMENT), books.rows(LINE)
    assert len(made) == len(shown) and len(made) in (number, number + 1), f"statement {at}: half a document"
    with suppress(Stale, Refused), work(BOSS) as w:
        service_release.release(w, public, statements.run(public).version)
    for _ in range(2):
        books.hurry()
        books.settle()
    assert statements.run(public).state == "made", f"statement {at}"
    return nth.struck


def test_a_fault_at_any_statement_leaves_a_run_whole_or_absent(house: House) -> None:
    """One account a try; all accounts are made of one file, so that the tries are what takes time."""
    every, shift = EVERY[house.kind], 0 if house.kind == "sqlite" else 3
    tries = STATEMENTS // every
    clinic = statements.owing(*[f"A{number}" for number in range(tries)])
    keys = [row.account_id for row in books.rows(statements.STANDING)]
    before, struck = books.accounts(), 0
    for number in range(tries):
        mine = keys[number]
        public = statements.planned(clinic)
        with work(CLERK) as w:
            service_runs.drop(
                w, public, [statements.public_of(one) for one in keys[number + 1 :]] or [], remark="Later",
                version=1,
            )  # fmt: skip
        statements.signed(public)
        if not strike(number, public, 1 + number * every, shift):
            break
        assert books.rows(DUNNING, DUNNING.c.account_id == mine)[0].stage == "stmt_1"
        struck += 1
    else:
        raise AssertionError("a run takes more statements than this test has tries")
    assert struck > 5, "too few statements were seen to prove anything"
    numbers = sorted(row.number for row in books.rows(STATEMENT))
    assert numbers == [f"S{place:08d}" for place in range(1, len(numbers) + 1)], "a number is missing"
    assert books.accounts() == before and books.problems(with_bytes=False) == []


def test_a_fault_at_any_statement_leaves_a_payment_taken_or_back_whole(house: House) -> None:
    every, shift = PAY_EVERY[house.kind], 0 if house.kind == "sqlite" else 3
    account = paying.owing(("A", "120.00", "20260105"))
    before, struck = books.accounts(), 0
    for number in range(STATEMENTS // every):
        at = 1 + number * every
        with (
            failing(Nth(at, FAULTS[(at + shift) % len(FAULTS)])) as nth,
            suppress(OperationalError, OSError, MemoryError),
        ):
            taken = paying.pay(account, "50.00", key=f"n{number}", tender=Tender.CASH)
            paying.bounce(taken.public_id, Reversal.ERROR, words="Typed twice")
        taken = paying.pay(account, "50.00", key=f"n{number}", tender=Tender.CASH)
        state = paying.payment(taken.public_id).state
        assert paying.due() == {"A": "70.00" if state == "posted" else "120.00"}, f"statement {at}: half"
        if state == "posted":
            paying.bounce(taken.public_id, Reversal.ERROR, words="Typed twice")
        assert paying.due() == {"A": "120.00"} and books.accounts() == before
        if not nth.struck:
            break
        struck += 1
    else:
        raise AssertionError("a payment takes more statements than this test has tries")
    assert struck > 5 and books.problems(with_bytes=False) == []


@pytest.mark.parametrize("turn", range(3))
def test_a_hold_placed_while_a_run_goes_is_heard(house: House, turn: int) -> None:
    """Whoever is first: either the document was made before the hold stood, or there is none."""
    clinic = statements.owing("A1", "A2")
    held = statements.accounts_of("A1")
    public = statements.planned(clinic)
    statements.signed(public)

    def hold() -> str:
        with work(CLERK) as w:
            service_holds.place_for(w, held, HoldKind.BANKRUPTCY, reason="Petition")
        made = books.rows(STATEMENT, STATEMENT.c.account_id == held)
        return "late" if made else "in time"

    def go() -> str:
        with work(BOSS) as w:
            service_release.release(w, public, statements.run(public).version)
        books.settle()
        return "gone"

    acts = [hold, go] if turn else [go, hold]
    with ThreadPoolExecutor(2) as both:
        when, _ = sorted(both.map(lambda act: act(), acts), key=lambda one: one == "gone")
    books.hurry()
    books.settle()
    [line] = [one for one in statements.items(public) if one.account_id == held]
    made = books.rows(STATEMENT, STATEMENT.c.account_id == held)
    assert (line.outcome == "send") == bool(made)
    if when == "in time":
        assert not made and line.reason == "hold_bankruptcy"


def test_sixteen_who_release_at_once_release_once(house: House) -> None:
    clinic = statements.owing("A1", "A2")
    public = statements.planned(clinic)
    statements.signed(public)
    version = statements.run(public).version

    def release(_: int) -> str:
        try:
            with work(BOSS) as w:
                service_release.release(w, public, version)
        except (Stale, Refused) as no:
            return no.code
        return "done"

    with ThreadPoolExecutor(16) as clients:
        told = list(clients.map(release, range(16)))
    assert told.count("done") == 1 and set(told) == {"done", "stale"}
    books.settle()
    assert len(books.rows(STATEMENT)) == 2
