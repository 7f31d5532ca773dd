"""What each visit's patient owes and each account at a glance."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_accounts"
down_revision = "2026_11_23_guarded"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = ("owed", "standing", "call_place")


def upgrade() -> None:
    _owed()
    _standing()
    _call_place()
    guarding.scope(*TABLES)


def _owed() -> None:
    op.create_table(
        "owed",
        sa.Column("claim_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state = 'waiting' OR state = 'due' OR state = 'held' OR state = 'credit' OR state = 'clear'",
            name=op.f("ck_owed_state_known"),
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_owed")),
    )
    op.create_index("ix_owed_account", "owed", ["account_id", "state"], unique=False)
    op.create_index("ix_owed_list", "owed", ["entity_id", "state", "since"], unique=False)


def _standing() -> None:
    op.create_table(
        "standing",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("due", KEY, nullable=False),
        sa.Column("waiting", KEY, nullable=False),
        sa.Column("held", KEY, nullable=False),
        sa.Column("credit", KEY, nullable=False),
        sa.Column("unapplied", KEY, nullable=False),
        sa.Column("pending", KEY, nullable=False),
        sa.Column("on_plan", KEY, nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("oldest_since", sa.Date(), nullable=True),
        sa.Column("latest_since", sa.Date(), nullable=True),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=16), nullable=False),
        sa.Column("promise_until", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid", KEY, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_account", "standing", ["entity_id", "account_id"], unique=False)
    op.create_index("ix_standing_due", "standing", ["entity_id", "due", "account_id"], unique=False)
    op.create_index(
        "ix_standing_oldest", "standing", ["entity_id", "oldest_since", "account_id"], unique=False
    )


def _call_place() -> None:
    op.create_table(
        "call_place",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(length=120), nullable=False),
        sa.Column("due", KEY, nullable=False),
        sa.Column("zones", sa.String(length=200), nullable=False),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.Column("held_by", KEY, nullable=True),
        sa.Column("held_until", INSTANT, nullable=True),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("ranked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_call_place")),
    )
    op.create_index(
        "ix_call_place_next", "call_place", ["entity_id", "zones", "score", "account_id"], unique=False
    )
    op.create_index("ix_call_place_list", "call_place", ["entity_id", "score", "account_id"], unique=False)
    op.create_index("ix_call_place_held", "call_place", ["held_by"], unique=False)
