"""For whom a correction is, and notes at items in the archive."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "correction",
        sa.Column("issue_id", sa.String(length=80), nullable=False),
        sa.Column("whom", sa.String(length=16), nullable=False),
        sa.Column("letter", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "whom = 'received' OR NOT letter", name=op.f("ck_correction_the_rest_needs_the_whole")
        ),
        sa.CheckConstraint("note <> ''", name=op.f("ck_correction_says_what_is_right")),
        sa.CheckConstraint(
            "whom IN ('received', 'rest', 'all')", name=op.f("ck_correction_whom_known")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"]),
        sa.PrimaryKeyConstraint("issue_id"),
    )
    op.create_table(
        "erratum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.String(length=80), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("note <> ''", name=op.f("ck_erratum_says_what_is_right")),
        sa.ForeignKeyConstraint(
            ["issue_id", "submission_id"],
            ["placement.issue_id", "placement.submission_id"],
            name="fk_erratum_placement",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_erratum_place", "erratum", ["issue_id", "submission_id"], unique=False)
