"""Fresh, migrated installations on either database, for a run that is not a test."""

import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psycopg

from tests import services
from tests.conftest import KEYS, SECRET


@dataclass(frozen=True)
class Place:
    """An empty installation: the URL of its database and the variables that name it."""

    url: str
    environ: dict[str, str]


class Houses:
    """The servers of a run; `fresh` gives a copy of the migrated base that is gone after the block."""

    def __init__(self, folder: Path, kinds: Sequence[str]):
        self.folder, self._kinds = folder, kinds
        self._services = services.Services()
        self._count = itertools.count(1)
        self._server = self._base = ""
        self._pid = 0

    def __enter__(self) -> "Houses":
        if "postgresql" in self._kinds:
            if not services.postgresql_bin():
                services.find_binaries()
            self._server = self._services.start_postgresql()
            services.migrate_postgresql_base()
            with psycopg.connect(f"{self._server}/postgres", user="admin") as line:
                found = line.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
                self._pid = int(str(found[0]).split()[0]) if found else 0
        if "sqlite" in self._kinds:
            self._base = self._services.migrate_sqlite_base()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._services.stop()

    def server(self, kind: str) -> int:
        """The process that serves this database; 0 when it works inside ours."""
        return self._pid if kind == "postgresql" else 0

    @contextmanager
    def fresh(self, kind: str) -> Iterator[Place]:
        """An empty, migrated installation."""
        number = next(self._count)
        data = self.folder / f"data{number}"
        data.mkdir(mode=0o700)
        name = f"bench_{number}"
        if kind == "sqlite":
            shutil.copyfile(self._base, data / "reclaim.sqlite3")
            url = f"sqlite:///{data}/reclaim.sqlite3"
        else:
            url = f"{self._server}/{name}"
            self._admin(f"CREATE DATABASE {name} TEMPLATE {services.BASE}")
        named = {"RECLAIM_DATA": str(data), "RECLAIM_DATABASE_URL": url, "RECLAIM_KEYS": KEYS}
        named |= {"RECLAIM_SECRET": SECRET, "RECLAIM_LOG_LEVEL": "ERROR"}
        try:
            yield Place(url, {**named, "RECLAIM_UPLOAD_BYTES": "4000000000"})
        finally:
            if kind == "postgresql":
                self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            shutil.rmtree(data, ignore_errors=True)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(f"{self._server}/postgres", user="admin", autocommit=True) as line:
            line.execute(statement.encode())
