"""Who saw whom: found by an index, visible to who may see it, and itself an event."""

from typing import Any

import pytest
from sqlalchemy import text

from app.audit import queries
from app.kernel.db import engine
from app.kernel.errors import NotPermitted
from app.kernel.paging import Ask
from app.kernel.work import ALL, Actor, reading, system, work

NEWEST = Ask("seq", descending=True)


def person(number: int, *, scope: Any = ALL) -> Actor:
    return Actor(f"person {number}", person_id=number, permissions=frozenset({"audit.read"}), scope=scope)


def look(who: Actor, *patients: int, entity_id: int | None = 1) -> None:
    with reading(who) as w:
        w.audit("view", "R", "claim", 1, patients=patients, entity_id=entity_id)


def test_who_saw_a_patient_is_told_newest_first(house: Any) -> None:
    look(person(1), 7)
    look(person(2), 7, 8)
    look(person(3), 8)
    with reading(person(9)) as w:
        assert [row.actor for row in queries.views_of(w, 7, NEWEST).rows] == ["person 2", "person 1"]


def test_who_looked_at_a_patient_is_one_look_at_an_index(house: Any) -> None:
    look(person(1), 7)
    question = "SELECT seq FROM audit_patient WHERE patient_id = 7"
    with engine().connect() as db:
        if house.kind == "postgresql":
            db.execute(text("SET enable_seqscan = off"))
        explained = "EXPLAIN QUERY PLAN " if house.kind == "sqlite" else "EXPLAIN "
        plan = " ".join(str(row) for row in db.exec_driver_sql(explained + question))
    assert "INDEX" in plan.upper() and "patient_id" in plan


def test_an_auditor_of_one_entity_sees_nothing_of_another(house: Any) -> None:
    look(person(1), 7, entity_id=1)
    look(person(2), 7, entity_id=2)
    with reading(person(9, scope=frozenset({1}))) as w:
        assert [row.actor for row in queries.views_of(w, 7, NEWEST).rows] == ["person 1"]
        assert {row.actor for row in queries.events(w, NEWEST).rows} == {"person 1"}


def test_reading_the_trail_is_in_the_trail(house: Any) -> None:
    with reading(person(9)) as w:
        queries.views_of(w, 7, NEWEST)
    with reading(person(9)) as w:
        first = queries.views_of(w, 7, NEWEST).rows[0]
    assert (first.type, first.actor) == ("audit.read", "person 9")


def test_only_who_may_read_the_trail_reads_it(house: Any) -> None:
    with pytest.raises(NotPermitted), reading(Actor("clerk", person_id=1, scope=ALL)) as w:
        queries.events(w, NEWEST)


def test_the_history_of_a_record_leaves_out_looks(house: Any) -> None:
    with work(system("tests")) as w:
        w.audit("claim.held", "U", "claim", "c1", entity_id=1)
    with reading(person(1)) as w:
        w.audit("view", "R", "claim", "c1", entity_id=1)
    with reading(person(1)) as w:
        assert [row.type for row in queries.history(w, "claim", "c1")] == ["claim.held"]


def test_a_seeded_snooper_is_found_and_a_worker_is_not(house: Any) -> None:
    for _ in range(4):
        look(person(1), 7, 8)
        look(person(2), 7)
    with work(person(2)) as w:
        w.audit("claim.noted", "U", "claim", 1, patients=(7,), entity_id=1)
    look(person(3), 7)
    with reading(person(9)) as w:
        found = queries.quiet_views(w)
    assert [(one.actor, one.patients, one.looks) for one in found] == [("person 1", 2, 8)]
