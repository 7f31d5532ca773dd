"""Dated rules a claim is checked by before it goes out; denials with a corrected claim under way; sets."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_scrubbing"
down_revision = "2026_11_22_receivers"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _rules()
    _corrections()
    _sets()
    guarding.scope("scrub_rule", "denial_correction", "rebill_set", "rebill_set_claim")


def _rules() -> None:
    op.create_table(
        "scrub_rule",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("rule", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrub_rule")),
    )
    op.create_index(op.f("ix_scrub_rule_entity_id"), "scrub_rule", ["entity_id"])


def _corrections() -> None:
    op.create_table(
        "denial_correction",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_correction")),
        sa.UniqueConstraint("entity_id", "source", name=op.f("uq_denial_correction_entity_id_source")),
    )
    op.create_index(op.f("ix_denial_correction_claim_id"), "denial_correction", ["claim_id"])


def _sets() -> None:
    op.create_table(
        "rebill_set",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebill_set")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rebill_set_public_id")),
    )
    op.create_index(op.f("ix_rebill_set_entity_id"), "rebill_set", ["entity_id"])
    op.create_table(
        "rebill_set_claim",
        sa.Column("set_id", KEY, autoincrement=False, nullable=False),
        sa.Column("rebill_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("set_id", "rebill_id", name=op.f("pk_rebill_set_claim")),
    )
