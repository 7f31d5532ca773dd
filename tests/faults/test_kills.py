"""Members killed in turn, bells lost: no promised job is lost and none has its effect twice (C3, C4)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import func, select

from app.__main__ import ROOT
from app.kernel import outbox
from app.kernel.db import engine
from app.kernel.work import system, work
from tests.conftest import House
from tests.faults.counting import EFFECTS, KIND
from tests.services import Services, free_port

JOBS, KILLS, SECONDS = 120, 8, 60
AWAY_SECONDS = 20
SUPERVISOR = """
import sys
from app import supervisor
from app.kernel.settings import settings
supervisor.DELAY_SECONDS = (0.1, 0.2)
team = supervisor.commands(settings())
del team["web"]
supervisor.run(settings(), {name: [part.replace("app.worker", "tests.faults.counting") for part in command]
                            for name, command in team.items()})
"""


class Running:
    """Worker and beat in a house: the embedded doorbell with SQLite, a Redis of its own with PostgreSQL."""

    def __init__(self, house: House):
        self.house = house
        self.port = free_port()
        self.broker = Services()
        environ = {**os.environ, **house.environ}
        if house.kind == "postgresql":
            environ["RECLAIM_BROKER_URL"] = self.broker.start_redis(self.port)
        command, nowhere = [sys.executable, "-c", SUPERVISOR], subprocess.DEVNULL
        self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=nowhere, stderr=nowhere)

    def empty_broker(self) -> None:
        """Every bell in the queue is gone."""
        if self.house.kind == "postgresql":
            redis.Redis(port=self.port).flushall()
        for bell in (self.house.folder / "doorbell" / "queue").glob("*"):
            bell.unlink(missing_ok=True)

    def stop(self) -> None:
        """End everything."""
        self.process.terminate()
        self.process.wait(20)
        self.broker.stop()


@pytest.fixture
def running(house: House, redis_url: str) -> Iterator[Running]:
    with engine().begin() as db:
        if house.kind == "postgresql":  # the product's role makes no tables; it may use this one
            db.exec_driver_sql("SET LOCAL ROLE NONE")
        EFFECTS.create(db)
        if house.kind == "postgresql":
            db.exec_driver_sql(f"GRANT ALL ON {EFFECTS.name} TO reclaim_app")
    made = Running(house)
    yield made
    made.stop()


def members(supervisor: int) -> list[int]:
    """The process ids under the supervisor."""
    return [int(each) for each in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()]


def promise(first: int, last: int) -> None:
    for number in range(first, last):
        with work(system("test")) as w:
            w.job(KIND, str(number), {"id": number})


def effects() -> tuple[int, int]:
    """How many effects there were, and of how many different jobs."""
    with engine().connect() as db:
        query = select(func.count(), func.count(EFFECTS.c.job.distinct()))
        every, different = db.execute(query.select_from(EFFECTS)).one()
    return every, different


def wait_for(truth: Callable[[], object]) -> None:
    give_up = time.monotonic() + SECONDS
    while not truth():
        assert time.monotonic() < give_up, f"not within {SECONDS} s; {outbox.waiting()} jobs wait"
        time.sleep(0.1)


def test_killing_worker_and_beat_loses_nothing_and_doubles_nothing(running: Running) -> None:
    promise(0, JOBS // 2)
    dice = random.Random(7)
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.3, 1.2))
        wait_for(lambda: members(running.process.pid))
        os.kill(dice.choice(members(running.process.pid)), signal.SIGKILL)
    promise(JOBS // 2, JOBS)
    wait_for(lambda: not outbox.waiting())
    assert effects() == (JOBS, JOBS)


def test_a_broker_that_forgets_every_bell_costs_no_job(running: Running) -> None:
    promise(0, JOBS)
    for _ in range(3):
        running.empty_broker()
        time.sleep(0.7)
    wait_for(lambda: not outbox.waiting())
    assert effects() == (JOBS, JOBS)


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_a_broker_that_is_away_costs_no_job(running: Running) -> None:
    promise(0, JOBS // 2)
    running.broker.stop()
    promise(JOBS // 2, JOBS)
    time.sleep(AWAY_SECONDS)
    running.broker.start_redis(running.port)
    wait_for(lambda: not outbox.waiting())
    assert effects() == (JOBS, JOBS)
