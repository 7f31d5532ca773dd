"""Rules that people edit: playbook, payers, codes."""

revision = "2026_11_22_playbook"
down_revision = "2026_11_22_contacts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
