"""Guarantors, their addresses, contact points and consents; where a patient lives."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_people"
down_revision = "2026_11_22_filing"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "guarantor",
    "patient_guarantor",
    "visit_guarantor",
    "guarantor_address",
    "contact_point",
    "consent",
)


def upgrade() -> None:
    _guarantor()
    _patient_guarantor()
    _visit_guarantor()
    _guarantor_address()
    _contact_point()
    _consent()
    op.add_column("patient", sa.Column("home_sealed", sa.LargeBinary(), nullable=True))
    homeless = sa.text("home_sealed IS NULL")
    op.create_index(
        "ix_patient_homeless", "patient", ["id"], sqlite_where=homeless, postgresql_where=homeless
    )
    guarding.scope(*TABLES)
    guarding.append_only("consent")


def _guarantor() -> None:
    op.create_table(
        "guarantor",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("natural", sa.String(length=32), nullable=False),
        sa.Column("last", sa.String(length=80), nullable=False),
        sa.Column("first", sa.String(length=60), nullable=False),
        sa.Column("middle", sa.String(length=40), nullable=False),
        sa.Column("birth", sa.Date(), nullable=True),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "relation = 'self' OR relation = 'parent' OR relation = 'guardian' OR "
            "relation = 'spouse' OR relation = 'trustee' OR relation = 'court' OR relation = 'other'",
            name=op.f("ck_guarantor_relation_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantor")),
        sa.UniqueConstraint(
            "entity_id", "natural", "confidential", name=op.f("uq_guarantor_entity_id_natural_confidential")
        ),
        sa.UniqueConstraint("entity_id", "number", name=op.f("uq_guarantor_entity_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_guarantor_public_id")),
    )
    op.create_index("ix_guarantor_name", "guarantor", ["entity_id", "last", "first"], unique=False)


def _patient_guarantor() -> None:
    op.create_table(
        "patient_guarantor",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("guarantor_id", KEY, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_guarantor")),
        sa.UniqueConstraint(
            "patient_id", "effective_from", name=op.f("uq_patient_guarantor_patient_id_effective_from")
        ),
    )
    op.create_index(
        op.f("ix_patient_guarantor_guarantor_id"), "patient_guarantor", ["guarantor_id"], unique=False
    )


def _visit_guarantor() -> None:
    op.create_table(
        "visit_guarantor",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("guarantor_id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_visit_guarantor")),
    )
    op.create_index(
        op.f("ix_visit_guarantor_guarantor_id"), "visit_guarantor", ["guarantor_id"], unique=False
    )


def _guarantor_address() -> None:
    op.create_table(
        "guarantor_address",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("guarantor_id", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("mail", sa.String(length=12), nullable=False),
        sa.Column("mail_code", sa.String(length=2), nullable=False),
        sa.Column("mail_on", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "mail = 'good' OR mail = 'held' OR mail = 'bad'", name=op.f("ck_guarantor_address_mail_known")
        ),
        sa.CheckConstraint(
            "source = 'claim' OR source = 'file' OR source = 'person' OR source = 'patient' OR "
            "source = 'post_office' OR source = 'link' OR source = 'reply'",
            name=op.f("ck_guarantor_address_source_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantor_address")),
        sa.UniqueConstraint("public_id", name=op.f("uq_guarantor_address_public_id")),
    )
    op.create_index(
        "ix_guarantor_address_of", "guarantor_address", ["guarantor_id", "effective_to"], unique=False
    )


def _contact_point() -> None:
    op.create_table(
        "contact_point",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("guarantor_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.String(length=32), nullable=False),
        sa.Column("shown", sa.String(length=60), nullable=False),
        sa.Column("work", sa.Boolean(), nullable=False),
        sa.Column("zones", sa.String(length=240), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'mobile', 'email')", name=op.f("ck_contact_point_kind_known")),
        sa.CheckConstraint(
            "source = 'claim' OR source = 'file' OR source = 'person' OR source = 'patient' OR "
            "source = 'post_office' OR source = 'link' OR source = 'reply'",
            name=op.f("ck_contact_point_source_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_point_public_id")),
    )
    op.create_index(op.f("ix_contact_point_guarantor_id"), "contact_point", ["guarantor_id"], unique=False)
    op.create_index("ix_contact_point_lookup", "contact_point", ["entity_id", "lookup"], unique=False)
    op.create_index(
        "uq_contact_point_live",
        "contact_point",
        ["guarantor_id", "lookup"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("guarantor_id", KEY, nullable=False),
        sa.Column("contact_point_id", KEY, nullable=True),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("effective_at", INSTANT, nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "channel IN ('call', 'auto', 'sms', 'email', 'statement')", name=op.f("ck_consent_channel_known")
        ),
        sa.CheckConstraint(
            "source = 'claim' OR source = 'file' OR source = 'person' OR source = 'patient' OR "
            "source = 'post_office' OR source = 'link' OR source = 'reply'",
            name=op.f("ck_consent_source_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consent_public_id")),
    )
    op.create_index("ix_consent_of", "consent", ["guarantor_id", "channel", "id"], unique=False)
