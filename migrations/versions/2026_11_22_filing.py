"""What the filing of claims and their answers need."""

revision = "2026_11_22_filing"
down_revision = "2026_11_22_scrubbing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
