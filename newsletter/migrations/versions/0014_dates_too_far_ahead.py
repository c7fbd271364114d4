"""How many dates of a feed lie too far ahead to be suggested yet."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.add_column("feed", sa.Column("beyond", sa.Integer(), nullable=False, server_default="0"))
