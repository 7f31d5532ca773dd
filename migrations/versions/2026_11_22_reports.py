"""What dashboards read."""

revision = "2026_11_22_reports"
down_revision = "2026_11_22_second_factors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
