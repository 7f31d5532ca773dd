"""Claims whose next payer is to be looked at; what the filing of claims and their answers need."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_filing"
down_revision = "2026_11_22_scrubbing"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _next_payer_look()


def _next_payer_look() -> None:
    op.create_table(
        "next_payer_look",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_next_payer_look")),
    )
    op.create_index(
        "ix_next_payer_look_due", "next_payer_look", ["entity_id", "due_on", "claim_id"], unique=False
    )
    guarding.scope("next_payer_look")
