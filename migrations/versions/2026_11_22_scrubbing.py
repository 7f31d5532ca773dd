"""Dated rules a claim is checked by before it goes out."""

revision = "2026_11_22_scrubbing"
down_revision = "2026_11_22_receivers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
