"""What a new table needs besides its columns, on either database; used by migrations, frozen like them.

Never change what a function here does: a database made years ago went through it. Add another one instead.
"""

from alembic import op

OWN = (
    "CASE WHEN current_setting('reclaim.scope', true) = '*' THEN true ELSE entity_id = ANY "
    "(string_to_array(coalesce(current_setting('reclaim.scope', true), ''), ',')::bigint[]) END"
)


def grant(*tables: str) -> None:
    """The application's role may read and write these tables (PostgreSQL; SQLite has no roles)."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in tables:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO reclaim_app")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO reclaim_app")


def scope(*tables: str) -> None:
    """Granted, and rows of another entity hidden by the database itself; each table has `entity_id`."""
    grant(*tables)
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_entities ON {table} USING ({OWN}) WITH CHECK ({OWN})")


def append_only(*tables: str) -> None:
    """Rows of these tables (already granted) are added and never changed or deleted."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in tables:
        if sqlite:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
                )
        else:
            op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM reclaim_app")
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION reclaim_append_only()"
            )
