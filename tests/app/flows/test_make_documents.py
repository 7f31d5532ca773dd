"""Documents whose making stopped, and a day of accounts that stopped: a person is told, and it goes on."""

import pytest
from sqlalchemy import func, select

from app.flows import collection_day, make_documents
from app.kernel import failpoints, outbox
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Stale
from app.kernel.outbox import Job
from app.kernel.work import work
from app.statements.models import PrintBatch
from app.worker import bury
from app.worklist.models import WorklistItem
from tests import books, statements
from tests.conftest import House
from tests.statements import BOSS, STATEMENT

JOB, ITEM, BATCH = table_of(Job), table_of(WorklistItem), table_of(PrintBatch)


def stopped() -> list[tuple[str, str]]:
    """(words, state) of what people are asked because something stopped."""
    kinds = ITEM.c.kind.like("%stopped%")
    return [(row.reason, row.state) for row in books.rows(ITEM, kinds)]


def dies_for_good(kind: str, point: str) -> None:
    """The job fails at every try."""
    with failpoints.armed(f"{point}=raise"):
        for _ in range(outbox.TRIES):
            books.hurry()
            books.settle()
    assert len(books.rows(JOB, JOB.c.kind == kind, JOB.c.state == "dead")) == 1


def test_a_run_whose_making_died_asks_for_a_person_and_is_taken_up_again(house: House) -> None:
    del house
    clinic = statements.owing("A1", "A2")
    public = statements.planned(clinic)
    statements.released(public)
    dies_for_good("make_documents", "statements.after_documents")
    assert stopped() == [(make_documents.DOCUMENTS, "open")]
    assert books.rows(STATEMENT) == [] and statements.run(public).state == "released"
    with pytest.raises(NotAllowed, match="open"):
        statements.planned(clinic)  # it keeps the next run waiting, until somebody goes on with it
    version = statements.run(public).version
    with pytest.raises(Stale), work(BOSS) as w:
        make_documents.take_up(w, public, version + 1)
    with work(BOSS) as w:
        make_documents.take_up(w, public, version)
        make_documents.take_up(w, public, version)
    books.settle()
    assert [one.number for one in books.rows(STATEMENT)] == ["S00000001", "S00000002"]
    assert statements.run(public).state == "made" and len(books.rows(BATCH)) == 1
    assert stopped() == [(make_documents.DOCUMENTS, "done")]


def test_a_print_batch_that_died_is_made_when_its_run_is_taken_up(house: House) -> None:
    del house
    clinic = statements.owing("A1")
    public = statements.sent(clinic)
    [job] = books.rows(JOB, JOB.c.kind == "print_batch")
    bury(outbox.Claimed(job.id, job.kind, job.key, job.payload, job.attempt), "no space left")
    assert stopped() == [(make_documents.BATCH, "open")]
    with work(BOSS) as w:
        make_documents.take_up(w, public, statements.run(public).version)
    books.settle()
    assert len(books.rows(BATCH)) == 1 and stopped() == [(make_documents.BATCH, "done")]


def test_a_step_of_the_day_that_died_is_told_and_those_behind_it_go_on(house: House) -> None:
    del house
    clinic = statements.owing("A1")
    with work(books.CLERK) as w:
        day = w.today(clinic.time_zone)
        collection_day.begin(w, clinic.id, day)
    [first] = books.rows(JOB, JOB.c.kind == collection_day.JOB)
    dies_for_good(collection_day.JOB, "jobs.before_commit")
    assert first.key.endswith(":lift:-1")
    assert stopped() == [("Not done for accounts: holds that end today", "open")]
    books.hurry()
    books.settle()
    done = select(func.count()).where(JOB.c.kind == collection_day.JOB, JOB.c.state == "done")
    with books.looking() as line:
        assert line.execute(done).scalar() == len(collection_day.STEPS) - 1
    with work(books.CLERK) as w:
        collection_day.run(w, {"entity": clinic.id, "day": "2099-01-01", "step": "lift", "after": -1})
    assert stopped() == [("Not done for accounts: holds that end today", "done")]
