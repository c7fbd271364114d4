"""Run migrations on the engine that ``database.upgrade`` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import newsletter.models  # noqa: F401  (registers every table)
from subscribers.columns import EnumText, UtcDateTime


def plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write types as the database knows them: a migration must not follow later code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, EnumText):
        return "sa.String(length=16)"
    if isinstance(item, AutoString | sa.String):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


engine = context.config.attributes["engine"]
alone = {"newsletter_writes": True, "newsletter_in_turn": True}
with engine.connect().execution_options(**alone) as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,  # SQLite alters a table by making it anew
        render_item=plain,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
