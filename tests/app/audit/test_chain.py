"""The trail as it is written: one chain, append only, in the transaction of what it tells about."""

import threading
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditEvent, AuditPatient
from app.audit.rules import GENESIS
from app.audit.verify import verify
from app.kernel.db import engine, table_of
from app.kernel.work import reading, system, work

EVENTS, PATIENTS = table_of(AuditEvent), table_of(AuditPatient)


def write(count: int = 1, *, name: str = "tests", patients: tuple[int, ...] = ()) -> None:
    with work(system(name)) as w:
        for number in range(count):
            w.audit("view", "R", "claim", number, patients=patients, detail={"count": number})


def all_events() -> list[Any]:
    with engine().connect() as db:
        return list(db.execute(select(EVENTS).order_by(EVENTS.c.seq)))


def test_each_event_follows_the_one_before_it(house: Any) -> None:
    write(3)
    write(2)
    events = all_events()
    assert [one.seq for one in events] == [1, 2, 3, 4, 5]
    assert [one.previous for one in events] == [GENESIS, *(one.hash for one in events[:-1])]
    with engine().connect() as db:
        assert verify(db).whole


def test_an_event_and_its_change_are_written_together_or_not_at_all(house: Any) -> None:
    with pytest.raises(ZeroDivisionError), work(system("tests")) as w:
        w.audit("posted", "C", "remit", 1)
        w.flush_events(w.db)
        raise ZeroDivisionError
    assert all_events() == []


def test_a_read_is_written_before_it_is_answered(house: Any) -> None:
    with reading(system("tests")) as w:
        w.audit("view", "R", "patient", 7, patients=(7, 7, 9))
    assert [one.patients for one in all_events()] == ["[7,9]"]
    with engine().connect() as db:
        assert db.execute(select(PATIENTS.c.patient_id).order_by(PATIENTS.c.patient_id)).scalars().all() == [
            7,
            9,
        ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'nobody'",
        "DELETE FROM audit_event",
        "UPDATE audit_patient SET patient_id = 8",
        "DELETE FROM audit_patient",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 0",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(house: Any, statement: str) -> None:
    write(2, patients=(7,))
    with pytest.raises(DBAPIError), engine().begin() as db:
        db.exec_driver_sql(statement)
    with engine().connect() as db:
        assert verify(db).whole


def test_fifty_writers_make_one_chain(house: Any) -> None:
    start = threading.Barrier(50)
    done: list[int] = []

    def clerk(number: int) -> None:
        start.wait()
        for _ in range(4):
            write(2, name=f"clerk {number}", patients=(number + 1,))
        done.append(number)

    threads = [threading.Thread(target=clerk, args=(number,)) for number in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == list(range(50))
    with engine().connect() as db:
        found = verify(db)
        assert (found.events, found.problems) == (400, [])
        assert db.execute(select(func.count()).select_from(PATIENTS)).scalar_one() == 400
