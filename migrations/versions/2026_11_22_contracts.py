"""Fee schedules, prices and variances."""

revision = "2026_11_22_contracts"
down_revision = "2026_11_22_playbook"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
