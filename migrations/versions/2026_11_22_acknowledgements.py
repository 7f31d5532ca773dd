"""Acknowledgements: answers before payment, where claims stand, who is silent, our own answers."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_acknowledgements"
down_revision = "2026_11_22_eobs"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATE_KNOWN = (
    "state IN ('transmitted', 'interchange_rejected', 'syntax_rejected', 'syntax_accepted', "
    "'received', 'accepted', 'accepted_with_line_rejects', 'rejected', 'not_found', 'pending', "
    "'info_requested', 'finalized', 'remitted', 'reversed', 'replacement_pending', 'void_pending', "
    "'voided')"
)


def upgrade() -> None:
    _columns()
    _claim_resent()
    _acknowledgement()
    _transmission()
    _claim_answer()
    _claim_event()
    _claim_state()
    _silent_claim()
    _payer_lag()
    _intake_reply()
    _intake_partner()
    guarding.scope(
        "claim_resent",
        "acknowledgement",
        "transmission",
        "claim_answer",
        "claim_event",
        "claim_state",
        "silent_claim",
        "payer_lag",
    )
    guarding.grant("intake_reply", "intake_partner")
    guarding.append_only("claim_event", "intake_reply")


def _columns() -> None:
    op.add_column("claim_payer", sa.Column("answered_on", sa.Date(), nullable=True))
    op.add_column("claim_payer", sa.Column("answer_id", KEY, nullable=True))
    op.add_column("claim_payer", sa.Column("taken_back_on", sa.Date(), nullable=True))
    op.add_column("claim_payer", sa.Column("taken_back_id", KEY, nullable=True))
    op.add_column("claim_payer", sa.Column("reversed_on", sa.Date(), nullable=True))
    op.add_column("claim_payer", sa.Column("reversal_id", KEY, nullable=True))
    group = sa.Column("group_control", sa.String(length=20), server_default="", nullable=False)
    op.add_column("intake_transaction", group)
    op.create_index("ix_intake_transaction_group", "intake_transaction", ["group_control"])
    op.create_index("ix_intake_interchange_control", "intake_interchange", ["control"])


def _claim_resent() -> None:
    op.create_table(
        "claim_resent",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("transaction_id", KEY, nullable=False),
        sa.Column("sent", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_resent")),
    )
    op.create_index(op.f("ix_claim_resent_claim_id"), "claim_resent", ["claim_id"], unique=False)
    op.create_index(op.f("ix_claim_resent_transaction_id"), "claim_resent", ["transaction_id"], unique=False)


def _acknowledgement() -> None:
    op.create_table(
        "acknowledgement",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=True),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("interchange", sa.String(length=20), nullable=False),
        sa.Column("group_control", sa.String(length=20), nullable=False),
        sa.Column("set_control", sa.String(length=20), nullable=False),
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("notes", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("errors", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("about_id", KEY, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_acknowledgement_public_id")),
    )
    op.create_index(op.f("ix_acknowledgement_about_id"), "acknowledgement", ["about_id"], unique=False)
    op.create_index(
        op.f("ix_acknowledgement_group_control"), "acknowledgement", ["group_control"], unique=False
    )
    op.create_index(op.f("ix_acknowledgement_interchange"), "acknowledgement", ["interchange"], unique=False)
    op.create_index(op.f("ix_acknowledgement_source_id"), "acknowledgement", ["source_id"], unique=False)


def _transmission() -> None:
    op.create_table(
        "transmission",
        sa.Column("transaction_id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=28), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("acknowledgement_id", KEY, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            STATE_KNOWN,
            name=op.f("ck_transmission_state_known"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_transmission")),
        sa.UniqueConstraint("public_id", name=op.f("uq_transmission_public_id")),
    )
    op.create_index("ix_transmission_entity", "transmission", ["entity_id", "state"], unique=False)


def _claim_answer() -> None:
    op.create_table(
        "claim_answer",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=True),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=4), nullable=False),
        sa.Column("origin_name", sa.String(length=80), nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("payer_control", sa.String(length=50), nullable=False),
        sa.Column("clearinghouse_control", sa.String(length=50), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("last", sa.String(length=60), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("amount", KEY, nullable=True),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("entity_code", sa.String(length=4), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("proposed", sa.String(length=32), nullable=False),
        sa.Column("statuses", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=264), nullable=False),
        sa.Column("paid", KEY, nullable=True),
        sa.Column("finalized", sa.Date(), nullable=True),
        sa.Column("remitted", sa.Date(), nullable=True),
        sa.Column("remit_trace", sa.String(length=60), nullable=False),
        sa.Column("claim_id", KEY, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_claim_answer_public_id")),
    )
    op.create_index(op.f("ix_claim_answer_claim_id"), "claim_answer", ["claim_id"], unique=False)
    op.create_index(op.f("ix_claim_answer_source_id"), "claim_answer", ["source_id"], unique=False)
    op.create_index(
        "ix_claim_answer_waiting",
        "claim_answer",
        ["control"],
        unique=False,
        sqlite_where=sa.text("claim_id IS NULL"),
        postgresql_where=sa.text("claim_id IS NULL"),
    )


def _claim_event() -> None:
    op.create_table(
        "claim_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("answer_id", KEY, nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("entity_code", sa.String(length=4), nullable=False),
        sa.Column("origin", sa.String(length=4), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_event")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_claim_event_answer_id")),
    )
    op.create_index(op.f("ix_claim_event_claim_id"), "claim_event", ["claim_id"], unique=False)


def _claim_state() -> None:
    op.create_table(
        "claim_state",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=28), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("answer_id", KEY, nullable=True),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("entity_code", sa.String(length=4), nullable=False),
        sa.Column("resubmitted_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            STATE_KNOWN,
            name=op.f("ck_claim_state_state_known"),
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_state")),
    )
    op.create_index("ix_claim_state_entity", "claim_state", ["entity_id", "state"], unique=False)


def _silent_claim() -> None:
    op.create_table(
        "silent_claim",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("sent", sa.Date(), nullable=False),
        sa.Column("first_sent", sa.Date(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("expected_by", sa.Date(), nullable=False),
        sa.Column("escalate_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("wait_days", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=24), nullable=False),
        sa.Column("track_on", sa.Date(), nullable=True),
        sa.Column("suppressed_until", sa.Date(), nullable=True),
        sa.Column("suppressed_reason", sa.String(length=200), nullable=False),
        sa.Column("suppressed_by", sa.String(length=80), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "track IN ('waiting', 'called', 'asked', 'answered', 'escalated')",
            name=op.f("ck_silent_claim_track_known"),
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_silent_claim")),
        sa.UniqueConstraint("public_id", name=op.f("uq_silent_claim_public_id")),
    )
    op.create_index(
        "ix_silent_claim_open", "silent_claim", ["entity_id", "open", "expected_by"], unique=False
    )


def _payer_lag() -> None:
    op.create_table(
        "payer_lag",
        sa.Column("payer_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("middle_days", sa.Integer(), nullable=False),
        sa.Column("long_days", sa.Integer(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("payer_id", name=op.f("pk_payer_lag")),
    )


def _intake_reply() -> None:
    op.create_table(
        "intake_reply",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("interchange_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("partner", sa.String(length=40), nullable=False),
        sa.Column("control", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("sets", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("document_no", KEY, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_reply")),
        sa.UniqueConstraint("interchange_id", "kind", name=op.f("uq_intake_reply_interchange_id_kind")),
        sa.UniqueConstraint("partner", "control", name=op.f("uq_intake_reply_partner_control")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intake_reply_public_id")),
    )
    op.create_index(op.f("ix_intake_reply_file_no"), "intake_reply", ["file_no"], unique=False)


def _intake_partner() -> None:
    op.create_table(
        "intake_partner",
        sa.Column("partner", sa.String(length=40), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_intake_partner")),
    )
