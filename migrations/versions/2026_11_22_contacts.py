"""Notes, payer calls and saved views."""

revision = "2026_11_22_contacts"
down_revision = "2026_11_22_guards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
