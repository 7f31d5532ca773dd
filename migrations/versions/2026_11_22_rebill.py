"""Claims on their way out, receivers, batches, proofs of filing."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_rebill"
down_revision = "2026_11_22_patient_list"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "rebill",
    "rebill_event",
    "rebill_hold",
    "receiver",
    "receiver_route",
    "rebill_batch",
    "batch_attempt",
    "filing_proof",
    "claim_control",
)


def upgrade() -> None:
    _rebill()
    _rebill_event()
    _rebill_hold()
    _receiver()
    _receiver_route()
    _rebill_batch()
    _batch_attempt()
    _filing_proof()
    _claim_control()
    guarding.scope(*TABLES)
    guarding.append_only("rebill_event")


def _rebill() -> None:
    op.create_table(
        "rebill",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("form", sa.String(length=1), nullable=False),
        sa.Column("frequency", sa.String(length=1), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("cause_id", KEY, nullable=True),
        sa.Column("base_version_id", KEY, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=True),
        sa.Column("previous_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("control", sa.String(length=20), nullable=False),
        sa.Column("original_reference", sa.String(length=50), nullable=False),
        sa.Column("charge", KEY, nullable=False),
        sa.Column("expected", KEY, nullable=False),
        sa.Column("claim_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("base_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("base_content", sa.String(length=32), nullable=False),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("delay_reason", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("on_hold", sa.Boolean(), nullable=False),
        sa.Column("file_by", sa.Date(), nullable=True),
        sa.Column("file_rule", sa.String(length=80), nullable=False),
        sa.Column("file_clock", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("coding_changed", sa.Boolean(), nullable=False),
        sa.Column("coding_signed_by", sa.String(length=80), nullable=False),
        sa.Column("coding_signed_at", INSTANT, nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("version_id", KEY, nullable=True),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_rebill_rules(),
    )
    _rebill_indexes()


def _rebill_indexes() -> None:
    op.create_index(op.f("ix_rebill_batch_id"), "rebill", ["batch_id"], unique=False)
    op.create_index(op.f("ix_rebill_claim_id"), "rebill", ["claim_id"], unique=False)
    op.create_index("ix_rebill_list", "rebill", ["entity_id", "state", "file_by", "id"], unique=False)
    op.create_index("ix_rebill_payer", "rebill", ["payer_id", "state", "id"], unique=False)
    op.create_index(op.f("ix_rebill_version_id"), "rebill", ["version_id"], unique=False)
    op.create_index(
        "uq_rebill_open",
        "rebill",
        ["claim_id", "rank"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )


def _rebill_rules() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "cause IN ('denial', 'rejection', 'silence', 'primary_paid', 'person')",
            name=op.f("ck_rebill_cause_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('new', 'replacement', 'void', 'secondary', 'late_charges')",
            name=op.f("ck_rebill_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'ready', 'batched', 'transmitted', 'received', 'accepted', 'rejected', "
            "'answered', 'superseded', 'cancelled')",
            name=op.f("ck_rebill_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebill")),
        sa.UniqueConstraint("entity_id", "control", name=op.f("uq_rebill_entity_id_control")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rebill_public_id")),
    ]


def _rebill_event() -> None:
    op.create_table(
        "rebill_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("rebill_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", KEY, nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebill_event")),
    )
    op.create_index(op.f("ix_rebill_event_rebill_id"), "rebill_event", ["rebill_id"], unique=False)


def _rebill_hold() -> None:
    op.create_table(
        "rebill_hold",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("rebill_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=False),
        sa.Column("ended_why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "reason IN ('records', 'coding', 'authorization', 'coverage', 'patient', 'crossover', "
            "'manager', 'other')",
            name=op.f("ck_rebill_hold_reason_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebill_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rebill_hold_public_id")),
    )
    op.create_index(op.f("ix_rebill_hold_rebill_id"), "rebill_hold", ["rebill_id"], unique=False)
    op.create_index("ix_rebill_hold_until", "rebill_hold", ["ended_at", "until"], unique=False)


def _receiver() -> None:
    op.create_table(
        "receiver",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("usage", sa.String(length=1), nullable=False),
        sa.Column("sender_qualifier", sa.String(length=2), nullable=False),
        sa.Column("sender", sa.String(length=15), nullable=False),
        sa.Column("receiver_qualifier", sa.String(length=2), nullable=False),
        sa.Column("receiver", sa.String(length=15), nullable=False),
        sa.Column("submitter_name", sa.String(length=60), nullable=False),
        sa.Column("submitter_number", sa.String(length=80), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_phone", sa.String(length=20), nullable=False),
        sa.Column("receiver_name", sa.String(length=60), nullable=False),
        sa.Column("receiver_number", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("host_key", sa.String(length=800), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_interchange", sa.Integer(), nullable=False),
        sa.Column("next_group", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("how IN ('folder', 'download', 'sftp')", name=op.f("ck_receiver_how_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
        sa.UniqueConstraint("public_id", name=op.f("uq_receiver_public_id")),
    )
    op.create_index(op.f("ix_receiver_entity_id"), "receiver", ["entity_id"], unique=False)


def _receiver_route() -> None:
    op.create_table(
        "receiver_route",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("receiver_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver_route")),
    )
    op.create_index(op.f("ix_receiver_route_payer_id"), "receiver_route", ["payer_id"], unique=False)
    op.create_index(op.f("ix_receiver_route_receiver_id"), "receiver_route", ["receiver_id"], unique=False)


def _rebill_batch() -> None:
    op.create_table(
        "rebill_batch",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("receiver_id", KEY, nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("interchange", sa.Integer(), nullable=False),
        sa.Column("first_group", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("usage", sa.String(length=1), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("charge", KEY, nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("released_by", sa.String(length=80), nullable=False),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("proof", sa.String(length=200), nullable=False),
        sa.Column("ta1", sa.String(length=1), nullable=False),
        sa.Column("syntax", sa.String(length=1), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("how IN ('folder', 'download', 'sftp')", name=op.f("ck_rebill_batch_how_known")),
        sa.CheckConstraint(
            "state IN ('released', 'sending', 'sent', 'unknown', 'failed', 'cancelled')",
            name=op.f("ck_rebill_batch_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebill_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rebill_batch_public_id")),
        sa.UniqueConstraint(
            "receiver_id", "interchange", name=op.f("uq_rebill_batch_receiver_id_interchange")
        ),
    )
    op.create_index("ix_rebill_batch_list", "rebill_batch", ["entity_id", "released_at", "id"], unique=False)
    op.create_index("ix_rebill_batch_state", "rebill_batch", ["state"], unique=False)


def _batch_attempt() -> None:
    op.create_table(
        "batch_attempt",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_attempt")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_batch_attempt_batch_id_number")),
    )


def _filing_proof() -> None:
    op.create_table(
        "filing_proof",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("document_no", KEY, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('payer_accepted', 'syntax_accepted', 'prior_remit')",
            name=op.f("ck_filing_proof_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_proof")),
        sa.UniqueConstraint(
            "claim_id", "kind", "source_id", name=op.f("uq_filing_proof_claim_id_kind_source_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_filing_proof_public_id")),
    )


def _claim_control() -> None:
    op.create_table(
        "claim_control",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_control")),
        sa.UniqueConstraint("entity_id", "control", name=op.f("uq_claim_control_entity_id_control")),
    )
    op.create_index(op.f("ix_claim_control_claim_id"), "claim_control", ["claim_id"], unique=False)
