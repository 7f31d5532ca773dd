"""Denials: cases, what they are about, what happened, the playbook and what it taught."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_denials"
down_revision = "2026_11_22_remits"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _denial()
    _denial_item()
    _denial_event()
    _denial_chance()
    _denial_play()


def _columns_of_denial() -> list[sa.Column]:
    return [
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
    ]


def _denial() -> None:
    op.create_table(
        "denial",
        *_columns_of_denial(),
        sa.CheckConstraint("origin IN ('initial', 'post_payment')", name=op.f("ck_denial_origin_known")),
        sa.CheckConstraint(
            "state IN ('new', 'triaged', 'waiting_info', 'snoozed', 'payer_promised', "
            "'rebill_prep', 'rebilled', 'appeal_draft', 'appeal_review', 'appeal_sent', "
            "'acknowledged', 'won', 'partial', 'lost', 'next_level', 'awaiting_payment', "
            "'patient_resp', 'writeoff_requested', 'expired', 'closed')",
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


def _denial_item() -> None:
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


def _denial_event() -> None:
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


def _denial_chance() -> None:
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


def _denial_play() -> None:
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
