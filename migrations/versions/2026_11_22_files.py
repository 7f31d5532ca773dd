"""Stored files, and what came in with them: interchanges, transactions, findings."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_files"
down_revision = "2026_11_22_parties"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _stored_file()
    _intake_file()
    _intake_offer()
    _intake_interchange()
    _intake_transaction()
    _intake_finding()


def _stored_file() -> None:
    op.create_table(
        "stored_file",
        sa.Column("file_no", KEY, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_no", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
    )


def _intake_file() -> None:
    op.create_table(
        "intake_file",
        sa.Column("file_no", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("offered_by", sa.String(length=80), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("parent_file_no", KEY, nullable=True),
        sa.Column("segments", KEY, nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("options", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'staged', 'refused')", name=op.f("ck_intake_file_state_known")
        ),
        sa.ForeignKeyConstraint(["file_no"], ["stored_file.file_no"], name=op.f("fk_intake_file_file_no")),
        sa.PrimaryKeyConstraint("file_no", name=op.f("pk_intake_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intake_file_public_id")),
    )
    op.create_index(op.f("ix_intake_file_parent_file_no"), "intake_file", ["parent_file_no"], unique=False)
    op.create_index("ix_intake_file_received", "intake_file", ["received_at"], unique=False)


def _intake_offer() -> None:
    op.create_table(
        "intake_offer",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("offered_by", sa.String(length=80), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_offer")),
    )
    op.create_index(op.f("ix_intake_offer_file_no"), "intake_offer", ["file_no"], unique=False)


def _intake_interchange() -> None:
    op.create_table(
        "intake_interchange",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("natural", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=20), nullable=False),
        sa.Column("receiver", sa.String(length=20), nullable=False),
        sa.Column("control", sa.String(length=20), nullable=False),
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("usage", sa.String(length=2), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_interchange")),
    )
    op.create_index(op.f("ix_intake_interchange_file_no"), "intake_interchange", ["file_no"], unique=False)
    op.create_index(op.f("ix_intake_interchange_natural"), "intake_interchange", ["natural"], unique=False)


def _intake_transaction() -> None:
    op.create_table(
        "intake_transaction",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("interchange_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("control", sa.String(length=20), nullable=False),
        sa.Column("usage", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("span", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("posted_hash", sa.String(length=80), nullable=True),
        sa.Column("same_as_id", KEY, nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=True),
        sa.Column("release_reason", sa.String(length=200), nullable=True),
        sa.Column("payer_name", sa.String(length=120), nullable=True),
        sa.Column("trace", sa.String(length=60), nullable=True),
        sa.Column("method", sa.String(length=3), nullable=True),
        sa.Column("paid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Integer(), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("posting", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('staged', 'posted', 'held', 'ignored', 'kept', 'quarantined', 'undone')",
            name=op.f("ck_intake_transaction_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_transaction")),
        sa.UniqueConstraint("posted_hash", name=op.f("uq_intake_transaction_posted_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intake_transaction_public_id")),
    )
    op.create_index(
        op.f("ix_intake_transaction_content_hash"), "intake_transaction", ["content_hash"], unique=False
    )
    op.create_index(
        "ix_intake_transaction_entity", "intake_transaction", ["entity_id", "state"], unique=False
    )
    op.create_index(op.f("ix_intake_transaction_file_no"), "intake_transaction", ["file_no"], unique=False)


def _intake_finding() -> None:
    op.create_table(
        "intake_finding",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("transaction_id", KEY, nullable=True),
        sa.Column("remit_claim_id", KEY, nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("does", sa.String(length=8), nullable=False),
        sa.Column("segment", KEY, nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_finding")),
    )
    op.create_index(op.f("ix_intake_finding_file_no"), "intake_finding", ["file_no"], unique=False)
    op.create_index(
        op.f("ix_intake_finding_remit_claim_id"), "intake_finding", ["remit_claim_id"], unique=False
    )
    op.create_index(
        op.f("ix_intake_finding_transaction_id"), "intake_finding", ["transaction_id"], unique=False
    )
