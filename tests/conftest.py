"""Fixtures every test may use; `house` is an empty, migrated installation on each of the two databases."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.kernel import db
from app.kernel.settings import Settings, settings
from tests import services

KEYS = (
    "test:" + "dGVzdCBrZXkgZm9yIHRlc3RzIG9ubHksIDMyIGJ5dGU="
)  # pragma: allowlist secret - opens nothing but tests
SECRET = "only for tests: nothing signed with it is worth a cent"  # pragma: allowlist secret

hypothesis_settings.register_profile(
    "reclaim", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("reclaim")

_own = services.Services()
_counter = itertools.count(1)


@dataclass(frozen=True)
class House:
    """An installation for one test.

    kind: "sqlite" or "postgresql"; folder: its data folder; environ: its variables, for child processes.
    """

    kind: str
    url: str
    folder: Path
    settings: Settings
    environ: dict[str, str]


def pytest_configure(config: pytest.Config) -> None:
    """Workers inherit the addresses; without workers a server starts when the first test wants it.

    A test without a house meets an installation of nobody in a folder of its own, never the developer's.
    """
    for name in [name for name in os.environ if name.startswith("RECLAIM_")]:
        del os.environ[name]
    os.environ["RECLAIM_DATA"] = str(_own.folder("data"))
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        for wanted in (postgresql_url, sqlite_base):
            wanted()


def pytest_unconfigure() -> None:
    """Stop what this process started, also after a failure."""
    _own.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """A skipped test proves nothing, so it fails."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped; in this house a test runs or is not written: {report.longrepr}"
        )
    return report


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An empty, migrated installation, on each database in turn; this process's settings name it."""
    with installation(request.param, tmp_path, monkeypatch) as made:
        yield made


@contextmanager
def installation(kind: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house for as long as the block lasts; for fixtures that several tests look at."""
    folder = place / "data"
    folder.mkdir(mode=0o700)
    url = copy_sqlite(folder) if kind == "sqlite" else copy_postgresql()
    environ = {
        "RECLAIM_DATA": str(folder),
        "RECLAIM_DATABASE_URL": url,
        "RECLAIM_KEYS": KEYS,
        "RECLAIM_SECRET": SECRET,
    }
    for name in [name for name in os.environ if name.startswith("RECLAIM_")]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        yield House(kind, url, folder, settings(), environ)
    finally:
        db.dispose()
        settings.cache_clear()
        if kind == "postgresql":
            drop_postgresql(url)


@pytest.fixture
def redis_url() -> str:
    """A Redis with its journal on, shared by the run: use a database number or a key prefix of your own."""
    if services.REDIS not in os.environ:
        services.find_binaries()
        os.environ[services.REDIS] = _own.start_redis()
    return os.environ[services.REDIS]


@pytest.fixture
def chromium() -> str:
    """The path of the browser; start it with --no-sandbox --disable-dev-shm-usage --disable-gpu."""
    if not services.chromium():
        services.find_binaries()
    return services.chromium()


def postgresql_url() -> str:
    """The server, with a migrated base database in it; started here when nobody did before."""
    if services.POSTGRESQL not in os.environ:
        services.find_binaries()
        _own.start_postgresql()
        services.migrate_postgresql_base()
    return os.environ[services.POSTGRESQL]


def sqlite_base() -> str:
    """The path of the migrated SQLite file; made here when nobody did before."""
    if services.SQLITE_BASE not in os.environ:
        _own.migrate_sqlite_base()
    return os.environ[services.SQLITE_BASE]


def copy_sqlite(folder: Path) -> str:
    """The URL of a fresh SQLite installation."""
    shutil.copyfile(sqlite_base(), folder / "reclaim.sqlite3")
    return f"sqlite:///{folder}/reclaim.sqlite3"


def copy_postgresql() -> str:
    """The URL of a fresh PostgreSQL installation."""
    server = postgresql_url()
    name = f"reclaim_{os.getpid()}_{next(_counter)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as line:
        # Files copied whole cost a fraction of their blocks through the log; older servers do nothing else.
        how = " STRATEGY FILE_COPY" if line.info.server_version >= 150_000 else ""
        line.execute(f"CREATE DATABASE {name} TEMPLATE {services.BASE}{how}".encode())
    return f"{server}/{name}"


def drop_postgresql(url: str) -> None:
    """Remove a database, whoever is still connected to it."""
    server, _, name = url.rpartition("/")
    # The superuser: autovacuum may be looking at it, and nobody else may send that away.
    with psycopg.connect(f"{server}/postgres", user="admin", autocommit=True) as line:
        line.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def run_app(house: House, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app ...` as a process of its own in a house; for kills and for the command line."""
    command = [sys.executable, "-m", "app", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RECLAIM_")}
    return subprocess.run(
        command, env={**inherited, **house.environ, **environ}, capture_output=True, text=True, check=False
    )
