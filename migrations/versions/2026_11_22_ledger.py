"""The ledger: batches chained by hash, entries, and the head of each entity's chain."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_ledger"
down_revision = "2026_11_22_claims"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _ledger_batch()
    _ledger_entry()
    _ledger_head()


def _ledger_batch() -> None:
    op.create_table(
        "ledger_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("chain_no", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source_key", sa.String(length=80), nullable=False),
        sa.Column("transaction_id", KEY, nullable=True),
        sa.Column("reverses_batch_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name=op.f("fk_ledger_batch_entity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_batch")),
        sa.UniqueConstraint("entity_id", "chain_no", name=op.f("uq_ledger_batch_entity_id_chain_no")),
        sa.UniqueConstraint("entity_id", "source_key", name=op.f("uq_ledger_batch_entity_id_source_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_batch_public_id")),
        sa.UniqueConstraint("reverses_batch_id", name=op.f("uq_ledger_batch_reverses_batch_id")),
    )
    op.create_index("ix_ledger_batch_transaction", "ledger_batch", ["transaction_id"], unique=False)


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("debit", sa.SmallInteger(), nullable=False),
        sa.Column("debit_rank", sa.SmallInteger(), nullable=False),
        sa.Column("credit", sa.SmallInteger(), nullable=False),
        sa.Column("credit_rank", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", KEY, nullable=True),
        sa.Column("line_id", KEY, nullable=True),
        sa.Column("remit_claim_id", KEY, nullable=True),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("original_date", sa.Date(), nullable=True),
        sa.Column("source", KEY, nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("element", sa.SmallInteger(), nullable=False),
        sa.Column("basis", sa.SmallInteger(), nullable=False),
        sa.Column("reverses", KEY, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_entry_amount_positive")),
        sa.CheckConstraint(
            "debit <> credit OR debit_rank <> credit_rank", name=op.f("ck_ledger_entry_moves_something")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index("ix_ledger_entry_claim", "ledger_entry", ["claim_id"], unique=False)
    op.create_index("ix_ledger_entry_remit_claim", "ledger_entry", ["remit_claim_id"], unique=False)
    op.create_index(
        "uq_ledger_entry_reverses",
        "ledger_entry",
        ["reverses"],
        unique=True,
        sqlite_where=sa.text("reverses IS NOT NULL"),
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )


def _ledger_head() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("entity_id", KEY, autoincrement=False, nullable=False),
        sa.Column("chain_no", KEY, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name=op.f("fk_ledger_head_entity_id")),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_ledger_head")),
    )
