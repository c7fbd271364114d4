"""When the editors were told of an item; none that waits now is forgotten, and none told twice."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column(
        "submission", sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True)
    )
