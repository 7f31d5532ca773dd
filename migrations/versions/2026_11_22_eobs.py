"""EOBs read from FHIR."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_eobs"
down_revision = "2026_11_22_contracts"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What an EOB says beside its claim, which remits are EOBs, and what superseded one."""
    op.add_column("remit", sa.Column("source", sa.String(8), nullable=False, server_default="835"))
    op.add_column("remit_claim", sa.Column("superseded_by_id", KEY, nullable=True))
    op.create_table(
        "eob",
        sa.Column("id", KEY, primary_key=True, autoincrement=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_control", sa.String(50), nullable=False),
        sa.Column("claim_id", KEY),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.String(60), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("resource", sa.String(24), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("use", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("payee", sa.String(20), nullable=False),
        sa.Column("groups", sa.String(10), nullable=False),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("said_paid", KEY, nullable=False),
        sa.Column("payment_date", sa.Date()),
        sa.Column("payment_id", sa.String(80), nullable=False),
        sa.Column("said", sa.JSON(none_as_null=True), nullable=False),
    )
    op.create_index("ix_eob_control", "eob", ["entity_id", "payer_control"])
    op.create_index("ix_eob_claim", "eob", ["claim_id"])
    guarding.scope("eob")
