"""What is kept of an issue for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column("issue", sa.Column("figures", sa.JSON(), nullable=True))
