"""Payment plans, what they cover, their schedules."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_plans"
down_revision = "2026_11_23_payments"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = ("plan", "plan_item", "instalment", "plan_event")


def upgrade() -> None:
    _plan()
    _plan_item()
    _instalment()
    _plan_event()
    guarding.scope(*TABLES)
    guarding.append_only("plan_event")


def _plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("total", KEY, nullable=False),
        sa.Column("down", KEY, nullable=False),
        sa.Column("instalment", KEY, nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("due_day", sa.SmallInteger(), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=False),
        sa.Column("schedule_no", sa.SmallInteger(), nullable=False),
        sa.Column("missed", sa.SmallInteger(), nullable=False),
        sa.Column("late_since", sa.Date(), nullable=True),
        sa.Column("defaulted_on", sa.Date(), nullable=True),
        sa.Column("re_established_on", sa.Date(), nullable=True),
        sa.Column("disclosures", sa.Boolean(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("witness", sa.String(length=80), nullable=False),
        sa.Column("agreement_file", KEY, nullable=True),
        sa.Column("token_id", KEY, nullable=True),
        sa.Column("previous_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'late', 'defaulted', 're_established', 'completed', 'cancelled')",
            name=op.f("ck_plan_state_known"),
        ),
        sa.CheckConstraint("total > 0", name=op.f("ck_plan_total_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_public_id")),
    )
    op.create_index("ix_plan_account", "plan", ["account_id", "id"], unique=False)
    op.create_index("ix_plan_list", "plan", ["entity_id", "state", "id"], unique=False)


def _plan_item() -> None:
    op.create_table(
        "plan_item",
        sa.Column("plan_id", KEY, autoincrement=False, nullable=False),
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("since_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "claim_id", name=op.f("pk_plan_item")),
    )
    op.create_index("ix_plan_item_claim", "plan_item", ["claim_id"], unique=False)
    op.create_index(
        "uq_plan_item_live",
        "plan_item",
        ["claim_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def _instalment() -> None:
    op.create_table(
        "instalment",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=False),
        sa.Column("schedule_no", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("paid", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("next_try", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'paid', 'missed', 'moved', 'cancelled')", name=op.f("ck_instalment_state_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_instalment_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint(
            "plan_id", "schedule_no", "number", name=op.f("uq_instalment_plan_id_schedule_no_number")
        ),
    )
    op.create_index("ix_instalment_due", "instalment", ["entity_id", "state", "due_on"], unique=False)


def _plan_event() -> None:
    op.create_table(
        "plan_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_event")),
    )
    op.create_index(op.f("ix_plan_event_plan_id"), "plan_event", ["plan_id"], unique=False)
