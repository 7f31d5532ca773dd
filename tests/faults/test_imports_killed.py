"""An import that is killed leaves the same books as one that nobody disturbed (R1).

A file that kills every worker is set aside while those behind it go on (R8).
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import ROOT
from app.kernel import failpoints, outbox
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line
from tests.faults import month

KILLS, SEED = 8, 7
POINTS = (
    "intake.before_stage", "intake.after_stage", "claims.before_commit", "remits.after_rows",
    "remits.after_consequences", "remits.before_commit", "jobs.before_commit", "jobs.after_commit",
    "resolve.after_round", "worker.after_claim", "worker.after_job",
)  # fmt: skip


class Worker:
    """A worker in processes of its own, one for each try."""

    def __init__(self, house: House, lease: str = "0.4", **given: str):
        environ = {**os.environ, **house.environ, "PYTHONDONTWRITEBYTECODE": "1", **given}
        command = [sys.executable, "-m", "tests.faults.importing", lease]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, failpoints: str = "", *, killed_after: str = "") -> int:
        """One try; its exit status, negative for a signal."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(f"{failpoints}|{killed_after}", file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """No more tries."""
        self._process.communicate(timeout=20)


@pytest.fixture
def worker(house: House) -> Iterator[Worker]:
    made = Worker(house)
    yield made
    made.stop()


def killed_import(worker: Worker, contents: list[bytes], *, kills: int, dice: random.Random) -> int:
    """Offer the files and kill the worker so many times, then leave it alone. Returns how many died."""
    for number, content in enumerate(contents):
        books.offer(content, f"file{number}.edi")
    died = 0
    for turn in range(kills):
        if turn % 4 == 3:
            status = worker.run(killed_after=f"{dice.uniform(0.02, 0.5):.3f}")
        else:
            status = worker.run(f"{dice.choice(POINTS)}=kill@{dice.randrange(1, 4)}")
        died += status == -signal.SIGKILL
    for _ in range(2):
        books.hurry()
        assert worker.run() == 0
    assert outbox.waiting() == 0
    return died


def undisturbed(folder: Path, post: list[list[bytes]]) -> tuple[books.Content, list[str]]:
    """What the same files come to in a house of their own where nothing happens."""
    with books.elsewhere(folder):
        books.practice()
        for contents in post:
            books.take(*contents)
        return books.content(), sorted(books.states())


def test_an_import_killed_at_any_moment_ends_as_if_nothing_had_happened(
    house: House, worker: Worker, tmp_path: Path
) -> None:
    post = month.deliveries(SEED)
    expected, states = undisturbed(tmp_path / "undisturbed", post)
    books.practice()
    dice = random.Random(SEED)
    died = sum(killed_import(worker, contents, kills=KILLS // 2, dice=dice) for contents in post)
    assert died >= KILLS // 2, "too few of the kills met a living worker to prove anything"
    assert sorted(books.states()) == states
    assert books.content() == expected
    assert books.problems() == []


def test_a_file_that_kills_every_worker_is_set_aside_and_those_behind_it_go_on(
    house: House, worker: Worker
) -> None:
    books.practice()
    books.offer(bill(billed("A1", "100")), "killer.837")
    books.offer(era(claim("B1", line("99214", "70"))), "behind.835")
    for _ in range(outbox.TRIES):
        assert worker.run("claims.before_commit=kill") == -signal.SIGKILL
        time.sleep(0.5)
    assert worker.run("claims.before_commit=kill") == 0
    killer, behind = books.transactions()
    assert (killer.kind, killer.state, killer.reason) == ("837P", "quarantined", "job.failed")
    assert "has set it aside" in killer.explanation
    assert (behind.kind, behind.state) == ("835", "posted")
    assert books.accounts() == {1010: "70.00", 2000: "-70.00"}


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_every_place_where_we_kill_is_passed_by_an_import(house: House) -> None:
    """A place that no import passes would make the kills above prove less than they say."""
    books.practice()
    with failpoints.armed(",".join(f"{point}=sleep:0" for point in POINTS)) as passings:
        for contents in month.deliveries(SEED, claims=6):
            books.take(*contents)
        assert set(passings) == set(POINTS)
