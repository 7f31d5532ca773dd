"""A failpoint breaks what a test asked for, at the passing it asked for, and nothing else."""

import os
import signal
import subprocess
import sys
import time

import pytest

from app.__main__ import ROOT
from app.kernel import failpoints
from app.kernel.errors import Refused
from app.kernel.failpoints import Injected, Point


def test_a_place_nobody_named_does_nothing() -> None:
    with failpoints.armed("") as passings:
        failpoints.hit("remits.after_rows")
    assert not passings


def test_a_named_place_acts_at_every_passing() -> None:
    with failpoints.armed("remits.after_rows=raise"):
        failpoints.hit("remits.after_commit")
        for _ in range(2):
            with pytest.raises(Injected, match=r"remits\.after_rows"):
                failpoints.hit("remits.after_rows")


def test_at_the_third_passing_means_the_third_only() -> None:
    with failpoints.armed("remits.after_rows=raise@3") as passings:
        failpoints.hit("remits.after_rows")
        failpoints.hit("remits.after_rows")
        with pytest.raises(Injected):
            failpoints.hit("remits.after_rows")
        failpoints.hit("remits.after_rows")
    assert passings["remits.after_rows"] == 4


def test_a_place_can_be_made_slow() -> None:
    started = time.monotonic()
    with failpoints.armed("outbox.before_finish=sleep:0.05"):
        failpoints.hit("outbox.before_finish")
    assert time.monotonic() - started >= 0.05


def test_kill_is_the_end_of_the_process_without_a_goodbye(tmp_path: object) -> None:
    script = (
        "from app.kernel import failpoints as f; f.hit('a.b'); print('alive'); f.hit('a.b'); print('never')"
    )
    environ = os.environ | {"RECLAIM_FAILPOINTS": "a.b=kill@2", "RECLAIM_DATA": str(tmp_path)}
    command = [sys.executable, "-uc", script]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "alive\n")


def test_several_points_are_read_from_one_line() -> None:
    assert failpoints.parse("a.b=kill@2, c.d_e=sleep:1.5") == {
        "a.b": Point("kill", 0.0, 2),
        "c.d_e": Point("sleep", 1.5, 0),
    }


@pytest.mark.parametrize("text", ["a.b", "a.b=explode", "a.b=raise@x", "nodot=raise", "a.b=sleep"])
def test_a_spelling_it_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="RECLAIM_FAILPOINTS"):
        failpoints.parse(text)
