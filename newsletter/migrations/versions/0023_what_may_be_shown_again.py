"""What may be shown again: items in stock, with their terms and the company's yes."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "story",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("again_after", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("evidence_name", sa.String(length=255), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("kept_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("terms <> ''", name=op.f("ck_story_says_its_terms")),
        sa.CheckConstraint("approved_by <> ''", name=op.f("ck_story_approved_by_somebody")),
        sa.CheckConstraint(
            "until IS NULL OR again_after IS NULL OR again_after < until",
            name=op.f("ck_story_some_day_is_left"),
        ),
        sa.CheckConstraint(
            "state <> 'taken_out' OR reason IS NOT NULL",
            name=op.f("ck_story_taken_out_with_reason"),
        ),
        sa.CheckConstraint("state IN ('in_stock', 'taken_out')", name=op.f("ck_story_state_known")),
        sa.ForeignKeyConstraint(
            ["submission_id", "revision"],
            ["revision.submission_id", "revision.number"],
            name="fk_story_revision",
        ),
        sa.PrimaryKeyConstraint("submission_id"),
    )
