"""Holds, disputes, attempts at people, promises of patients, refusals, returned mail, dated rules."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_23_guarded"
down_revision = "2026_11_23_people"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KINDS = (
    "kind IN ('dispute', 'assistance', 'bankruptcy', 'deceased', 'attorney', 'cease', "
    "'estimate_dispute', 'returned_mail', 'mail_paused', 'lien', 'qmb', 'minor', "
    "'no_guarantor', 'identity_theft', 'victim', 'military', 'insurance_review', 'manager')"
)
STATES = (
    "state IN ('opened', 'acknowledged', 'investigating', 'awaiting_other', 'proposed', "
    "'resolved', 'confirmed', 'escalated')"
)
TABLES = (
    "account_hold",
    "dispute",
    "account_event",
    "attempt",
    "patient_promise",
    "refusal",
    "collection_rule",
    "returned_mail",
)


def upgrade() -> None:
    _account_hold()
    _dispute()
    _account_event()
    _attempt()
    _patient_promise()
    _refusal()
    _collection_rule()
    _returned_mail()
    guarding.scope(*TABLES)
    guarding.append_only("account_event", "attempt", "refusal")


def _account_hold() -> None:
    op.create_table(
        "account_hold",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.String(length=80), nullable=False),
        sa.Column("lifted_why", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            KINDS,
            name=op.f("ck_account_hold_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_hold_public_id")),
    )
    op.create_index("ix_account_hold_due", "account_hold", ["entity_id", "open", "ends"], unique=False)
    op.create_index("ix_account_hold_of", "account_hold", ["account_id", "open"], unique=False)


def _dispute() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=True),
        sa.Column("hold_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount", KEY, nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=False),
        sa.Column("resolve_by", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            STATES,
            name=op.f("ck_dispute_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispute_public_id")),
    )
    op.create_index("ix_dispute_due", "dispute", ["entity_id", "state", "resolve_by"], unique=False)
    op.create_index("ix_dispute_of", "dispute", ["account_id", "state"], unique=False)


def _account_event() -> None:
    op.create_table(
        "account_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_event")),
    )
    op.create_index(op.f("ix_account_event_account_id"), "account_event", ["account_id"], unique=False)


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("reach", sa.String(length=8), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("contact_point_id", KEY, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("right_party", sa.Boolean(), nullable=False),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.Column("result", sa.String(length=24), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_attempt_direction_known")),
        sa.CheckConstraint(
            "reach IN ('call', 'sms', 'email', 'mail', 'person')", name=op.f("ck_attempt_reach_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attempt_public_id")),
    )
    op.create_index("ix_attempt_author", "attempt", ["author_id", "at"], unique=False)
    op.create_index("ix_attempt_of", "attempt", ["account_id", "at"], unique=False)


def _patient_promise() -> None:
    op.create_table(
        "patient_promise",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("attempt_id", KEY, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("grace_until", sa.Date(), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("received", KEY, nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'kept', 'partial', 'broken', 'nsf', 'withdrawn')",
            name=op.f("ck_patient_promise_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_promise")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patient_promise_public_id")),
    )
    op.create_index(
        "ix_patient_promise_due", "patient_promise", ["entity_id", "state", "grace_until"], unique=False
    )
    op.create_index("ix_patient_promise_of", "patient_promise", ["account_id", "id"], unique=False)
    op.create_index(
        "uq_patient_promise_open",
        "patient_promise",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _refusal() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("door", sa.String(length=8), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "act IN ('call', 'sms', 'email', 'statement', 'letter', 'charge', 'fee', 'interest', 'place', "
            "'report')",
            name=op.f("ck_refusal_act_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    op.create_index("ix_refusal_list", "refusal", ["entity_id", "id"], unique=False)
    op.create_index("ix_refusal_of", "refusal", ["account_id", "id"], unique=False)


def _collection_rule() -> None:
    op.create_table(
        "collection_rule",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_rule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_collection_rule_public_id")),
    )
    op.create_index(
        "ix_collection_rule_code", "collection_rule", ["entity_id", "code", "state"], unique=False
    )


def _returned_mail() -> None:
    op.create_table(
        "returned_mail",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("address_id", KEY, nullable=True),
        sa.Column("hold_id", KEY, nullable=True),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("searched", sa.Integer(), nullable=False),
        sa.Column("candidate_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("candidate_source", sa.String(length=60), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('returned', 'stopped', 'searching', 'candidate', 'verified', 'resumed', 'exhausted')",
            name=op.f("ck_returned_mail_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_mail")),
        sa.UniqueConstraint("public_id", name=op.f("uq_returned_mail_public_id")),
    )
    op.create_index(op.f("ix_returned_mail_account_id"), "returned_mail", ["account_id"], unique=False)
    op.create_index("ix_returned_mail_list", "returned_mail", ["entity_id", "state", "id"], unique=False)
