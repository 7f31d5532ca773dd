"""Remits: claims, lines, adjustments and remarks as the payer sent them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_remits"
down_revision = "2026_11_22_ledger"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _remit()
    _remit_claim()
    _remit_line()
    _remit_adjustment()
    _remit_remark()
    _provider_adjustment()


def _remit() -> None:
    op.create_table(
        "remit",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("payer_name", sa.String(length=120), nullable=False),
        sa.Column("trace", sa.String(length=60), nullable=False),
        sa.Column("payer_company", sa.String(length=40), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=3), nullable=False),
        sa.Column("handling", sa.String(length=2), nullable=False),
        sa.Column("paid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued", sa.Date(), nullable=True),
        sa.Column("produced", sa.Date(), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("payee_npi", sa.String(length=80), nullable=False),
        sa.Column("account_last4", sa.String(length=4), nullable=False),
        sa.Column("contact", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("claims_paid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remit")),
        sa.UniqueConstraint(
            "entity_id",
            "payer_company",
            "trace",
            "occurrence",
            name=op.f("uq_remit_entity_id_payer_company_trace_occurrence"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_remit_public_id")),
    )
    op.create_index("ix_remit_effective", "remit", ["entity_id", "effective_date"], unique=False)


def _remit_claim() -> None:
    op.create_table(
        "remit_claim",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("remit_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=2), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "patient_responsibility", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("payer_control", sa.String(length=50), nullable=False),
        sa.Column("original_reference", sa.String(length=50), nullable=True),
        sa.Column("frequency", sa.String(length=2), nullable=False),
        sa.Column("patient_last", sa.String(length=80), nullable=False),
        sa.Column("patient_first", sa.String(length=60), nullable=False),
        sa.Column("member_lookup", sa.String(length=32), nullable=True),
        sa.Column("crossover", sa.String(length=80), nullable=True),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("claim_id", KEY, nullable=True),
        sa.Column("match_how", sa.String(length=20), nullable=True),
        sa.Column("match_score", sa.SmallInteger(), nullable=True),
        sa.Column("match_reason", sa.String(length=200), nullable=True),
        sa.Column("reverses_id", KEY, nullable=True),
        sa.Column("by_line", sa.Boolean(), nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("byte_end", KEY, nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('parked', 'posted', 'estimate', 'not_ours', 'split', 'reversed', 'undone')",
            name=op.f("ck_remit_claim_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remit_claim")),
        sa.UniqueConstraint("public_id", name=op.f("uq_remit_claim_public_id")),
    )
    op.create_index("ix_remit_claim_claim", "remit_claim", ["claim_id"], unique=False)
    op.create_index("ix_remit_claim_control", "remit_claim", ["entity_id", "payer_control"], unique=False)
    op.create_index("ix_remit_claim_parked", "remit_claim", ["entity_id", "state", "control"], unique=False)
    op.create_index(op.f("ix_remit_claim_remit_id"), "remit_claim", ["remit_id"], unique=False)
    op.create_index(
        "uq_remit_claim_live",
        "remit_claim",
        ["entity_id", "payer_id", "payer_control", "rank"],
        unique=True,
        sqlite_where=sa.text("live AND payer_control <> ''"),
        postgresql_where=sa.text("live AND payer_control <> ''"),
    )


def _remit_line() -> None:
    op.create_table(
        "remit_line",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("claim_line_id", KEY, nullable=True),
        sa.Column("match_how", sa.String(length=16), nullable=True),
        sa.Column("qualifier", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=12), nullable=False),
        sa.Column("revenue", sa.String(length=8), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.String(length=16), nullable=False),
        sa.Column("billed_code", sa.String(length=48), nullable=False),
        sa.Column("billed_units", sa.String(length=16), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("control", sa.String(length=50), nullable=False),
        sa.Column("allowed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("byte", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remit_line")),
    )
    op.create_index(op.f("ix_remit_line_remit_claim_id"), "remit_line", ["remit_claim_id"], unique=False)


def _remit_adjustment() -> None:
    op.create_table(
        "remit_adjustment",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("remit_line_id", KEY, nullable=True),
        sa.Column("cas_group", sa.String(length=2), nullable=False),
        sa.Column("carc", sa.String(length=5), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.String(length=16), nullable=True),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("denies", sa.Boolean(), nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("element", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remit_adjustment")),
    )
    op.create_index(
        op.f("ix_remit_adjustment_remit_claim_id"), "remit_adjustment", ["remit_claim_id"], unique=False
    )


def _remit_remark() -> None:
    op.create_table(
        "remit_remark",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("remit_line_id", KEY, nullable=True),
        sa.Column("list", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remit_remark")),
    )
    op.create_index(op.f("ix_remit_remark_remit_claim_id"), "remit_remark", ["remit_claim_id"], unique=False)


def _provider_adjustment() -> None:
    op.create_table(
        "provider_adjustment",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("remit_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("provider", sa.String(length=80), nullable=False),
        sa.Column("fiscal_date", sa.Date(), nullable=True),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("offset_by_id", KEY, nullable=True),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("element", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_adjustment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_provider_adjustment_public_id")),
    )
    op.create_index(
        "ix_provider_adjustment_reference",
        "provider_adjustment",
        ["entity_id", "code", "reference"],
        unique=False,
    )
    op.create_index(
        op.f("ix_provider_adjustment_remit_id"), "provider_adjustment", ["remit_id"], unique=False
    )
