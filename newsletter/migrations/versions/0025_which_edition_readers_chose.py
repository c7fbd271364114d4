"""Which edition of a newsletter a reader chose, and what language an edition speaks."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_EVENTS = (
    "'signed_up', 'confirm_sent', 'confirmed', 'imported', 'ended', 'expired', 'paused',"
    " 'resumed', 'restricted', 'unrestricted', 'chosen'"
)


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    op.execute(  # with its check in one statement: no million rows are written anew for it
        "ALTER TABLE subscription ADD COLUMN edition VARCHAR(16) DEFAULT 'full' NOT NULL"
        " CONSTRAINT ck_subscription_edition_known CHECK (edition IN ('full', 'text', 'dates'))"
    )
    op.add_column("edition", sa.Column("language", sa.String(length=8), nullable=True))
    with op.batch_alter_table("consent") as batch_op:
        batch_op.drop_constraint(op.f("ck_consent_event_known"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_consent_event_known"), sa.text(f"event IN ({_EVENTS})")
        )
