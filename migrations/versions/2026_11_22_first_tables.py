"""The first tables of the product."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("seq", KEY, autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=1), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("subject_key", sa.String(length=120), nullable=False),
        sa.Column("entity_id", KEY, nullable=True),
        sa.Column("patients", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "seq"], unique=False)
    op.create_index("ix_audit_event_entity", "audit_event", ["entity_id", "seq"], unique=False)
    op.create_index("ix_audit_event_subject", "audit_event", ["subject", "subject_key", "seq"], unique=False)
    op.create_index("ix_audit_event_type", "audit_event", ["type", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", KEY, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "claim",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("encounter", sa.String(length=32), nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("current_version_id", KEY, nullable=False),
        sa.Column("provider_npi", sa.String(length=20), nullable=False),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("entity_id", "encounter", name=op.f("uq_claim_entity_id_encounter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_claim_public_id")),
    )
    op.create_index("ix_claim_control", "claim", ["entity_id", "control"], unique=False)
    op.create_index("ix_claim_facts", "claim", ["entity_id", "service_from", "charge"], unique=False)
    op.create_index("ix_claim_patient", "claim", ["patient_id"], unique=False)
    op.create_table(
        "claim_balance",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_balance")),
    )
    op.create_index(op.f("ix_claim_balance_entity_id"), "claim_balance", ["entity_id"], unique=False)
    op.create_table(
        "claim_line",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("qualifier", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("modifiers", sa.String(length=12), nullable=False),
        sa.Column("revenue", sa.String(length=8), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.String(length=16), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("element", sa.SmallInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line")),
    )
    op.create_index(op.f("ix_claim_line_claim_id"), "claim_line", ["claim_id"], unique=False)
    op.create_index(op.f("ix_claim_line_version_id"), "claim_line", ["version_id"], unique=False)
    op.create_table(
        "claim_payer",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("rank", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "rank", name=op.f("pk_claim_payer")),
    )
    op.create_table(
        "claim_version",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("transaction_id", KEY, nullable=False),
        sa.Column("control", sa.String(length=40), nullable=False),
        sa.Column("frequency", sa.String(length=2), nullable=False),
        sa.Column("sequence", sa.String(length=1), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent", sa.String(length=12), nullable=False),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("original_reference", sa.String(length=50), nullable=True),
        sa.Column("prior_authorization", sa.String(length=50), nullable=True),
        sa.Column("subscriber_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("facility", sa.String(length=4), nullable=False),
        sa.Column("diagnoses", sa.String(length=240), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.Column("byte_end", KEY, nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_version")),
    )
    op.create_index(op.f("ix_claim_version_claim_id"), "claim_version", ["claim_id"], unique=False)
    op.create_index("ix_claim_version_control", "claim_version", ["entity_id", "control"], unique=False)
    op.create_index(
        "ix_claim_version_reference", "claim_version", ["entity_id", "original_reference"], unique=False
    )
    op.create_index(
        op.f("ix_claim_version_transaction_id"), "claim_version", ["transaction_id"], unique=False
    )
    op.create_index(
        "ix_claim_version_void",
        "claim_version",
        ["entity_id"],
        unique=False,
        sqlite_where=sa.text("state = 'void_pending'"),
        postgresql_where=sa.text("state = 'void_pending'"),
    )
    op.create_table(
        "code_row",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("list", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("entity_id", KEY, nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("attributes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_row")),
    )
    op.create_index("ix_code_row_known", "code_row", ["entity_id", "list", "code"], unique=False)
    op.create_table(
        "denial",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("latest_remit_claim_id", KEY, nullable=False),
        sa.Column("remit_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("patient_id", KEY, nullable=True),
        sa.Column("payer_class", sa.String(length=24), nullable=False),
        sa.Column("filing", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("root_cause", sa.String(length=40), nullable=False),
        sa.Column("next_action", sa.String(length=24), nullable=False),
        sa.Column("evidence", sa.String(length=120), nullable=False),
        sa.Column("letter", sa.String(length=40), nullable=False),
        sa.Column("group_code", sa.String(length=2), nullable=False),
        sa.Column("carc", sa.String(length=5), nullable=False),
        sa.Column("rarc", sa.String(length=6), nullable=True),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("denied", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at_stake", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recovered", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hardness", sa.String(length=4), nullable=False),
        sa.Column("preventable", sa.String(length=6), nullable=False),
        sa.Column("appealable", sa.String(length=12), nullable=False),
        sa.Column("patient_hold", sa.Boolean(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("denied_on", sa.Date(), nullable=False),
        sa.Column("first_denied_on", sa.Date(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("basis_event", sa.String(length=32), nullable=False),
        sa.Column("basis_date", sa.Date(), nullable=False),
        sa.Column("deadline_rule", sa.String(length=60), nullable=False),
        sa.Column("deadline", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("legal_due", sa.Date(), nullable=True),
        sa.Column("internal_due", sa.Date(), nullable=True),
        sa.Column("follow_up", sa.Date(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rank", KEY, nullable=False),
        sa.Column("score_reasons", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("origin IN ('initial', 'post_payment')", name=op.f("ck_denial_origin_known")),
        sa.CheckConstraint(
            "state IN ('new', 'triaged', 'waiting_info', 'snoozed', 'payer_promised', 'rebill_prep', "
            "'rebilled', 'appeal_draft', 'appeal_review', 'appeal_sent', 'acknowledged', 'won', 'partial', 'lost', "
            "'next_level', 'awaiting_payment', 'patient_resp', 'writeoff_requested', 'expired', 'closed')",
            name=op.f("ck_denial_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial")),
        sa.UniqueConstraint(
            "entity_id",
            "remit_claim_id",
            "category",
            name=op.f("uq_denial_entity_id_remit_claim_id_category"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_denial_public_id")),
    )
    op.create_index("ix_denial_claim", "denial", ["claim_id"], unique=False)
    op.create_index("ix_denial_due", "denial", ["entity_id", "internal_due"], unique=False)
    op.create_index("ix_denial_open", "denial", ["entity_id", "state", "rank"], unique=False)
    op.create_table(
        "denial_chance",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("chance", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_chance")),
    )
    op.create_index("ix_denial_chance_day", "denial_chance", ["entity_id", "measured_on"], unique=False)
    op.create_table(
        "denial_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("denial_id", KEY, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("before", sa.String(length=24), nullable=False),
        sa.Column("after", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("was", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_event")),
    )
    op.create_index(op.f("ix_denial_event_denial_id"), "denial_event", ["denial_id"], unique=False)
    op.create_index(op.f("ix_denial_event_remit_claim_id"), "denial_event", ["remit_claim_id"], unique=False)
    op.create_table(
        "denial_item",
        sa.Column("address", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("denial_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("remit_claim_id", KEY, nullable=False),
        sa.Column("remit_line_id", KEY, nullable=True),
        sa.Column("claim_line_id", KEY, nullable=True),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("group_code", sa.String(length=2), nullable=False),
        sa.Column("carc", sa.String(length=5), nullable=False),
        sa.Column("rarcs", sa.String(length=80), nullable=False),
        sa.Column("charge", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stake", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("element", sa.SmallInteger(), nullable=False),
        sa.Column("byte", KEY, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_denial_item")),
    )
    op.create_index(op.f("ix_denial_item_claim_id"), "denial_item", ["claim_id"], unique=False)
    op.create_index(op.f("ix_denial_item_denial_id"), "denial_item", ["denial_id"], unique=False)
    op.create_table(
        "denial_play",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("fits", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_play")),
    )
    op.create_index(op.f("ix_denial_play_entity_id"), "denial_play", ["entity_id"], unique=False)
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
    op.create_table(
        "guess",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_guess")),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created"), "idempotency", ["created"], unique=False)
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
    op.create_table(
        "job",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_due", "job", ["state", "rank", "run_at"], unique=False)
    op.create_index("uq_job_kind_key", "job", ["kind", "key"], unique=True)
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
    op.create_index("uq_ledger_entry_reverses", "ledger_entry", ["reverses"], unique=True)
    op.create_table(
        "number_block",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("next", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_block")),
    )
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
    op.create_table(
        "person",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('human', 'service')", name=op.f("ck_person_kind_known")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_person_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
        sa.UniqueConstraint("public_id", name=op.f("uq_person_public_id")),
    )
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
    op.create_table(
        "stored_file",
        sa.Column("file_no", KEY, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_no", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
    )
    op.create_table(
        "worklist_item",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("queue", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=True),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("patient_id", KEY, nullable=True),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rank", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("source", KEY, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_worklist_item_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worklist_item")),
        sa.UniqueConstraint(
            "entity_id",
            "queue",
            "kind",
            "subject",
            "subject_id",
            name=op.f("uq_worklist_item_entity_id_queue_kind_subject_subject_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_worklist_item_public_id")),
    )
    op.create_index("ix_worklist_item_claim", "worklist_item", ["claim_id"], unique=False)
    op.create_index(
        "ix_worklist_item_open", "worklist_item", ["entity_id", "state", "queue", "rank"], unique=False
    )
    op.create_index("ix_worklist_item_subject", "worklist_item", ["subject", "subject_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index("ix_api_token_person", "api_token", ["person_id", "ended_at"], unique=False)
    op.create_table(
        "audit_patient",
        sa.Column("patient_id", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_event.seq"], name=op.f("fk_audit_patient_seq")),
        sa.PrimaryKeyConstraint("patient_id", "seq", name=op.f("pk_audit_patient")),
    )
    op.create_index("ix_audit_patient_seq", "audit_patient", ["seq"], unique=False)
    op.create_table(
        "credential",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second", sa.LargeBinary(), nullable=True),
        sa.Column("second_step", KEY, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credential")),
    )
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
    op.create_table(
        "ledger_head",
        sa.Column("entity_id", KEY, autoincrement=False, nullable=False),
        sa.Column("chain_no", KEY, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name=op.f("fk_ledger_head_entity_id")),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_ledger_head")),
    )
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
    op.create_table(
        "role_grant",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("granted_by", sa.String(length=80), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "person_id", "role", "entity_id", name=op.f("uq_role_grant_person_id_role_entity_id")
        ),
    )
    op.create_table(
        "session",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index("ix_session_person", "session", ["person_id", "ended_at"], unique=False)
