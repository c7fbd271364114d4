"""Until which issue an item is held over; what was held over before waits as it did."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column("clearance", sa.Column("held_until", sa.String(length=20), nullable=True))
