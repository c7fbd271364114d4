"""What a submission may be found by when one like it comes in; also for those that are there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from newsletter.likeness import Traits, keys
from subscribers.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A home's zone is not known here; a day that is wrong costs one way of finding a date of 1 a.m.
ZONE = ZoneInfo("Europe/Berlin")
AT_ONCE = 500


def upgrade() -> None:
    """Change the schema; there is no way back but a backup."""
    trait = op.create_table(
        "trait",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.PrimaryKeyConstraint("key", "submission_id"),
    )
    op.create_index("ix_trait_submission_id", "trait", ["submission_id"], unique=False)
    newest = op.get_bind().execute(_newest())
    while rows := newest.fetchmany(AT_ONCE):
        op.bulk_insert(trait, [found for row in rows for found in _traits(row)])


def _newest() -> sa.Select[Any]:
    item = sa.table("submission", sa.column("id"), sa.column("kind"), sa.column("revision"))
    said = sa.table(
        "revision",
        *(sa.column(name) for name in ("submission_id", "number", "title", "teaser", "link")),
        *(sa.column("starts_at", UtcDateTime()), sa.column("starts_on", sa.Date())),
    )
    return sa.select(item.c.id, item.c.kind, said).join_from(
        item,
        said,
        (said.c.submission_id == item.c.id) & (said.c.number == item.c.revision),
    )


def _traits(row: Any) -> Iterator[dict[str, Any]]:
    starts: datetime | None = row.starts_at
    day = starts.astimezone(ZONE).date() if starts else row.starts_on
    for key in keys(Traits(row.title, row.teaser, row.link, day)):
        yield {"key": f"{row.kind} {key}", "submission_id": row.id}
