"""Where claims are sent."""

revision = "2026_11_22_receivers"
down_revision = "2026_11_22_rebill"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
