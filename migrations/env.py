"""How Alembic reaches a database; every step is one transaction of its own."""

from importlib import import_module
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool

from app.kernel import outbox
from app.kernel.db import Base

for models in sorted((Path(__file__).resolve().parents[1] / "app").glob("*/models.py")):
    import_module(f"app.{models.parent.name}.models")

assert outbox.Job.metadata is Base.metadata  # nosec B101 - keeps the import of the kernel's own tables


def run() -> None:
    """Upgrade online; a migration waits at most five seconds for a lock, then gives up whole."""
    made = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with made.connect() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("SET lock_timeout = '5s'")
        else:
            db.exec_driver_sql("PRAGMA journal_mode=WAL")
        db.commit()
        context.configure(
            connection=db,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    made.dispose()


run()
