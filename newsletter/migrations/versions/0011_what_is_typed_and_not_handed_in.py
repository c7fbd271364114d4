"""Drafts: what a contributor has typed and not handed in yet."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "draft",
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("contributor_id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("handed_in_sha256", sa.String(length=64), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "submission_id IS NULL OR handed_in_sha256 IS NOT NULL",
            name=op.f("ck_draft_handed_in_once"),
        ),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"]),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_draft_contributor_id", "draft", ["contributor_id"], unique=False)
