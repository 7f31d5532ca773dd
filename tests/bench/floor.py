"""The floor under an import: the very rows it left behind, written again as tuples and nothing else.

    python -m tests.bench.floor take KIND URL FOLDER       the rows of a database, in pickles of 10,000
    python -m tests.bench.floor write KIND URL FOLDER PID  into another, migrated one, in one transaction

SQLite takes them by executemany with the pragmas of the product, PostgreSQL by COPY straight into the tables.
Both keep their keys, indexes, checks and triggers. Prints {"cpu": ..., "client": ..., "wall": ..., ...}.
"""

import json
import pickle  # nosec B403 - our own rows, from one process of the bench to the next
import sqlite3
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from app.__main__ import ROOT
from app.kernel import db
from tests.bench.measure import Clock

CHUNK = 10_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-64000",
    "temp_store=MEMORY",
)
Rows = list[tuple[Any, ...]]


def tables() -> list[tuple[str, list[str]]]:
    """(name, columns) of every table, parents first."""
    for models in sorted((ROOT / "app").glob("*/models.py")):
        import_module(f"app.{models.parent.name}.models")
    import_module("app.kernel.outbox")
    return [(one.name, [column.name for column in one.columns]) for one in db.Base.metadata.sorted_tables]


def take(kind: str, url: str, folder: Path) -> None:
    """Keep the rows of every table, in the order of their keys, as the driver gives and takes them."""
    place = 0
    for name, columns in tables():
        rows = _sqlite_rows(url, name, columns) if kind == "sqlite" else _postgresql_rows(url, name, columns)
        while chunk := list(islice(rows, CHUNK)):
            (folder / f"{place:06d}.rows").write_bytes(pickle.dumps((name, columns, chunk), protocol=5))
            place += 1


def _sqlite_rows(url: str, name: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as line:
        listed = ", ".join(f'"{one}"' for one in columns)
        yield from line.execute(f'SELECT {listed} FROM "{name}" ORDER BY rowid')  # nosec B608


def _postgresql_rows(url: str, name: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    with psycopg.connect(url, user="admin") as line, line.cursor() as cursor:
        listed = ", ".join(f'"{one}"' for one in columns)
        statement = f'COPY (SELECT {listed} FROM "{name}" ORDER BY ctid) TO STDOUT'  # nosec B608
        with cursor.copy(statement.encode()) as copy:
            yield from copy.rows()


def write(kind: str, url: str, folder: Path, server: int) -> dict[str, float]:
    """Write the kept rows into an empty database; only the writing and the commit count."""
    chunks = sorted(folder.glob("*.rows"))
    return _write_sqlite(url, chunks) if kind == "sqlite" else _write_postgresql(url, chunks, server)


def _read(chunk: Path) -> tuple[str, str, Rows]:
    name, columns, rows = pickle.loads(chunk.read_bytes())  # nosec B301 - written by `take`
    return name, ", ".join(f'"{one}"' for one in columns), rows


def _write_sqlite(url: str, chunks: list[Path]) -> dict[str, float]:
    line = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in PRAGMAS:
        line.execute(f"PRAGMA {pragma}")
    _empty(line, [name for name, _ in tables()])
    clock, count = Clock(), 0
    line.execute("BEGIN IMMEDIATE")
    for chunk in chunks:
        name, columns, rows = _read(chunk)
        marks = ", ".join("?" * len(rows[0]))
        with clock:
            line.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', rows)  # nosec B608
        count += len(rows)
    with clock:
        line.execute("COMMIT")
    return _answer(clock, count)


def _empty(line: Any, names: list[str]) -> None:
    """What the migration itself put in stands among the kept rows too."""
    for name in reversed(names):
        if line.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone():  # nosec B608
            line.execute(f'DELETE FROM "{name}"')  # nosec B608


def _write_postgresql(url: str, chunks: list[Path], server: int) -> dict[str, float]:
    with psycopg.connect(url, user="admin", autocommit=True) as line, line.cursor() as cursor:
        _empty(cursor, [name for name, _ in tables()])
        clock, count = Clock(server), 0
        cursor.execute("BEGIN")
        for chunk in chunks:
            name, columns, rows = _read(chunk)
            with clock, cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN') as copy:  # nosec B608
                for row in rows:
                    copy.write_row(row)
            count += len(rows)
        with clock:
            cursor.execute("COMMIT")
    return _answer(clock, count)


def _answer(clock: Clock, count: int) -> dict[str, float]:
    figures = {"cpu": clock.cpu, "client": clock.client, "wall": clock.wall}
    return {name: round(value, 3) for name, value in figures.items()} | {"rows": count}


def main() -> None:
    """Take or write."""
    doing, kind, url, folder = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])
    if doing == "take":
        take(kind, url, folder)
        print("{}")
    else:
        print(json.dumps(write(kind, url, folder, int(sys.argv[5]))))


if __name__ == "__main__":
    main()
