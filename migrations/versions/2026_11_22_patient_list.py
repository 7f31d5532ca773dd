"""The list of patients walks an index, also for whoever works for every entity."""

from alembic import op

revision = "2026_11_22_patient_list"
down_revision = "2026_11_22_hooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_patient_last", "patient", ["last", "id"], unique=False)
