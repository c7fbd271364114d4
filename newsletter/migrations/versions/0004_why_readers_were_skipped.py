"""Why readers of an issue were skipped, as numbers that are kept with its account."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column("issue", sa.Column("account_skipped", sa.JSON(), nullable=True))
