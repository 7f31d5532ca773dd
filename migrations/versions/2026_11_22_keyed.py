"""EOBs keyed from paper."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_keyed"
down_revision = "2026_11_22_acknowledgements"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "keyed_batch",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("payer_name", sa.String(length=80), nullable=False),
        sa.Column("trace", sa.String(length=50), nullable=False),
        sa.Column("paid", KEY, nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("difference", KEY, nullable=False),
        sa.Column("scan_file_no", KEY, nullable=True),
        sa.Column("scan_name", sa.String(length=200), nullable=False),
        sa.Column("scan_media", sa.String(length=40), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("keyed_by", sa.String(length=80), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("second_id", KEY, nullable=True),
        sa.Column("second_by", sa.String(length=80), nullable=False),
        sa.Column("second_at", INSTANT, nullable=True),
        sa.Column("disagreed", sa.String(length=200), nullable=False),
        sa.Column("file_no", KEY, nullable=True),
        sa.Column("committed_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'committed', 'discarded')",
            name=op.f("ck_keyed_batch_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyed_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_keyed_batch_public_id")),
    )
    op.create_index("ix_keyed_batch_entity", "keyed_batch", ["entity_id", "saved_at"], unique=False)
    op.create_index("ix_keyed_batch_trace", "keyed_batch", ["entity_id", "trace"], unique=False)
    op.create_index("ix_keyed_batch_file", "keyed_batch", ["file_no"], unique=False)
    guarding.scope("keyed_batch")
