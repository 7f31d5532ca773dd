"""Statement runs, statements, letters, print batches, e-mails, edited words."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_statements"
down_revision = "2026_11_23_dunning"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
STAGES = (
    "stage = 'not_due' OR stage = 'eligible' OR stage = 'stmt_1' OR stage = 'stmt_2' OR "
    "stage = 'stmt_3' OR stage = 'final_notice' OR stage = 'pre_collection' OR "
    "stage = 'placement_review' OR stage = 'placed' OR stage = 'returned' OR stage = 'bad_debt'"
)
TABLES = (
    "statement_run",
    "run_item",
    "statement",
    "statement_line",
    "collection_letter",
    "print_batch",
    "statement_email",
    "letter_edition",
)


def upgrade() -> None:
    _statement_run()
    _run_item()
    _statement()
    _statement_line()
    _collection_letter()
    _print_batch()
    _statement_email()
    _letter_edition()
    guarding.scope(*TABLES)
    guarding.append_only("statement_line")


def _statement_run() -> None:
    op.create_table(
        "statement_run",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("sending", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=False),
        sa.Column("signed_by_id", KEY, nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('statements', 'letters')", name=op.f("ck_statement_run_kind_known")),
        sa.CheckConstraint(
            "state IN ('planned', 'in_audit', 'signed', 'released', 'made', 'cancelled')",
            name=op.f("ck_statement_run_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_statement_run_public_id")),
    )
    op.create_index("ix_statement_run_list", "statement_run", ["entity_id", "day", "id"], unique=False)
    op.create_index(
        "uq_statement_run_open",
        "statement_run",
        ["entity_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'in_audit', 'signed', 'released')"),
        postgresql_where=sa.text("state IN ('planned', 'in_audit', 'signed', 'released')"),
    )


def _run_item() -> None:
    op.create_table(
        "run_item",
        sa.Column("run_id", KEY, autoincrement=False, nullable=False),
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.String(length=40), nullable=False),
        sa.Column("asked", KEY, nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("fine", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("statement_id", KEY, nullable=True),
        sa.Column("letter_id", KEY, nullable=True),
        sa.CheckConstraint(
            "outcome = 'send' OR outcome = 'skip' OR outcome = 'held' OR outcome = 'dropped'",
            name=op.f("ck_run_item_outcome_known"),
        ),
        sa.CheckConstraint(
            STAGES,
            name=op.f("ck_run_item_stage_known"),
        ),
        sa.CheckConstraint("way IN ('mail', 'email')", name=op.f("ck_run_item_way_known")),
        sa.PrimaryKeyConstraint("run_id", "account_id", name=op.f("pk_run_item")),
    )
    op.create_index("ix_run_item_account", "run_item", ["account_id", "run_id"], unique=False)
    op.create_index(
        "ix_run_item_list", "run_item", ["run_id", "outcome", "reason", "account_id"], unique=False
    )


def _statement() -> None:
    op.create_table(
        "statement",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("balance", KEY, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("scan_line", sa.String(length=60), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.SmallInteger(), nullable=False),
        sa.Column("link", sa.String(length=32), nullable=True),
        sa.Column("link_ends", sa.Date(), nullable=True),
        sa.Column("link_misses", sa.SmallInteger(), nullable=False),
        sa.Column("address_id", KEY, nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('issued', 'handed', 'returned')", name=op.f("ck_statement_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("entity_id", "number", name=op.f("uq_statement_entity_id_number")),
        sa.UniqueConstraint("link", name=op.f("uq_statement_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_statement_public_id")),
    )
    op.create_index("ix_statement_account", "statement", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_statement_batch_id"), "statement", ["batch_id"], unique=False)
    op.create_index("ix_statement_list", "statement", ["entity_id", "day", "id"], unique=False)
    op.create_index(op.f("ix_statement_run_id"), "statement", ["run_id"], unique=False)


def _statement_line() -> None:
    op.create_table(
        "statement_line",
        sa.Column("statement_id", KEY, autoincrement=False, nullable=False),
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("charges", KEY, nullable=False),
        sa.Column("insurance_paid", KEY, nullable=False),
        sa.Column("insurance_adjusted", KEY, nullable=False),
        sa.Column("patient_paid", KEY, nullable=False),
        sa.Column("patient_adjusted", KEY, nullable=False),
        sa.Column("refunded", KEY, nullable=False),
        sa.Column("balance", KEY, nullable=False),
        sa.Column("waiting", KEY, nullable=False),
        sa.Column("asked", KEY, nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "claim_id", name=op.f("pk_statement_line")),
    )
    op.create_index("ix_statement_line_claim", "statement_line", ["claim_id"], unique=False)


def _collection_letter() -> None:
    op.create_table(
        "collection_letter",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("letter", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.SmallInteger(), nullable=False),
        sa.Column("address_id", KEY, nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("released_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('issued', 'handed', 'returned')", name=op.f("ck_collection_letter_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_letter")),
        sa.UniqueConstraint("entity_id", "number", name=op.f("uq_collection_letter_entity_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_collection_letter_public_id")),
    )
    op.create_index("ix_collection_letter_account", "collection_letter", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_collection_letter_batch_id"), "collection_letter", ["batch_id"], unique=False)
    op.create_index(op.f("ix_collection_letter_run_id"), "collection_letter", ["run_id"], unique=False)


def _print_batch() -> None:
    op.create_table(
        "print_batch",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("manifest_file_no", KEY, nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("handed_at", INSTANT, nullable=True),
        sa.Column("handed_by", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('made', 'handed')", name=op.f("ck_print_batch_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_print_batch_public_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_print_batch_run_id")),
    )


def _statement_email() -> None:
    op.create_table(
        "statement_email",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("statement_id", KEY, nullable=False),
        sa.Column("contact_point_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("answer", sa.String(length=120), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'stopped')",
            name=op.f("ck_statement_email_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_statement_email_public_id")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_statement_email_statement_id")),
    )
    op.create_index(op.f("ix_statement_email_account_id"), "statement_email", ["account_id"], unique=False)


def _letter_edition() -> None:
    op.create_table(
        "letter_edition",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("letter", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'live', 'retired')", name=op.f("ck_letter_edition_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_edition")),
        sa.UniqueConstraint(
            "entity_id",
            "letter",
            "language",
            "number",
            name=op.f("uq_letter_edition_entity_id_letter_language_number"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_letter_edition_public_id")),
    )
