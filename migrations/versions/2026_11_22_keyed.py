"""EOBs keyed from paper."""

revision = "2026_11_22_keyed"
down_revision = "2026_11_22_acknowledgements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
