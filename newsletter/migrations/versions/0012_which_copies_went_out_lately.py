"""Only copies that are settled stand in the index by which the pace finds the latest of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.drop_index("ix_delivery_settled_at", table_name="delivery")
    settled = sa.text("settled_at IS NOT NULL")
    op.create_index(
        "ix_delivery_settled_at",
        "delivery",
        ["settled_at"],
        unique=False,
        sqlite_where=settled,
        postgresql_where=settled,
    )
