"""What was taken down by law, and what each edition was made with."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "take_down",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("taken_down_at", UtcDateTime(), nullable=False),
        sa.Column("taken_down_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_take_down_says_why")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.add_column("edition", sa.Column("blanked_hash", sa.String(length=64), nullable=True))
    op.add_column("edition", sa.Column("made_with", sa.JSON(), nullable=True))
