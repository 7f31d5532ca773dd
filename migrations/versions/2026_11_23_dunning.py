"""Where accounts stand in collection, by versioned policies."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_dunning"
down_revision = "2026_11_23_plans"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
STAGES = (
    "stage = 'not_due' OR stage = 'eligible' OR stage = 'stmt_1' OR stage = 'stmt_2' OR "
    "stage = 'stmt_3' OR stage = 'final_notice' OR stage = 'pre_collection' OR "
    "stage = 'placement_review' OR stage = 'placed' OR stage = 'returned' OR stage = 'bad_debt'"
)
TABLES = ("dunning_policy", "dunning_level", "dunning", "dunning_event")


def upgrade() -> None:
    _dunning_policy()
    _dunning_level()
    _dunning()
    _dunning_event()
    guarding.scope(*TABLES)
    guarding.append_only("dunning_event")


def _dunning_policy() -> None:
    op.create_table(
        "dunning_policy",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("minimum", KEY, nullable=False),
        sa.Column("cycle_days", sa.SmallInteger(), nullable=False),
        sa.Column("due_days", sa.SmallInteger(), nullable=False),
        sa.Column("households", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'live', 'retired')", name=op.f("ck_dunning_policy_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_policy")),
        sa.UniqueConstraint(
            "entity_id", "name", "number", name=op.f("uq_dunning_policy_entity_id_name_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_dunning_policy_public_id")),
    )


def _dunning_level() -> None:
    op.create_table(
        "dunning_level",
        sa.Column("policy_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("after_days", sa.SmallInteger(), nullable=False),
        sa.Column("wait_days", sa.SmallInteger(), nullable=False),
        sa.Column("minimum", KEY, nullable=False),
        sa.Column("statement", sa.Boolean(), nullable=False),
        sa.Column("letter", sa.String(length=40), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("message", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            STAGES,
            name=op.f("ck_dunning_level_stage_known"),
        ),
        sa.PrimaryKeyConstraint("policy_id", "number", name=op.f("pk_dunning_level")),
    )


def _dunning() -> None:
    op.create_table(
        "dunning",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("episode_on", sa.Date(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("skip_one", sa.Boolean(), nullable=False),
        sa.Column("statement_on", sa.Date(), nullable=True),
        sa.Column("statement_due", KEY, nullable=False),
        sa.Column("policy_id", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            STAGES,
            name=op.f("ck_dunning_stage_known"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_dunning")),
    )
    op.create_index("ix_dunning_next", "dunning", ["entity_id", "next_on", "account_id"], unique=False)


def _dunning_event() -> None:
    op.create_table(
        "dunning_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("from_stage", sa.String(length=20), nullable=False),
        sa.Column("to_stage", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_event")),
    )
    op.create_index(op.f("ix_dunning_event_account_id"), "dunning_event", ["account_id"], unique=False)
