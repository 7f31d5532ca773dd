"""Webhooks and what they announce."""

revision = "2026_11_22_hooks"
down_revision = "2026_11_22_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
