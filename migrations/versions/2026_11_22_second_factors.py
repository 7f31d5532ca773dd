"""Passkeys, recovery codes, outside identities, refresh tokens; emergency access, odd looks, disclosures."""

import sqlalchemy as sa
from alembic import op

from migrations import guarding

revision = "2026_11_22_second_factors"
down_revision = "2026_11_22_keyed"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ACCESS = (
    "refresh_token", "passkey", "recovery_code", "outside_identity", "spent_proof", "role_request",
    "access_review", "emergency",
)  # fmt: skip


def upgrade() -> None:
    _columns()
    _refresh_token()
    _passkey()
    _recovery_code()
    _outside_identity()
    _spent_proof()
    _role_request()
    _access_review()
    _emergency()
    _odd_look()
    _disclosure()
    # Who may come in where is asked before anybody has a scope, so these tables are not hidden by entity.
    guarding.grant(*ACCESS)
    guarding.scope("odd_look", "disclosure")
    guarding.append_only("access_review", "disclosure")


def _columns() -> None:
    op.add_column("person", sa.Column("home_lookup", sa.String(length=32), nullable=True))
    op.add_column("patient", sa.Column("home_lookup", sa.String(length=32), nullable=True))
    for name, size in (("factor", 16), ("provider", 40), ("agent", 120)):
        op.add_column("session", sa.Column(name, sa.String(length=size), nullable=False, server_default=""))
    op.add_column("api_token", sa.Column("family", sa.String(length=20), nullable=True))
    op.add_column("api_token", sa.Column("rights", sa.Text(), nullable=True))
    op.add_column("api_token", sa.Column("address", sa.String(length=45), nullable=False, server_default=""))


def _refresh_token() -> None:
    op.create_table(
        "refresh_token",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("family", sa.String(length=20), nullable=False),
        sa.Column("rights", sa.Text(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_refresh_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    op.create_index(op.f("ix_refresh_token_family"), "refresh_token", ["family"], unique=False)
    op.create_index("ix_refresh_token_person", "refresh_token", ["person_id", "ended_at"], unique=False)


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("credential", sa.String(length=700), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signs", KEY, nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkey_public_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)


def _recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("lookup", sa.String(length=32), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("person_id", "lookup", name=op.f("pk_recovery_code")),
    )


def _outside_identity() -> None:
    op.create_table(
        "outside_identity",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outside_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_identity")),
        sa.UniqueConstraint("person_id", "provider", name=op.f("uq_outside_identity_person_id_provider")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_outside_identity_provider_subject")),
    )


def _spent_proof() -> None:
    op.create_table(
        "spent_proof",
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("spent_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("proof", name=op.f("pk_spent_proof")),
    )
    op.create_index(op.f("ix_spent_proof_spent_at"), "spent_proof", ["spent_at"], unique=False)


def _role_request() -> None:
    op.create_table(
        "role_request",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("place_id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'given', 'refused', 'withdrawn')", name=op.f("ck_role_request_state_known")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_role_request_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_role_request_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_role_request_public_id")),
    )
    op.create_index("ix_role_request_state", "role_request", ["state", "id"], unique=False)


def _access_review() -> None:
    op.create_table(
        "access_review",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_by", KEY, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_access_review_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_access_review_public_id")),
        sa.UniqueConstraint("quarter", "signed_by", name=op.f("uq_access_review_quarter_signed_by")),
    )


def _emergency() -> None:
    op.create_table(
        "emergency",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("place_id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reviewed_by", KEY, nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('unreviewed', 'justified', 'misused')", name=op.f("ck_emergency_state_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_emergency_person_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name=op.f("fk_emergency_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency")),
        sa.UniqueConstraint("public_id", name=op.f("uq_emergency_public_id")),
    )
    op.create_index("ix_emergency_person", "emergency", ["person_id", "ends_at"], unique=False)
    op.create_index("ix_emergency_state", "emergency", ["state", "id"], unique=False)


def _odd_look() -> None:
    op.create_table(
        "odd_look",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("first_seq", KEY, nullable=False),
        sa.Column("last_seq", KEY, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("judged", sa.String(length=16), nullable=True),
        sa.Column("judged_by", KEY, nullable=True),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odd_look")),
        sa.UniqueConstraint(
            "kind", "person_id", "patient_id", "day", name=op.f("uq_odd_look_kind_person_id_patient_id_day")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_odd_look_public_id")),
    )
    op.create_index("ix_odd_look_entity", "odd_look", ["entity_id", "id"], unique=False)


def _disclosure() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("disclosed_on", sa.Date(), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("recipient_address", sa.String(length=300), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disclosure_public_id")),
    )
    op.create_index("ix_disclosure_patient", "disclosure", ["patient_id", "disclosed_on"], unique=False)
