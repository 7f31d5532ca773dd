"""The first tables of the product."""

from alembic import op

from app.kernel.db import Base

revision = "2026_11_22"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    Base.metadata.create_all(db)
