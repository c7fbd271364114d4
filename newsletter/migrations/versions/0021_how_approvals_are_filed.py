"""Under which file reference an approval is kept, and who was reminded of one."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column("approval", sa.Column("file_reference", sa.String(length=200), nullable=True))
    op.add_column("approval", sa.Column("reminded_at", UtcDateTime(), nullable=True))
    op.add_column("approval", sa.Column("reminder_sha256", sa.String(length=64), nullable=True))
    op.create_index("ix_approval_reminder_sha256", "approval", ["reminder_sha256"], unique=True)
