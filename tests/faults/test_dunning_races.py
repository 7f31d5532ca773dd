"""Several look at the same accounts at once: each account moves once, and its story has each move once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.accounts import service as accounts
from app.contacts import service_holds
from app.contacts.lifecycle import HoldKind
from app.entities.rules import Practice
from app.kernel.work import work
from app.statements import service_dunning
from app.statements.rules_dunning import Change, judge
from app.statements.service_dunning import move_due
from tests import books, statements
from tests.conftest import House
from tests.statements import BOSS, CLERK, DUNNING, EVENT


def moves() -> list[tuple[int, str]]:
    """Every move told so far."""
    return sorted((one.account_id, one.move) for one in books.rows(EVENT))


def a_day(clinic: Practice) -> int:
    """Let today pass for every account; how many moved."""
    with work(CLERK) as w:
        return move_due(w, clinic.id, w.today(clinic.time_zone))


def hold(clinic: Practice, account: int) -> None:
    """Stop an account, without a look at its stage."""
    with work(CLERK) as w:
        service_holds.place(w, account, HoldKind.MANAGER, reason="asked")
        accounts.refresh(w, clinic.id, [account])


def overtaken(clinic: Practice) -> int:
    """A look that decided, and is overtaken by another before it writes; how many it moved."""
    stale: list[tuple[Any, Change]] = []
    with work(BOSS) as w:
        day = w.today(clinic.time_zone)
        plan = service_dunning.ensure(w, clinic.id, day)
        for rows in service_dunning._chunks(w, clinic.id, None):
            for row in rows:
                change = judge(service_dunning._standing(row, day, False, False), plan, day, 25)
                if change is not None:
                    stale.append((row, change))
    assert stale and a_day(clinic) == len(stale)
    with work(BOSS) as w:
        return service_dunning._write(w, clinic.id, day, plan, stale)


def test_who_is_overtaken_moves_nothing_and_tells_nothing(house: House) -> None:
    clinic = statements.owing("A1", "A2")
    first, second = (statements.accounts_of(name) for name in ("A1", "A2"))
    assert overtaken(clinic) == 0  # they stood nowhere
    assert moves() == sorted([(first, "come_due"), (second, "come_due")])
    hold(clinic, first)
    assert overtaken(clinic) == 0  # one of them stood somewhere
    assert moves() == sorted([(first, "come_due"), (first, "pause"), (second, "come_due")])


def test_six_days_at_once_are_one_day(house: House) -> None:
    clinic = statements.owing("A1", "A2", "A3")
    with ThreadPoolExecutor(6) as many:
        moved = sum(many.map(a_day, [clinic] * 6))
    assert moved == 3 and [move for _, move in moves()] == ["come_due"] * 3
    for name in ("A1", "A2", "A3"):
        hold(clinic, statements.accounts_of(name))
    with ThreadPoolExecutor(6) as many:
        moved = sum(many.map(a_day, [clinic] * 6))
    assert moved == 3 and [move for _, move in moves()].count("pause") == 3
    assert {one.version for one in books.rows(DUNNING)} == {2}
