"""Bring a database to head, with Alembic; `[tool.alembic]` of pyproject.toml says where the steps are."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

ROOT = Path(__file__).resolve().parents[2]


def upgrade(url: str, *, revision: str = "head") -> None:
    """Run every missing migration on this database; safe to run again, and after an interruption."""
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, revision)


def is_current(url: str) -> bool:
    """Does the database have the product's tables?"""
    made = create_engine(url, hide_parameters=True)
    try:
        return inspect(made).has_table("alembic_version")
    finally:
        made.dispose()
