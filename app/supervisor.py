"""`python3 -m app` with no command: web server, worker and schedule as three processes under this one.

A member that ends is started again, after a delay that grows while it keeps ending. SIGTERM and Ctrl-C reach
the members as SIGTERM, with ten seconds to finish; a job cut short is done again by whoever takes its lease.
When this process is killed the kernel kills the members: nothing is left over holding port or database.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from app.kernel.errors import Refused
from app.kernel.settings import ROOT, Settings

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 10
DELAY_SECONDS = (0.2, 30.0)  # before the second start, and at most
CALM_SECONDS = 60  # one that ran this long is healthy, and its next delay is the first again
WEB_PROCESSES = 2
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass
class Member:
    """One process of the installation; `again_at` and `started` are seconds of the monotonic clock."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    again_at: float = 0.0
    delay: float = DELAY_SECONDS[0]

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        parent = os.getpid()
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, start_new_session=True, preexec_fn=lambda: _die_with(parent)
        )
        self.started = time.monotonic()

    def look(self) -> None:
        """Start it again when it ended and its delay is over."""
        moment = time.monotonic()
        if self.process is not None and (status := self.process.poll()) is not None:
            if moment - self.started > CALM_SECONDS:
                self.delay = DELAY_SECONDS[0]
            say(f"{self.name} ended with status {status}; again in {self.delay:.1f} s")
            self.again_at = moment + self.delay
            self.delay = min(self.delay * 2, DELAY_SECONDS[1])
            self.process = None
        if self.process is None and moment >= self.again_at:
            self.start()

    @property
    def running(self) -> bool:
        """True until it has ended and that was noticed."""
        return self.process is not None and self.process.poll() is None


def run(settings: Settings, members: Mapping[str, Sequence[str]] | None = None) -> int:
    """Keep the members running until SIGTERM or Ctrl-C; returns 1 when one of them had to be killed, else 0.

    members: name → command, for tests; by default web, worker and beat.
    Refuses when something else listens on the port, which would be an endless restart.
    """
    if members is None:
        _refuse_taken_port(settings)
        members = commands(settings)
    team = [Member(name, command) for name, command in members.items()]
    asked_to_stop: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked_to_stop.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    announced = False
    try:
        while not asked_to_stop:
            for member in team:
                member.look()
            if not announced and _listens(settings):
                say(f"Reclaim answers at http://{settings.host}:{settings.port}/ (Ctrl-C stops it)")
                announced = True
            time.sleep(POLL_SECONDS)
    finally:
        status = _stop(team)
        for number, handler in before.items():
            signal.signal(number, handler)
    return status


def commands(settings: Settings) -> dict[str, list[str]]:
    """The three members: gunicorn with threads, a worker with threads, and beat, never inside the worker."""
    python = [sys.executable, "-m"]
    # Celery warns root about pickled messages; ours are JSON, and a demo in a container is root.
    calm = ["-W", "ignore::UserWarning:celery.platforms"]
    celery = [sys.executable, *calm, "-m", "celery", "-A", "app.worker", "--quiet"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    threads = max(1, settings.web_threads // WEB_PROCESSES)
    return {
        "web": [*python, "gunicorn", "--bind", f"{settings.host}:{settings.port}"]
        + ["--worker-class", "gthread", "--workers", str(WEB_PROCESSES), "--threads", str(threads)]
        + ["--graceful-timeout", "8", "--timeout", "120", "--log-level", "warning", "--no-control-socket"]
        + ["app.worker:web()"],
        "worker": [*celery, "worker", "-P", "threads", "-c", str(settings.worker_threads), *quiet]
        + ["--loglevel", "WARNING"],
        # The schedule is code and one second long: nothing about it is worth a file that a kill could spoil.
        "beat": [*celery, "beat", "--max-interval", "1", "--pidfile=", "--loglevel", "WARNING"]
        + ["--scheduler", "celery.beat:Scheduler"],
    }


def say(sentence: str) -> None:
    """Tell the terminal or the journal; ids and states only."""
    print(f"reclaim: {sentence}", file=sys.stderr, flush=True)


def _stop(team: list[Member]) -> int:
    """SIGTERM to all, ten seconds for all together, then SIGKILL; 1 when that was needed."""
    for member in team:
        if member.running and member.process is not None:
            member.process.terminate()
    give_up = time.monotonic() + PATIENCE_SECONDS
    while any(member.running for member in team) and time.monotonic() < give_up:
        time.sleep(0.05)
    late = [member for member in team if member.running]
    for member in late:
        if member.process is not None:
            say(f"{member.name} did not end in {PATIENCE_SECONDS} s and is killed; its jobs are done again")
            os.killpg(member.process.pid, signal.SIGKILL)
            member.process.wait()
    return 1 if late else 0


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as problem:
            raise Refused(
                f"{settings.host}:{settings.port} cannot be listened on ({problem.strerror}); "
                "is Reclaim running already? Otherwise choose another RECLAIM_PORT.",
                code="port_taken",
            ) from problem


def _listens(settings: Settings) -> bool:
    everywhere = ("0.0.0.0", "localhost")  # nosec B104 - compared with, not listened on
    host = "127.0.0.1" if settings.host in everywhere else settings.host
    try:
        with socket.create_connection((host, settings.port), timeout=0.2):
            return True
    except OSError:
        return False


def _die_with(parent: int) -> None:
    """In the child, before it becomes the member: ask to be killed when the supervisor dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)
