"""How much of a provider's limit may be used just now; a restart does not forget it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "pace",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("factor", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connections", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pace")),
    )
