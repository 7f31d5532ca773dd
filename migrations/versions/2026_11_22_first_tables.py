"""The first tables of the product."""

from importlib import import_module

from alembic import op

from app.kernel.db import Base

revision = "2026_11_22"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    Base.metadata.create_all(db)
    for capability in ("audit", "ledger"):
        try:
            triggers = import_module(f"app.{capability}.models").TRIGGERS
        except (ImportError, AttributeError):
            continue
        for statement in triggers[db.dialect.name]:
            db.exec_driver_sql(statement)
