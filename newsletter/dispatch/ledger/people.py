"""An issue's account address by address: what became of each copy."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, select
from sqlmodel import Session, col

from newsletter.content import Variant
from newsletter.models.delivery import Afterwards, Delivery, DeliveryState
from newsletter.models.issue import EditionRow
from subscribers.models import Subscriber

from .audience import NO_DATES

_AT_ONCE = 1_000  # rows in memory while a long list is read


class Copy(NamedTuple):
    """One address of an audience, and what became of its copy."""

    email: str | None  # None: the person was erased since
    name: str | None
    state: DeliveryState
    why: str | None
    settled_at: datetime | None
    not_before: datetime | None
    attempts: int
    relay: str | None
    reply: str | None  # the relay's last words
    message_id: str
    resent_at: datetime | None
    afterwards: Afterwards | None
    edition: str  # which their row was made for


_COPY = select(
    col(Subscriber.email),
    col(Subscriber.name),
    col(Delivery.state),
    col(Delivery.why),
    col(Delivery.settled_at),
    col(Delivery.not_before),
    col(Delivery.attempts),
    col(Delivery.relay),
    col(Delivery.reply),
    col(Delivery.message_id),
    col(Delivery.resent_at),
    col(Delivery.afterwards),
    case((col(Delivery.why) == NO_DATES, Variant.DATES.value), else_=col(EditionRow.variant)),
)
_COPY = _COPY.join(Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id)).join(
    EditionRow, col(EditionRow.id) == col(Delivery.edition_id)
)


def copies(session: Session, issue_id: str, state: DeliveryState | None = None) -> Iterator[Copy]:
    """All of an issue (in one state), by person; however many, only a few are in memory."""
    theirs = _COPY.where(col(Delivery.issue_id) == issue_id).order_by(col(Delivery.subscriber_id))
    if state is not None:
        theirs = theirs.where(col(Delivery.state) == state)
    for row in session.execute(theirs.execution_options(yield_per=_AT_ONCE)):
        yield Copy(*row)


def copy_of(session: Session, issue_id: str, subscriber_id: int) -> Copy | None:
    """One reader's; None if the list did not have them."""
    theirs = _COPY.where(
        col(Delivery.issue_id) == issue_id, col(Delivery.subscriber_id) == subscriber_id
    )
    row = session.execute(theirs).one_or_none()
    return Copy(*row) if row else None
