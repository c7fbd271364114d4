"""Answers of the JSON endpoint that a client may ask for again; a cluster's pictures by an index."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "kept_answer",
        sa.Column("cluster_id", sa.Integer(), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_sha256", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(length=22), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"]),
        sa.PrimaryKeyConstraint("cluster_id", "key_sha256"),
    )
    op.create_index("ix_kept_answer_at", "kept_answer", ["at"], unique=False)
    op.create_index("ix_picture_cluster_id", "picture", ["cluster_id"], unique=False)
