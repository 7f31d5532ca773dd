"""EOBs read from FHIR."""

revision = "2026_11_22_eobs"
down_revision = "2026_11_22_contracts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
