"""Acknowledgements, claim states, rejections and silent claims."""

revision = "2026_11_22_acknowledgements"
down_revision = "2026_11_22_eobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
