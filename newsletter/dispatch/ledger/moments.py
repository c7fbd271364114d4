"""Rows that are to come again at a moment of their own, and what the pace remembers."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from newsletter.dispatch.pace import Throttle
from newsletter.history import Act
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.pace import PaceRow
from subscribers.columns import UtcDateTime
from subscribers.models import Subscriber

from .claims import sendable
from .rows import (
    TABLES,
    WENT_OUT,
    Row,
    first_moment,
    settled_since,
    settling,
    table_of,
    this,
)

_D = DeliveryState


def put_back(act: Act, later: Sequence[tuple[Row, datetime]]) -> int:
    """claimed -> queued, each until its moment; how many."""
    moved = 0
    for table in TABLES:
        values = [{**this(row), "when": at} for row, at in later if table_of(row) is table]
        if values:
            statement = settling(table, (_D.CLAIMED,), _D.QUEUED).values(
                not_before=bindparam("when", type_=UtcDateTime)
            )
            moved += int(act.session.connection().execute(statement, values).rowcount)
    return moved


def next_moment(session: Session) -> datetime | None:
    """When the first row comes that waits in the queue for its moment; None: none does."""
    found = [first_moment(session, issue_id, _D.QUEUED) for issue_id in sendable(session)]
    letters = select(func.min(col(Letter.not_before))).where(col(Letter.state) == _D.QUEUED)
    found.append(session.scalar(letters))
    return min((moment for moment in found if moment is not None), default=None)


def next_try(session: Session, issue_id: str) -> datetime | None:
    """When the first of an issue's deferred copies is tried again; None: none is deferred."""
    return first_moment(session, issue_id, _D.DEFERRED)


def lately_to(session: Session, since: datetime) -> list[tuple[datetime, str]]:
    """What went out since then, and to which address; who is erased counts no more."""
    copies = (
        select(col(Delivery.settled_at), col(Subscriber.email))
        .join(Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id))
        .where(*settled_since(Delivery, since), col(Delivery.state).in_(WENT_OUT))
    )
    letters = select(col(Letter.settled_at), col(Letter.to_email)).where(
        *settled_since(Letter, since), col(Letter.state).in_(WENT_OUT)
    )
    rows = [*session.execute(copies), *session.execute(letters)]
    return [(moment, address) for moment, address in rows if moment and address]


def accepted_since(session: Session, since: datetime) -> bool:
    """Whether a relay has taken any message since then."""
    for table in TABLES:
        went = select(col(table.id)).where(
            *settled_since(table, since), col(table.state) == _D.ACCEPTED
        )
        if session.scalar(went.limit(1)) is not None:
            return True
    return False


def throttles(session: Session) -> dict[str, Throttle]:
    """What was kept of them."""
    return {
        row.name: Throttle(row.factor, row.changed_at, row.held_until, row.connections)
        for row in session.scalars(select(PaceRow))
    }


def keep_throttles(act: Act, changed: Mapping[str, Throttle]) -> None:
    """Keep these."""
    for name, it in changed.items():
        row = act.session.get(PaceRow, name) or PaceRow(name=name, factor=1.0)
        row.factor, row.changed_at = it.factor, it.changed_at
        row.held_until, row.connections = it.held_until, it.connections
        act.session.add(row)
