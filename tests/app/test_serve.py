"""The whole installation as one command starts it: pages served, jobs done, nothing left over."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from app.__main__ import ROOT
from app.kernel import outbox
from app.kernel.work import system, work
from tests.conftest import House
from tests.services import free_port

SERVE = "from app import supervisor; from app.kernel.settings import settings; supervisor.run(settings())"
SECONDS = 90  # three processes share two cores with it


@pytest.fixture
def served(house: House) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of a running installation, and its supervisor."""
    port = free_port()
    environ = {**os.environ, **house.environ, "RECLAIM_PORT": str(port)}
    command = [sys.executable, "-c", SERVE]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    yield f"http://127.0.0.1:{port}", process
    process.kill()
    process.wait()


def ask(url: str) -> tuple[int, str]:
    """Status and server header of an answer; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.headers["Server"]
    except urllib.error.HTTPError as problem:
        return problem.code, problem.headers["Server"]
    except OSError:
        return 0, ""


def test_one_command_serves_pages_and_does_jobs_and_ends_at_sigterm(
    served: tuple[str, "subprocess.Popen[str]"],
) -> None:
    url, process = served
    give_up = time.monotonic() + SECONDS
    while ask(f"{url}/healthz")[0] != 200:
        assert time.monotonic() < give_up, "no answer"
        time.sleep(0.1)
    assert ask(f"{url}/readyz") == (200, "Reclaim")
    with work(system("test")) as w:
        w.job("retry_held", "test", {})
    while outbox.waiting():
        assert time.monotonic() < give_up, "the job was not done"
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert ask(f"{url}/healthz")[0] == 0
    said = process.communicate()[1]
    assert f"Reclaim answers at {url}/" in said
    assert "Traceback" not in said
