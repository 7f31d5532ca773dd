"""The day of every account goes on where a kill left it, whichever step it met; nothing is done twice."""

from collections import Counter
from datetime import timedelta
from functools import partial

import time_machine

from app.contacts import service_holds, service_promises
from app.contacts.lifecycle import HoldKind
from app.contacts.models import AccountEvent
from app.contacts.service_promises import Promising
from app.flows import account_acts, collection_day
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.kernel.work import work
from app.worker import run_one
from app.worklist.models import WorklistItem
from tests import books, statements
from tests.conftest import House
from tests.faults.rebilling import dies
from tests.statements import CLERK, DUNNING, EVENT

JOB, TOLD, ITEM = table_of(Job), table_of(AccountEvent), table_of(WorklistItem)
POINTS = ("jobs.before_commit", "jobs.after_commit", "worker.after_claim", "worker.after_job")
DUE = JOB.c.kind == collection_day.JOB, JOB.c.state != "done"


def test_killed_at_every_step_the_day_goes_on_and_nothing_is_doubled(house: House) -> None:
    del house
    clinic = statements.owing("A1", "A2", "A3")
    held, promised, _ = (statements.accounts_of(name) for name in ("A1", "A2", "A3"))
    with work(CLERK) as w:
        day = w.today(clinic.time_zone)
        service_holds.place(w, held, HoldKind.MANAGER, reason="asked", until=day + timedelta(8))
        service_promises.promise(w, promised, Promising(amount=Money(40_00), promised_on=day + timedelta(2)))
        account_acts.stand(w, clinic.id, [held, promised])
    with time_machine.travel(now() + timedelta(8), tick=True):
        collection_day.ask()
        deaths = 0
        for number in range(len(collection_day.STEPS)):
            books.hurry()
            [job] = books.rows(JOB, *DUE)
            assert f":{list(collection_day.STEPS)[number]}:" in job.key
            deaths += dies(POINTS[number % len(POINTS)], partial(run_one, job.id))
            books.hurry()
            for job in books.rows(JOB, *DUE):
                if f":{list(collection_day.STEPS)[number]}:" in job.key:
                    run_one(job.id)
        assert deaths == len(collection_day.STEPS)
        collection_day.ask()
        assert books.settle() == 0
    moved = Counter((one.account_id, one.move) for one in books.rows(EVENT))
    assert set(moved.values()) == {1}, moved
    told = Counter((one.subject, one.move) for one in books.rows(TOLD))
    assert (told["hold", "lift"], told["promise", "judge"]) == (1, 1)
    assert [one.subject_id for one in books.rows(ITEM, ITEM.c.kind == "broken_promise")] == [promised]
    assert {one.stage for one in books.rows(DUNNING)} == {"eligible"}
    assert books.problems() == []
