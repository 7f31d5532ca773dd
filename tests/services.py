"""The servers tests talk to: a real PostgreSQL, a real Redis and Chromium, found or installed, never skipped.

They are started once by whoever runs the tests and named to the worker processes by environment variables,
so that every worker meets the same ones. A server dies with the process that started it.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from app.__main__ import ROOT, apt_install

POSTGRESQL = "TESTS_POSTGRESQL"  # postgresql://reclaim@127.0.0.1:PORT, without a database
REDIS = "TESTS_REDIS"  # redis://127.0.0.1:PORT
CHROMIUM = "TESTS_CHROMIUM"  # path of the browser
SQLITE_BASE = "TESTS_SQLITE_BASE"  # a migrated, empty database file
BASE = "reclaim_base"  # the migrated, empty database every PostgreSQL test copies
START_SECONDS = 60


class Services:
    """What was started here; `stop` ends all of it, in the reverse order."""

    def __init__(self) -> None:
        self._running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []
        self._folders: list[Path] = []

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Everything a whole run needs, installing what is missing; addresses go to the environment."""
        find_binaries()
        self.start_postgresql()
        migrate_postgresql_base()
        self.migrate_sqlite_base()
        os.environ[REDIS] = self.start_redis()
        os.environ[CHROMIUM] = chromium()

    def start_postgresql(self) -> str:
        """A PostgreSQL of our own on a free port, with the login `reclaim`, which is not a superuser."""
        folder = self.folder("pg")
        bin_folder, port = postgresql_bin(), free_port()
        prefix = as_postgres(folder)
        subprocess.run(
            [
                *prefix,
                f"{bin_folder}/initdb",
                "-D",
                f"{folder}/data",
                "-U",
                "admin",
                "-A",
                "trust",
                "-E",
                "UTF8",
            ]
            + ["--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        # Nothing in here outlives the run, so a commit need not reach the disk; the faults at night use a
        # safe one.
        quick = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=300"]
        options = [
            f"-c{each}"
            for each in [*quick, "listen_addresses=127.0.0.1", "jit=off", "log_min_messages=fatal"]
        ]
        self._spawn(
            [
                *prefix,
                f"{bin_folder}/postgres",
                "-D",
                f"{folder}/data",
                "-p",
                str(port),
                "-k",
                str(folder),
                *options,
            ],
            folder,
            stop_with=signal.SIGINT,
        )
        ask = [
            f"{bin_folder}/psql",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            "admin",
            "-d",
            "postgres",
            "-qc",
        ]
        wait_until("PostgreSQL", lambda: succeeds([*ask, "CREATE ROLE reclaim LOGIN CREATEDB CREATEROLE"]))
        os.environ[POSTGRESQL] = f"postgresql://reclaim@127.0.0.1:{port}"
        return os.environ[POSTGRESQL]

    def start_redis(self, port: int = 0) -> str:
        """A Redis of our own with its journal on; port: 0 takes a free one."""
        folder, port = self.folder("redis"), port or free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        self._spawn([*command, "--appendonly", "yes", "--save", ""], folder, stop_with=signal.SIGTERM)
        wait_until("Redis", lambda: answers_ping(port))
        return f"redis://127.0.0.1:{port}"

    def migrate_sqlite_base(self) -> str:
        """A migrated, empty SQLite file for tests to copy."""
        place = self.folder("sqlite") / "base.sqlite3"
        migrate(f"sqlite:///{place}")
        os.environ[SQLITE_BASE] = str(place)
        return os.environ[SQLITE_BASE]

    def folder(self, name: str) -> Path:
        """A folder removed at the end. Not below a home: the user postgres may not enter the one of root."""
        made = Path(tempfile.mkdtemp(prefix=f"reclaim-{name}-", dir="/tmp"))
        self._folders.append(made)
        return made

    def stop(self) -> None:
        """End every server and remove its folder, also when some of them are gone already."""
        while self._running:
            process, how = self._running.pop()
            process.send_signal(how)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        while self._folders:
            shutil.rmtree(self._folders.pop(), ignore_errors=True)

    def _spawn(self, command: list[str], folder: Path, *, stop_with: signal.Signals) -> None:
        with open(folder / "log", "wb") as log:
            # A session of its own: Ctrl-C is for the tests, and the servers stop after them.
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                start_new_session=True,
            )
        self._running.append((process, stop_with))


def migrate_postgresql_base() -> None:
    """A migrated, empty database for tests to copy; nobody may be connected to it, so a child makes it."""
    server = os.environ[POSTGRESQL]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as line:
        line.execute(f"CREATE DATABASE {BASE}".encode())
    migrate(f"{server}/{BASE}")


def migrate(url: str) -> None:
    """Bring an empty database to the newest version, in a child that leaves no connection behind."""
    script = "import sys; from app.kernel.migrate import upgrade; upgrade(sys.argv[1])"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RECLAIM_")}
    with tempfile.TemporaryDirectory() as data:
        environ |= {"RECLAIM_DATABASE_URL": url, "RECLAIM_DATA": data}
        done = subprocess.run(
            [sys.executable, "-c", script, url],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"The empty test database could not be migrated:\n{done.stdout}{done.stderr}")


def find_binaries() -> None:
    """Install the Debian packages of what is missing; refuses with the exact line when it cannot."""
    missing = []
    if not postgresql_bin():
        missing.append("postgresql")
    if not shutil.which("redis-server"):
        missing.append("redis-server")
    if not chromium():
        missing += ["chromium", "fonts-dejavu-core"]
    if missing:
        apt_install(missing, why="The tests need servers that are not on this machine")
    if not (postgresql_bin() and shutil.which("redis-server") and chromium()):
        sys.exit("PostgreSQL, Redis or Chromium is still missing: apt-get install " + " ".join(missing))


def postgresql_bin() -> str:
    """The folder of the newest PostgreSQL server programs; empty when there is none."""
    beside_postgres = shutil.which("postgres")
    found = [Path(beside_postgres).resolve().parent] if beside_postgres else []
    found += sorted(
        (each.parent for each in Path("/usr/lib/postgresql").glob("*/bin/postgres")),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    return next((str(folder) for folder in found if (folder / "initdb").exists()), "")


def chromium() -> str:
    """The path of a Chromium; empty when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), "")


def as_postgres(folder: Path) -> list[str]:
    """What to put before a PostgreSQL command: it refuses root, so root becomes the user postgres."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    # Changing the user forgets the wish to die with the parent, so setpriv asks for it again.
    return [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig=INT",
    ]


def die_with_parent() -> None:
    """In the child, before it becomes the server: end when the process that started it ends."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGTERM))


def free_port() -> int:
    """A port of this machine nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers_ping(port: int) -> bool:
    """Does a Redis answer on this port?"""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def succeeds(command: list[str]) -> bool:
    """Does the command end with 0?"""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def wait_until(name: str, ready: Callable[[], bool]) -> None:
    """Wait for a server; ends the run with a sentence when it does not come up."""
    give_up = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > give_up:
            sys.exit(f"{name} did not start within {START_SECONDS} seconds.")
        time.sleep(0.05)
