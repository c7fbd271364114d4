"""No index has a column that changes while a copy is on its way."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATE = "CASE WHEN state IN ('claimed', 'sending', 'accepted') THEN NULL ELSE state END"


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.drop_index("ix_delivery_claimable", table_name="delivery")
    op.drop_index("ix_delivery_settled_at", table_name="delivery")
    with op.batch_alter_table("delivery") as batch_op:  # the edition's key says it already
        batch_op.drop_constraint("fk_delivery_issue_id_issue", type_="foreignkey")
        listed = sa.Column("listed", sa.String(length=16), sa.Computed(_STATE, persisted=True))
        batch_op.add_column(listed)
    _index("ix_delivery_listed", ["listed", "issue_id", "not_before", "id"])
    _index("ix_delivery_claim", ["claim"])
    _index("ix_delivery_claimed_at", ["claimed_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE delivery SET (fillfactor = 50)")
    op.add_column("sender", sa.Column("through", sa.Integer(), nullable=False, server_default="0"))


def _index(name: str, columns: list[str]) -> None:
    has = sa.text(f"{columns[0]} IS NOT NULL")
    op.create_index(name, "delivery", columns, unique=False, sqlite_where=has, postgresql_where=has)
