"""Webhooks: receivers, what happened, deliveries."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_hooks"
down_revision = "2026_11_22_reports"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _hook()
    _hook_event()
    _hook_delivery()
    guarding.scope("hook", "hook_event", "hook_delivery")
    guarding.append_only("hook_event")


def _hook() -> None:
    op.create_table(
        "hook",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("url", sa.String(length=400), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_why", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hook_public_id")),
    )
    op.create_index(op.f("ix_hook_entity_id"), "hook", ["entity_id"], unique=False)


def _hook_event() -> None:
    op.create_table(
        "hook_event",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("subject_public", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hook_event_public_id")),
    )
    op.create_index("ix_hook_event_entity", "hook_event", ["entity_id", "id"], unique=False)


def _hook_delivery() -> None:
    op.create_table(
        "hook_delivery",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("hook_id", KEY, nullable=False),
        sa.Column("first_event_id", KEY, nullable=False),
        sa.Column("last_event_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'delivered', 'given_up')", name=op.f("ck_hook_delivery_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_delivery")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hook_delivery_public_id")),
    )
    op.create_index("ix_hook_delivery_hook", "hook_delivery", ["hook_id", "id"], unique=False)
