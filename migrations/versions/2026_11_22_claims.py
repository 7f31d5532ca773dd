"""Claims as billed, version by version, with their lines, payers and balances."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_claims"
down_revision = "2026_11_22_files"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _claim()
    _claim_version()
    _claim_line()
    _claim_payer()
    _claim_balance()


def _claim() -> None:
    op.create_table(
        "claim",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("encounter", sa.String(length=32), nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("current_version_id", KEY, nullable=False),
        sa.Column("provider_npi", sa.String(length=20), nullable=False),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("entity_id", "encounter", name=op.f("uq_claim_entity_id_encounter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_claim_public_id")),
    )
    op.create_index("ix_claim_control", "claim", ["entity_id", "control"], unique=False)
    op.create_index("ix_claim_facts", "claim", ["entity_id", "service_from", "charge"], unique=False)
    op.create_index("ix_claim_patient", "claim", ["patient_id"], unique=False)


def _claim_version() -> None:
    op.create_table(
        "claim_version",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("transaction_id", KEY, nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("frequency", sa.String(length=2), nullable=False),
        sa.Column("sequence", sa.String(length=1), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent", sa.String(length=12), nullable=False),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("original_reference", sa.String(length=50), nullable=True),
        sa.Column("prior_authorization", sa.String(length=50), nullable=True),
        sa.Column("subscriber_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("facility", sa.String(length=4), nullable=False),
        sa.Column("diagnoses", sa.String(length=240), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("byte_end", KEY, nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_version")),
    )
    op.create_index(op.f("ix_claim_version_claim_id"), "claim_version", ["claim_id"], unique=False)
    op.create_index("ix_claim_version_control", "claim_version", ["entity_id", "control"], unique=False)
    op.create_index(
        "ix_claim_version_reference", "claim_version", ["entity_id", "original_reference"], unique=False
    )
    op.create_index(
        op.f("ix_claim_version_transaction_id"), "claim_version", ["transaction_id"], unique=False
    )
    op.create_index(
        "ix_claim_version_void",
        "claim_version",
        ["entity_id"],
        unique=False,
        sqlite_where=sa.text("state = 'void_pending'"),
        postgresql_where=sa.text("state = 'void_pending'"),
    )


def _claim_line() -> None:
    op.create_table(
        "claim_line",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("qualifier", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=12), nullable=False),
        sa.Column("revenue", sa.String(length=8), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.String(length=16), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("element", sa.SmallInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line")),
    )
    op.create_index(op.f("ix_claim_line_claim_id"), "claim_line", ["claim_id"], unique=False)
    op.create_index(op.f("ix_claim_line_version_id"), "claim_line", ["version_id"], unique=False)


def _claim_payer() -> None:
    op.create_table(
        "claim_payer",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("rank", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "rank", name=op.f("pk_claim_payer")),
    )


def _claim_balance() -> None:
    op.create_table(
        "claim_balance",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_balance")),
    )
    op.create_index(op.f("ix_claim_balance_entity_id"), "claim_balance", ["entity_id"], unique=False)
