"""Payments of patients, card tokens, small balances."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_payments"
down_revision = "2026_11_23_accounts"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "patient_payment",
    "payment_application",
    "payment_event",
    "card_token",
    "card_charge",
    "small_balance",
)


def upgrade() -> None:
    _patient_payment()
    _payment_application()
    _payment_event()
    _card_token()
    _card_charge()
    _small_balance()
    guarding.scope(*TABLES)
    guarding.append_only("payment_application", "payment_event")


def _patient_payment() -> None:
    op.create_table(
        "patient_payment",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("tender", sa.String(length=12), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("applied", KEY, nullable=False),
        sa.Column("unapplied", KEY, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("designated", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("plan_id", KEY, nullable=True),
        sa.Column("token_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("file_no", KEY, nullable=True),
        sa.Column("review", sa.String(length=16), nullable=False),
        sa.Column("reversal", sa.String(length=16), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('designated', 'plan', 'statement', 'oldest_first', 'proportional')",
            name=op.f("ck_patient_payment_mode_known"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'unknown', 'posted', 'declined', 'reversed')",
            name=op.f("ck_patient_payment_state_known"),
        ),
        sa.CheckConstraint(
            "tender IN ('cash', 'check', 'money_order', 'card', 'ach')",
            name=op.f("ck_patient_payment_tender_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_patient_payment_amount_positive")),
        sa.CheckConstraint("unapplied >= 0", name=op.f("ck_patient_payment_unapplied_left")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_payment")),
        sa.UniqueConstraint("entity_id", "key", name=op.f("uq_patient_payment_entity_id_key")),
        sa.UniqueConstraint("entity_id", "number", name=op.f("uq_patient_payment_entity_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patient_payment_public_id")),
    )
    op.create_index("ix_patient_payment_account", "patient_payment", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_patient_payment_list", "patient_payment", ["entity_id", "received_on", "id"], unique=False
    )


def _payment_application() -> None:
    op.create_table(
        "payment_application",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("takes_back", KEY, nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_payment_application_moves_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_application")),
    )
    op.create_index(
        op.f("ix_payment_application_claim_id"), "payment_application", ["claim_id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_application_payment_id"), "payment_application", ["payment_id"], unique=False
    )
    op.create_index(
        "uq_payment_application_back",
        "payment_application",
        ["takes_back"],
        unique=True,
        sqlite_where=sa.text("takes_back IS NOT NULL"),
        postgresql_where=sa.text("takes_back IS NOT NULL"),
    )


def _payment_event() -> None:
    op.create_table(
        "payment_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=False),
        sa.Column("to_state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
    )
    op.create_index(op.f("ix_payment_event_payment_id"), "payment_event", ["payment_id"], unique=False)


def _card_token() -> None:
    op.create_table(
        "card_token",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.String(length=32), nullable=False),
        sa.Column("brand", sa.String(length=20), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("authorised", sa.String(length=400), nullable=False),
        sa.Column("authorised_on", sa.Date(), nullable=False),
        sa.Column("most", KEY, nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_token")),
        sa.UniqueConstraint(
            "entity_id", "lookup", "account_id", name=op.f("uq_card_token_entity_id_lookup_account_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_card_token_public_id")),
    )
    op.create_index(op.f("ix_card_token_account_id"), "card_token", ["account_id"], unique=False)


def _card_charge() -> None:
    op.create_table(
        "card_charge",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.Column("token_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'declined', 'unknown')", name=op.f("ck_card_charge_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_charge")),
        sa.UniqueConstraint("key", name=op.f("uq_card_charge_key")),
    )
    op.create_index(op.f("ix_card_charge_payment_id"), "card_charge", ["payment_id"], unique=False)


def _small_balance() -> None:
    op.create_table(
        "small_balance",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("entry_id", KEY, nullable=True),
        sa.Column("file_no", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'declined', 'taken_back')",
            name=op.f("ck_small_balance_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_balance")),
        sa.UniqueConstraint("public_id", name=op.f("uq_small_balance_public_id")),
    )
    op.create_index("ix_small_balance_list", "small_balance", ["entity_id", "state", "id"], unique=False)
    op.create_index(
        "uq_small_balance_open",
        "small_balance",
        ["claim_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
