"""What is posted or audited stays as it is, whatever SQL the application's own role sends (L4)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel.db import engine
from tests import books
from tests.conftest import House
from tests.faults import month

TABLES = ("ledger_batch", "ledger_entry", "audit_event")
KEYS = {"ledger_batch": "id", "ledger_entry": "id", "audit_event": "seq"}
ATTEMPTS = {
    "changed": "UPDATE {table} SET {key} = {key} + 1",
    "changed without a difference": "UPDATE {table} SET {key} = {key}",
    "changed although nothing is hit": "UPDATE {table} SET {key} = {key} WHERE {key} = -1",
    "deleted": "DELETE FROM {table}",
    "deleted by key": "DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})",
}
ONLY = {
    "sqlite": {
        "replaced": "INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        "replaced by REPLACE": "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        "updated on conflict": "INSERT INTO {table} SELECT * FROM {table} WHERE true "
        "ON CONFLICT ({key}) DO UPDATE SET {key} = {key} + 1",
    },
    "postgresql": {
        "truncated": "TRUNCATE {table}",
        "truncated with others": "TRUNCATE {table} CASCADE",
        "updated on conflict": "INSERT INTO {table} SELECT * FROM {table} "
        "ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key}",
        "merged": "MERGE INTO {table} t USING {table} s ON t.{key} = s.{key} WHEN MATCHED THEN DELETE",
        "its guard taken off": "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "its guard dropped": "DROP TRIGGER {table}_append_only ON {table}",
        "dropped": "DROP TABLE {table}",
    },
}
PASSES = {("changed although nothing is hit", "sqlite")}
"""SQLite fires its triggers for each row that is hit; where none is, nothing changes."""


def everything(table: str) -> list[tuple[object, ...]]:
    with books.looking() as db:
        return [tuple(row) for row in db.execute(text(f"SELECT * FROM {table} ORDER BY 1"))]


@pytest.mark.parametrize("table", TABLES)
def test_nothing_posted_or_audited_is_changed_deleted_or_replaced(house: House, table: str) -> None:
    books.practice()
    for contents in month.deliveries(claims=6):
        books.take(*contents)
    before = everything(table)
    assert before
    for name, attempt in {**ATTEMPTS, **ONLY[house.kind]}.items():
        statement = attempt.format(table=table, key=KEYS[table])
        if (name, house.kind) in PASSES:
            continue
        with pytest.raises(DBAPIError), engine().begin() as db:
            if house.kind == "postgresql":
                db.execute(text("SELECT set_config('reclaim.scope', '*', true)"))
            db.execute(text(statement))
        assert everything(table) == before, f"{table} was {name}"
