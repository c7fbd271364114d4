"""Rows of which nobody knows whether they arrived: what is known of them, what a person says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from newsletter.history import Act
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue
from subscribers.models import Subscriber

from .due import REPEAT_LETTER_AFTER
from .rows import AT_ONCE, count_moved, ids, moving

_D = DeliveryState
# So long after its last sign of life a late answer may still come: no second copy before.
SILENT_FOR = REPEAT_LETTER_AFTER


@dataclass(frozen=True, slots=True)
class Unclear:
    """A copy that may have arrived, and everything that is known of it."""

    delivery: int
    name: str | None
    email: str | None  # None: the person was erased since
    since: datetime  # the last sign of life
    attempts: int
    relay: str | None
    reply: str | None  # the relay's last words
    why: str
    message_id: str

    @property
    def resend_from(self) -> datetime:
        """From when on it may be sent again."""
        return self.since + SILENT_FOR


def unclear(session: Session, issue_id: str, most: int | None = None) -> list[Unclear]:
    """The unknown copies of an issue, the oldest first; at most so many."""
    rows = session.execute(
        select(Delivery, col(Subscriber.name), col(Subscriber.email))
        .join(Subscriber, col(Subscriber.id) == Delivery.subscriber_id)
        .where(*_unknown(issue_id))
        .order_by(col(Delivery.settled_at), col(Delivery.id))
        .limit(most)
    )
    return [_known(*row) for row in rows]


def undecided(session: Session) -> list[str]:
    """The issues of which copies are unknown."""
    of = col(Delivery.issue_id)
    unknown = select(of).where(col(Delivery.listed) == _D.UNKNOWN).distinct().order_by(of)
    return list(session.scalars(unknown))


def _known(row: Delivery, name: str | None, email: str | None) -> Unclear:
    if row.id is None or row.settled_at is None:
        raise AssertionError("an unknown row is stored and settled: CHECK settled_at_a_moment")
    return Unclear(
        row.id,
        name,
        email,
        row.settled_at,
        row.attempts,
        row.relay,
        row.reply,
        row.why or "",
        row.message_id,
    )


def _unknown(issue_id: str) -> tuple[ColumnElement[bool], ...]:
    return (col(Delivery.issue_id) == issue_id, col(Delivery.listed) == _D.UNKNOWN)


def first_silent(session: Session, issue_id: str) -> datetime | None:
    """When the first unknown copy of an issue may be sent again; None if there is none."""
    oldest = select(func.min(col(Delivery.settled_at))).where(*_unknown(issue_id))
    since = session.scalar(oldest)
    return since + SILENT_FOR if since else None


def resend(act: Act, issue_id: str, decided_at: datetime | None = None) -> int:
    """A person says: send the unknown ones again, with the same Message-ID. How many.

    Only those without a sign of life for a quarter of an hour; a row that is being sent is
    none of them. At most ``AT_ONCE``: to go on, call it with the moment of the first call.
    """
    silent = col(Delivery.settled_at) <= (decided_at or act.now) - SILENT_FOR
    if decided_at is None:
        _decided(act, issue_id, "resend", silent)
    return _move(act, issue_id, _D.QUEUED, silent, {"resent_at": act.now})


def leave(act: Act, issue_id: str, seen_at: datetime | None = None, *, go_on: bool = False) -> int:
    """A person says: leave the unknown ones as they are. How many, at most ``AT_ONCE``.

    ``seen_at``: only those that were unknown by then, since nobody was asked about others.
    ``go_on``: it was said before, and this is the rest of it.
    """
    seen = col(Delivery.settled_at) <= (seen_at or act.now)
    if not go_on:
        _decided(act, issue_id, "leave", seen)
    return _move(act, issue_id, _D.LEFT, seen, {"settled_at": act.now, "why": "leave"})


def _decided(act: Act, issue_id: str, what: str, which: ColumnElement[bool]) -> None:
    """Write down who decided about how many; the account is written anew."""
    rows = act.session.scalar(select(func.count()).where(*_unknown(issue_id), which))
    if rows:
        act.session.execute(update(Issue).where(col(Issue.id) == issue_id).values(closed_at=None))
        act.record("issue", issue_id, what, detail={"rows": rows})


def _move(
    act: Act,
    issue_id: str,
    to: DeliveryState,
    which: ColumnElement[bool],
    changes: dict[str, Any],
) -> int:
    """So many rows that no other writer waits for long."""
    picked = list(
        act.session.scalars(ids(Delivery).where(*_unknown(issue_id), which).limit(AT_ONCE))
    )
    if not picked:
        return 0
    statement = moving(Delivery, [_D.UNKNOWN], to, known=True, **changes)
    return count_moved(act.session, statement.where(col(Delivery.id).in_(picked)))
