"""A story's quotation; and what is for the editors: who agreed, who is shown, when it is wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXTS = ("quote", "approved_by", "persons_shown", "urgent_because")


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    for name in TEXTS:
        op.add_column("revision", sa.Column(name, sa.String(), nullable=True))
    op.add_column("revision", sa.Column("wish_issue", sa.String(length=20), nullable=True))
    op.add_column("revision", sa.Column("current_until", sa.Date(), nullable=True))
