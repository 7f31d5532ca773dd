"""Notes, payer calls and saved views; on denials: both last days, acts that can be undone, write-offs,
documents, limits, and indexes for a list of a million open cases.
"""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_contacts"
down_revision = "2026_11_22_guards"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NOT_CLOSED = sa.text("state <> 'closed'")
ORDERS = {
    "rank": ["rank", "id"],
    "entity": ["entity_id", "rank", "id"],
    "owner": ["owner_id", "rank", "id"],
    "category": ["category", "rank", "id"],
    "cause": ["payer_id", "carc", "rank", "id"],
    "carc": ["carc", "rank", "id"],
    "group": ["entity_id", "category", "rank", "id"],
    "payer": ["payer_id", "rank", "id"],
    "state": ["state", "rank", "id"],
    "due": ["internal_due", "id"],
    "stake": ["at_stake", "id"],
    "denied": ["denied", "id"],
    "day": ["denied_on", "id"],
}


def upgrade() -> None:
    _contact()
    _payer_promise()
    _views()
    _denial()
    _acts()
    _writeoff()
    _document()
    _limit()
    guarding.scope(
        "contact", "payer_promise", "saved_view_share", "denial_bulk_case", "denial_writeoff",
        "denial_document", "denial_limit",
    )  # fmt: skip
    guarding.grant("saved_view", "saved_view_choice", "denial_bulk")
    guarding.append_only("contact")


def _head() -> list[sa.Column]:
    return [
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
    ]


def _named(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def _contact() -> None:
    op.create_table(
        "contact",
        *_head(),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("patient_id", KEY, nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("strikes", KEY, nullable=True),
        sa.CheckConstraint("kind IN ('note', 'call', 'strike')", name=op.f("ck_contact_kind_known")),
        *_named("contact"),
    )
    op.create_index("ix_contact_subject", "contact", ["subject", "subject_id", "id"])
    op.create_index("ix_contact_strikes", "contact", ["strikes"])


def _payer_promise() -> None:
    op.create_table(
        "payer_promise",
        *_head(),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("amount", KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received", KEY, nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'kept', 'partial', 'broken', 'withdrawn')",
            name=op.f("ck_payer_promise_state_known"),
        ),
        *_named("payer_promise"),
    )
    op.create_index("ix_payer_promise_due", "payer_promise", ["entity_id", "state", "promised_on"])
    op.create_index("ix_payer_promise_subject", "payer_promise", ["subject", "subject_id"])
    op.create_index(op.f("ix_payer_promise_contact_id"), "payer_promise", ["contact_id"])


def _views() -> None:
    op.create_table(
        "saved_view",
        *_head(),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("page", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("owner_id", "page", "name", name=op.f("uq_saved_view_owner_id_page_name")),
        *_named("saved_view"),
    )
    op.create_index(op.f("ix_saved_view_owner_id"), "saved_view", ["owner_id"])
    op.create_table(
        "saved_view_share",
        sa.Column("view_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("view_id", "entity_id", name=op.f("pk_saved_view_share")),
    )
    op.create_table(
        "saved_view_choice",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("page", sa.String(length=24), nullable=False),
        sa.Column("view_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "page", name=op.f("pk_saved_view_choice")),
    )


def _denial() -> None:
    op.add_column("denial", sa.Column("appeal_by", sa.Date(), nullable=True))
    op.add_column("denial", sa.Column("file_by", sa.Date(), nullable=True))
    op.add_column("denial", sa.Column("snoozes", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("denial", sa.Column("touched_at", INSTANT, nullable=True))
    op.add_column("denial", sa.Column("held_by", KEY, nullable=True))
    op.add_column("denial", sa.Column("held_until", INSTANT, nullable=True))
    op.drop_index("ix_denial_open", "denial")
    op.create_index("ix_denial_patient", "denial", ["patient_id"])
    for name, columns in ORDERS.items():
        where = {"sqlite_where": NOT_CLOSED, "postgresql_where": NOT_CLOSED}
        op.create_index(f"ix_denial_open_{name}", "denial", columns, **where)


def _acts() -> None:
    op.create_table(
        "denial_bulk",
        *_head(),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        *_named("denial_bulk"),
    )
    op.create_index("ix_denial_bulk_person", "denial_bulk", ["person_id", "id"])
    op.create_table(
        "denial_bulk_case",
        sa.Column("bulk_id", KEY, autoincrement=False, nullable=False),
        sa.Column("denial_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("bulk_id", "denial_id", name=op.f("pk_denial_bulk_case")),
    )


def _writeoff() -> None:
    op.create_table(
        "denial_writeoff",
        *_head(),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("denial_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_by", KEY, nullable=True),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined', 'withdrawn')",
            name=op.f("ck_denial_writeoff_state_known"),
        ),
        *_named("denial_writeoff"),
    )
    op.create_index(op.f("ix_denial_writeoff_denial_id"), "denial_writeoff", ["denial_id"])
    op.create_index("ix_denial_writeoff_state", "denial_writeoff", ["entity_id", "state", "id"])


def _document() -> None:
    op.create_table(
        "denial_document",
        *_head(),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("denial_id", KEY, nullable=False),
        sa.Column("file_no", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("media", sa.String(length=60), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        *_named("denial_document"),
    )
    op.create_index(op.f("ix_denial_document_denial_id"), "denial_document", ["denial_id"])


def _limit() -> None:
    op.create_table(
        "denial_limit",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_limit")),
    )
    op.create_index(op.f("ix_denial_limit_entity_id"), "denial_limit", ["entity_id"])
