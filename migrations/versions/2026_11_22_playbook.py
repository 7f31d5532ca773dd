"""Rules that people edit: playbook, payers, codes; and the indexes of a person's day."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_playbook"
down_revision = "2026_11_22_contacts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_worklist_item_day",
        "worklist_item",
        ["entity_id", "state", "queue", "owner_id", "due", "amount", "opened_at"],
    )
    op.create_index("ix_worklist_item_owner", "worklist_item", ["owner_id", "state", "queue", "rank"])
    for table in ("denial_play", "payer_term", "code_row"):
        op.add_column(table, sa.Column("reason", sa.String(200), nullable=False, server_default=""))
