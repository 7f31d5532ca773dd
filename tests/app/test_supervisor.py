"""The one command survives the death of any member and leaves nothing behind when it dies itself (C3, O7)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import supervisor
from app.__main__ import ROOT
from app.kernel.errors import Refused
from app.kernel.settings import Settings
from tests.services import free_port

MEMBER = """
import os, signal, sys, time
name, folder, stubborn = sys.argv[1:4]
if stubborn == "yes":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(f"{folder}/{name}.{os.getpid()}", "w").close()
time.sleep(600)
"""
SUPERVISOR = """
import sys
from app import supervisor
from app.kernel.settings import settings
folder, member, stubborn = sys.argv[1:4]
supervisor.PATIENCE_SECONDS = 1
team = {name: [sys.executable, "-c", member, name, folder, stubborn] for name in ("web", "worker")}
sys.exit(supervisor.run(settings(), team))
"""
Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor over two idle members; "yes" makes them deaf to SIGTERM."""
    made = []

    def go(stubborn: str = "no") -> "subprocess.Popen[bytes]":
        environ = os.environ | {"RECLAIM_DATA": str(tmp_path), "RECLAIM_PORT": str(free_port())}
        command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), MEMBER, stubborn]
        made.append(subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE))
        return made[-1]

    yield go
    for process in made:
        process.kill()
        process.communicate()


def seen(folder: Path, name: str) -> list[int]:
    """The process ids a member ever had."""
    return [int(path.suffix[1:]) for path in folder.glob(f"{name}.*")]


def wait_for(truth: Callable[[], object], seconds: float = 15) -> None:
    give_up = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_member_is_started_again(start: Start, tmp_path: Path) -> None:
    start("no")
    wait_for(lambda: seen(tmp_path, "web") and seen(tmp_path, "worker"))
    os.kill(seen(tmp_path, "web")[0], signal.SIGKILL)
    wait_for(lambda: len(seen(tmp_path, "web")) == 2)
    assert len(seen(tmp_path, "worker")) == 1


def test_sigterm_ends_everything_in_order(start: Start, tmp_path: Path) -> None:
    process = start("no")
    wait_for(lambda: seen(tmp_path, "web") and seen(tmp_path, "worker"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert not any(alive(pid) for pid in seen(tmp_path, "web") + seen(tmp_path, "worker"))


def test_a_member_that_will_not_end_is_killed_and_that_is_said(start: Start, tmp_path: Path) -> None:
    process = start("yes")
    wait_for(lambda: seen(tmp_path, "web") and seen(tmp_path, "worker"))
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 1
    assert process.stderr is not None
    assert b"is killed; its jobs are done again" in process.stderr.read()
    assert not any(alive(pid) for pid in seen(tmp_path, "web") + seen(tmp_path, "worker"))


def test_nothing_is_left_over_when_the_supervisor_itself_is_killed(start: Start, tmp_path: Path) -> None:
    process = start("yes")
    wait_for(lambda: seen(tmp_path, "web") and seen(tmp_path, "worker"))
    process.kill()
    wait_for(lambda: not any(alive(pid) for pid in seen(tmp_path, "web") + seen(tmp_path, "worker")))


def test_a_taken_port_is_a_sentence_and_not_an_endless_restart() -> None:
    chosen = Settings(port=free_port())
    with supervisor.socket.socket() as other:
        other.bind(("127.0.0.1", chosen.port))
        other.listen()
        with pytest.raises(Refused, match="is Reclaim running already"):
            supervisor.run(chosen)
