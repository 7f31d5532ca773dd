"""Decisions and EOBs under faults: approved twice at once is posted once, a failed EOB is whole or absent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

from sqlalchemy.exc import OperationalError

from app.denials import service_writeoff
from app.denials.lifecycle import Decision
from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Stale, Unavailable
from app.kernel.outbox import Job
from app.kernel.work import Actor, work
from tests import books
from tests.conftest import House
from tests.eobs import golden, written
from tests.era import bill, billed, claim, era, line
from tests.faults.test_statement_faults import FAULTS, Nth, failing, try_once
from tests.policy import visitors

APPROVERS, CLICKS = 2, 3
STATEMENTS = 400
EVERY = 5
"""Every fifth statement of an EOB is struck; the rest are those of a remit, which has its own test."""
_denial, _job = table_of(Denial), table_of(Job)
RIGHTS = frozenset({"denials.read", "denials.work", "denials.approve", "denials.review_filing"})


def person(login: str, role: str) -> Actor:
    known = visitors.add(login, role)
    return Actor(
        login, person_id=known.person_id, permissions=RIGHTS, scope=books.CLERK.scope, roles=frozenset({role})
    )


def at_once(tries: list[Callable[[], None]]) -> list[str]:
    """What became of each try, all let go at the same moment."""
    gate = Barrier(len(tries))

    def one(each: Callable[[], None]) -> str:
        gate.wait(20)
        try:
            each()
        except (Stale, NotAllowed, Unavailable, OperationalError) as problem:
            return type(problem).__name__
        return "done"

    with ThreadPoolExecutor(len(tries)) as threads:
        return list(threads.map(one, tries))


def test_a_write_off_approved_by_two_people_at_once_is_posted_once(house: House) -> None:
    del house
    books.practice()
    books.take(bill(billed("A1", "99214 200")), era(claim("A1", line("99214", "200", "0", "CO*197*200"))))
    dana = person("dana", "denial_specialist")
    approvers = [person(f"sue{number}", "supervisor") for number in range(APPROVERS)]
    [row] = books.rows(_denial)
    with work(dana) as w:
        asked = service_writeoff.request(
            w, row.public_id, version=row.version, reason="unavoidable", words="never asked for"
        )

    def approve(who: Actor) -> Callable[[], None]:
        def now() -> None:
            with work(who) as w:
                service_writeoff.decide(w, asked, Decision.APPROVE, version=1, answer="so", reviewed=True)

        return now

    told = at_once([approve(who) for who in approvers for _ in range(CLICKS)])
    assert told.count("done") == 1, told
    assert books.accounts() == {4000: "-200.00", 4110: "200.00"}
    assert books.balance("A1") == ("0.00", "0.00")
    assert books.problems() == []


def strike(number: int, at: int, shift: int) -> bool:
    """One EOB with a fault at its n-th statement; False when it took fewer."""
    control = f"E{number}"
    who: dict[str, Any] = {"patient": f"DOE*E{number}", "member": f"M{number}"}
    books.take(bill(billed(control, "99214 150", "93000 100", **who)))
    books.offer(written(golden(control)), f"{control}.json")
    with (
        failing(Nth(at, FAULTS[(number + shift) % len(FAULTS)])) as nth,
        suppress(OperationalError, OSError, MemoryError),
    ):
        try_once()
    assert books.balance(control) in (("250.00", "0.00"), ("180.00", "40.00")), f"statement {at}: by half"
    assert not books.rows(_job, _job.c.state == "running"), f"statement {at}: a job hangs"
    books.hurry()
    books.settle()
    assert books.balance(control) == ("180.00", "40.00"), f"statement {at}: the next try did not post"
    return nth.struck


def test_a_fault_at_any_statement_leaves_an_eob_whole_or_absent(house: House) -> None:
    books.practice()
    struck = 0
    for number, at in enumerate(range(1, STATEMENTS, EVERY)):
        if not strike(number, at, shift=0 if house.kind == "sqlite" else 3):
            break
        struck += 1
    else:
        raise AssertionError("the EOB takes more statements than this test has tries")
    assert struck > 10, "too few statements were seen to prove anything"
    assert books.problems(with_bytes=False) == []
