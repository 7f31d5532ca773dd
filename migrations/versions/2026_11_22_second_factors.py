"""Passkeys, outside identity providers, break-glass."""

revision = "2026_11_22_second_factors"
down_revision = "2026_11_22_keyed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
