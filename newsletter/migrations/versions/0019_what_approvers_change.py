"""What approvers change on the page, and what they typed there too late."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column("approval", sa.Column("asked_hash", sa.String(length=64), nullable=True))
    op.add_column("approval", sa.Column("changes", sa.JSON(), nullable=True))
    op.add_column("approval", sa.Column("unsaved", sa.JSON(), nullable=True))
