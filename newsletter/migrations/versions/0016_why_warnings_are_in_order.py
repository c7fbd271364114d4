"""Why warnings are in order, and which issues are scheduled as soon as they are approved."""

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.create_table(
        "warning_reason",
        sa.Column("issue_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(length=200), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_warning_reason_says_why")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"]),
        sa.PrimaryKeyConstraint("issue_id", "kind"),
    )
    op.create_table(
        "when_approved",
        sa.Column("issue_id", sa.String(length=80), nullable=False),
        sa.Column("send_at", UtcDateTime(), nullable=False),
        sa.Column("latest", UtcDateTime(), nullable=False),
        sa.Column("planned_by", sa.String(length=200), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("latest > planned_at", name=op.f("ck_when_approved_still_ahead")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"]),
        sa.PrimaryKeyConstraint("issue_id"),
    )
    op.add_column("approval", sa.Column("warnings", sa.JSON(), nullable=True))
