"""What a migrated database is: exactly the tables of the product, guarded, and safe to migrate again."""

import ast
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.kernel import migrate
from app.kernel.db import Base
from app.kernel.work import Actor, reading, system, work
from tests import books
from tests.conftest import House
from tests.era import bill, billed

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
APP = Path(__file__).parents[2] / "app"


def test_a_migrated_database_has_exactly_the_tables_of_the_product(house: House) -> None:
    for models in APP.glob("*/models.py"):
        import_module(f"app.{models.parent.name}.models")
    made = create_engine(house.url)
    with made.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    made.dispose()
    assert differences == []


def test_migrating_again_changes_nothing(house: House) -> None:
    migrate.upgrade(house.url)
    migrate.upgrade(house.url)
    assert migrate.is_current(house.url)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_new_database_is_not_current(house: House, tmp_path: Path) -> None:
    assert not migrate.is_current(f"sqlite:///{tmp_path}/new.sqlite3")


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_the_application_role_may_neither_create_nor_drop_tables(house: House) -> None:
    switched_off = "ALTER TABLE claim DISABLE TRIGGER ALL"
    for statement in ("CREATE TABLE mine (id int)", "DROP TABLE ledger_entry", switched_off):
        with pytest.raises(DBAPIError), work(system("tests")) as w:
            w.db.execute(text(statement))


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_the_database_itself_hides_another_entitys_rows_from_a_query_that_forgot(house: House) -> None:
    mine = books.practice()
    other = books.practice("Other Clinic", npi="1679576722", tax_id="222223333")
    books.take(bill(billed("A1", "100")))
    books.take(bill(billed("B1", "200"), npi="1679576722", tax_id="222223333"), name="theirs")
    for practice, charge in ((mine, 10_000), (other, 20_000)):
        with reading(Actor("clerk", scope=frozenset({practice.id}))) as w:
            for table in ("claim", "ledger_entry", "patient", "claim_version"):
                forgot = text(f"SELECT DISTINCT entity_id FROM {table}")  # nosec B608 - four constants
                seen = w.db.execute(forgot).scalars().all()
                assert seen == [practice.id], table
            assert w.db.execute(text("SELECT sum(amount) FROM ledger_entry")).scalar_one() == charge
    with reading(Actor("nobody")) as w:
        assert w.db.execute(text("SELECT count(*) FROM claim")).scalar_one() == 0


def test_migrations_never_import_the_models() -> None:
    for version in sorted(VERSIONS.glob("*.py")):
        for node in ast.walk(ast.parse(version.read_text(encoding="utf-8"))):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in named if name.startswith(("app", "edi"))], version.name
