"""Copies that wait for their moment stand apart in the index from those that may go at once."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.drop_index("ix_delivery_claimable", table_name="delivery")
    columns = ["state", "issue_id", "not_before", "id"]
    op.create_index("ix_delivery_claimable", "delivery", columns, unique=False)
