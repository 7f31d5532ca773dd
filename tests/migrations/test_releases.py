"""A database of a released version comes to head with the same books, also when the way was interrupted.

`fixtures/databases/<release>.<kind>.sql.gz` are installations as their release left them, made of the example
world with the keys of these tests.
"""

import gzip
import hashlib
import sqlite3
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from app.flows import verify
from app.kernel import db, migrate
from app.kernel.work import reading, system
from tests.conftest import House

RELEASES = Path(__file__).parents[1] / "fixtures" / "databases"
SAME = (
    "SELECT id, entity_id, event, debit, credit, amount, claim_id, effective_date, source, byte, element "
    "FROM ledger_entry ORDER BY id",
    "SELECT id, chain_no, digest, previous, hash FROM ledger_batch ORDER BY id",
    "SELECT seq, hash FROM audit_event ORDER BY seq",
    "SELECT id, denied, at_stake, state, legal_due FROM denial ORDER BY id",
)


def steps() -> list[str]:
    """Every migration, the first one first."""
    script = ScriptDirectory.from_config(Config(toml_file=str(migrate.ROOT / "pyproject.toml")))
    return [one.revision for one in reversed(list(script.walk_revisions()))]


def restore(house: House, release: str) -> None:
    """Put an installation of that release in the place of the empty one."""
    db.dispose()
    dump = gzip.decompress((RELEASES / f"{release}.{house.kind}.sql.gz").read_bytes()).decode()
    if house.kind == "sqlite":
        place = Path(house.url.removeprefix("sqlite:///"))
        for one in place.parent.glob(f"{place.name}*"):
            one.unlink()
        with sqlite3.connect(place) as made:
            made.executescript(dump)
        made.close()
        return
    plain = house.url.replace("postgresql+psycopg", "postgresql")
    # psql's own commands and settings of the dump belong to its session, not to the installation.
    foreign = ("\\", "SET ", "SELECT pg_catalog.")
    lines = "\n".join(line for line in dump.splitlines() if not line.startswith(foreign))
    with psycopg.connect(plain, autocommit=True) as server:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "SET reclaim.scope = '*'"):
            server.execute(statement)
        server.execute(lines.encode())


def books(house: House) -> str:
    """A fingerprint of everything that must not move."""
    found = hashlib.sha256()
    made = create_engine(house.url)
    with made.connect() as connection:
        if house.kind == "postgresql":
            connection.execute(text("SET reclaim.scope = '*'"))
        for query in SAME:
            for row in connection.execute(text(query)):
                found.update(repr(tuple(str(value) for value in row)).encode())
    made.dispose()
    return found.hexdigest()


@pytest.mark.parametrize("release", sorted({one.name.split(".")[0] for one in RELEASES.glob("*.gz")}))
def test_a_released_database_comes_to_head_with_the_same_books(house: House, release: str) -> None:
    restore(house, release)
    before = books(house)
    migrate.upgrade(house.url)
    assert books(house) == before
    with reading(system("tests")) as w:
        found = list(verify.verify(w, with_bytes=False))
    # The dump is the database alone; the anchor of the audit lies beside it.
    assert [one for one in found if "anchor" not in one.words] == []


@pytest.mark.parametrize("release", sorted({one.name.split(".")[0] for one in RELEASES.glob("*.gz")}))
def test_a_way_to_head_that_stops_at_every_step_ends_the_same(house: House, release: str) -> None:
    restore(house, release)
    before = books(house)
    at = current(house)
    for step in steps()[steps().index(at) + 1 :]:
        migrate.upgrade(house.url, revision=step)
        assert current(house) == step
    assert books(house) == before
    assert at != current(house)


def current(house: House) -> str:
    made = create_engine(house.url)
    with made.connect() as connection:
        assert inspect(connection).has_table("alembic_version")
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    made.dispose()
    return found
