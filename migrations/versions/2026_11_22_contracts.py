"""Fee schedules, terms, variances, underpayments and their patterns."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_contracts"
down_revision = "2026_11_22_playbook"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CENTS = KEY
STATE_KNOWN = (
    "state IN ('detected', 'validated', 'invalid', 'below_tolerance', 'grouped', 'sent', 'payer_ack', "
    "'agreed', 'refused', 'escalated', 'reprocessing', 'recovered', 'partial', 'closed')"
)


def upgrade() -> None:
    op.add_column("claim_version", sa.Column("drg", sa.String(length=6), nullable=True))
    _fee_file()
    _fee_import()
    _fee_schedule()
    _fee_row()
    _fee_row_indexes()
    _contract_term()
    _contract_term_indexes()
    _variance()
    _variance_indexes()
    _underpayment()
    _underpayment_indexes()
    _underpayment_event()
    _underpayment_event_indexes()
    _underpayment_project()
    _underpayment_pattern()
    _underpayment_pattern_indexes()
    guarding.grant("fee_file")
    guarding.scope(
        "fee_import",
        "fee_schedule",
        "fee_row",
        "contract_term",
        "variance",
        "underpayment",
        "underpayment_event",
        "underpayment_project",
        "underpayment_pattern",
    )
    guarding.append_only("fee_import", "fee_schedule", "underpayment_event")


def _fee_file() -> None:
    op.create_table(
        "fee_file",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("awaits", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fee_file_public_id")),
    )


def _fee_import() -> None:
    op.create_table(
        "fee_import",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_import")),
        sa.UniqueConstraint("entity_id", "file_id", name=op.f("uq_fee_import_entity_id_file_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fee_import_public_id")),
    )


def _fee_schedule() -> None:
    op.create_table(
        "fee_schedule",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("import_id", KEY, nullable=False),
        sa.Column("payer_number", sa.String(length=80), nullable=False),
        sa.Column("payer_label", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_schedule")),
        sa.UniqueConstraint(
            "entity_id", "payer_number", "number", name=op.f("uq_fee_schedule_entity_id_payer_number_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_fee_schedule_public_id")),
    )


def _fee_row() -> None:
    op.create_table(
        "fee_row",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("schedule_id", KEY, nullable=False),
        sa.Column("fee_key", sa.String(length=110), nullable=False),
        sa.Column("payer_number", sa.String(length=80), nullable=False),
        sa.Column("code_type", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("modifier", sa.String(length=2), nullable=False),
        sa.Column("setting", sa.String(length=12), nullable=False),
        sa.Column("allowed", CENTS, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("max_units", sa.Integer(), nullable=True),
        sa.Column("multiple", sa.String(length=1), nullable=False),
        sa.Column("bilateral", sa.String(length=1), nullable=False),
        sa.Column("assistant", sa.String(length=1), nullable=False),
        sa.Column("co_surgeon", sa.String(length=1), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_row")),
    )


def _fee_row_indexes() -> None:
    op.create_index(op.f("ix_fee_row_schedule_id"), "fee_row", ["schedule_id"], unique=False)
    op.create_index(
        "uq_fee_row_known",
        "fee_row",
        ["entity_id", "fee_key", "modifier", "setting", "effective_from"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _contract_term() -> None:
    op.create_table(
        "contract_term",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_number", sa.String(length=80), nullable=False),
        sa.Column("payer_label", sa.String(length=80), nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_term")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_term_public_id")),
    )


def _contract_term_indexes() -> None:
    op.create_index("ix_contract_term_payer", "contract_term", ["entity_id", "payer_number"], unique=False)


def _variance() -> None:
    op.create_table(
        "variance",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("remit_id", KEY, nullable=False),
        sa.Column("claim_line_id", KEY, nullable=True),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("line_control", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("payer_number", sa.String(length=80), nullable=False),
        sa.Column("code_type", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=12), nullable=False),
        sa.Column("setting", sa.String(length=12), nullable=False),
        sa.Column("units", sa.String(length=16), nullable=False),
        sa.Column("charge", CENTS, nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("remit_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("expected", CENTS, nullable=True),
        sa.Column("actual", CENTS, nullable=False),
        sa.Column("variance", CENTS, nullable=True),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("flags", sa.String(length=80), nullable=False),
        sa.Column("expected_paid", CENTS, nullable=True),
        sa.Column("paid", CENTS, nullable=False),
        sa.Column("schedule_id", KEY, nullable=True),
        sa.Column("fee_row_id", KEY, nullable=True),
        sa.Column("terms", sa.String(length=40), nullable=False),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("inputs", sa.String(length=32), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variance")),
    )


def _variance_indexes() -> None:
    op.create_index("ix_variance_claim", "variance", ["claim_id"], unique=False)
    op.create_index(
        "ix_variance_pattern", "variance", ["entity_id", "remit_on", "payer_id", "code"], unique=False
    )
    op.create_index(op.f("ix_variance_remit_claim_id"), "variance", ["remit_claim_id"], unique=False)
    op.create_index(
        "uq_variance_standing",
        "variance",
        ["remit_claim_id", "line_number"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _underpayment() -> None:
    op.create_table(
        "underpayment",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("variance_id", KEY, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("remit_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("patient_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=12), nullable=False),
        sa.Column("schedule_id", KEY, nullable=True),
        sa.Column("expected", CENTS, nullable=False),
        sa.Column("actual", CENTS, nullable=False),
        sa.Column("amount", CENTS, nullable=False),
        sa.Column("identified", CENTS, nullable=False),
        sa.Column("recovered", CENTS, nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("pattern_id", KEY, nullable=True),
        sa.Column("project_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("remit_on", sa.Date(), nullable=False),
        sa.Column("limit_on", sa.Date(), nullable=False),
        sa.Column("follow_up", sa.Date(), nullable=True),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            STATE_KNOWN,
            name=op.f("ck_underpayment_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_underpayment")),
        sa.UniqueConstraint(
            "entity_id",
            "claim_id",
            "rank",
            "line_number",
            name=op.f("uq_underpayment_entity_id_claim_id_rank_line_number"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_underpayment_public_id")),
    )


def _underpayment_indexes() -> None:
    op.create_index("ix_underpayment_claim", "underpayment", ["claim_id"], unique=False)
    op.create_index("ix_underpayment_open", "underpayment", ["entity_id", "state", "amount"], unique=False)
    op.create_index(op.f("ix_underpayment_project_id"), "underpayment", ["project_id"], unique=False)


def _underpayment_event() -> None:
    op.create_table(
        "underpayment_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("underpayment_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_underpayment_event")),
    )


def _underpayment_event_indexes() -> None:
    op.create_index(
        op.f("ix_underpayment_event_underpayment_id"), "underpayment_event", ["underpayment_id"], unique=False
    )


def _underpayment_project() -> None:
    op.create_table(
        "underpayment_project",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_underpayment_project")),
        sa.UniqueConstraint("entity_id", "name", name=op.f("uq_underpayment_project_entity_id_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_underpayment_project_public_id")),
    )


def _underpayment_pattern() -> None:
    op.create_table(
        "underpayment_pattern",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("payer_number", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=12), nullable=False),
        sa.Column("setting", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("underpaid", sa.Integer(), nullable=False),
        sa.Column("total", CENTS, nullable=False),
        sa.Column("ratio", sa.String(length=12), nullable=False),
        sa.Column("spread", sa.String(length=12), nullable=False),
        sa.Column("systematic", sa.Boolean(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_underpayment_pattern")),
    )


def _underpayment_pattern_indexes() -> None:
    op.create_index(
        "ix_underpayment_pattern_standing", "underpayment_pattern", ["entity_id", "standing"], unique=False
    )
