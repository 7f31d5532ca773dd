"""Billing entities, payers with their terms, and patients."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_parties"
down_revision = "2026_11_22"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _entity()
    _entity_identifier()
    _payer()
    _payer_alias()
    _payer_identifier()
    _payer_term()
    _patient()


def _entity() -> None:
    op.create_table(
        "entity",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("post_on_era", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity")),
        sa.UniqueConstraint("public_id", name=op.f("uq_entity_public_id")),
    )


def _entity_identifier() -> None:
    op.create_table(
        "entity_identifier",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("lookup", sa.String(length=32), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name=op.f("fk_entity_identifier_entity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_identifier")),
        sa.UniqueConstraint("kind", "lookup", name=op.f("uq_entity_identifier_kind_lookup")),
    )


def _payer() -> None:
    op.create_table(
        "payer",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("class", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "class IN ('commercial', 'bcbs', 'medicare', 'medicare_advantage', 'medicaid', "
            "'medicaid_managed', 'tricare', 'federal', 'workers_comp', 'auto', 'liability', 'unknown')",
            name=op.f("ck_payer_class_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payer_public_id")),
    )
    op.create_index(op.f("ix_payer_entity_id"), "payer", ["entity_id"], unique=False)


def _payer_alias() -> None:
    op.create_table(
        "payer_alias",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=False),
        sa.Column("same_as", KEY, nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_alias")),
        sa.UniqueConstraint("entity_id", "payer_id", name=op.f("uq_payer_alias_entity_id_payer_id")),
    )


def _payer_identifier() -> None:
    op.create_table(
        "payer_identifier",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("seen_as", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_identifier")),
        sa.UniqueConstraint(
            "entity_id", "kind", "value", name=op.f("uq_payer_identifier_entity_id_kind_value")
        ),
    )
    op.create_index(op.f("ix_payer_identifier_payer_id"), "payer_identifier", ["payer_id"], unique=False)


def _payer_term() -> None:
    op.create_table(
        "payer_term",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("class", sa.String(length=24), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_term")),
    )
    op.create_index("ix_payer_term_entity", "payer_term", ["entity_id", "payer_id"], unique=False)


def _patient() -> None:
    op.create_table(
        "patient",
        sa.Column("id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("natural", sa.String(length=32), nullable=False),
        sa.Column("last", sa.String(length=80), nullable=False),
        sa.Column("first", sa.String(length=60), nullable=False),
        sa.Column("middle", sa.String(length=40), nullable=False),
        sa.Column("birth", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("member_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("member_lookup", sa.String(length=32), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name=op.f("fk_patient_entity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("entity_id", "natural", name=op.f("uq_patient_entity_id_natural")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patient_public_id")),
    )
    op.create_index("ix_patient_member", "patient", ["entity_id", "member_lookup"], unique=False)
    op.create_index("ix_patient_name", "patient", ["entity_id", "last", "first"], unique=False)
