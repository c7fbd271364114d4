"""How fast an issue goes out, and to whom: read along the indexes, cheap at a million rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState
from subscribers import roster
from subscribers.models import Subscriber

from .refusals import began
from .rows import WENT_OUT, settled_since

_LATELY = (timedelta(minutes=1), timedelta(minutes=10))  # the longer one where little goes out
_FEW, _ENOUGH = 10, 3_000  # rows that say something of a rate; and no more need be read
_SAYS_SOMETHING = 50  # addresses of an earlier issue


@dataclass(frozen=True, slots=True)
class Measured:
    """How fast an issue went out when nothing held it up."""

    issue: str
    per_minute: float


def rate(session: Session, issue_id: str, now: datetime) -> float | None:
    """Messages per minute of an issue in the last minutes, not counting a pause before them;
    None if too few went out.
    """
    since = began(session, issue_id) or now - _LATELY[-1]
    for span in _LATELY:
        newest = _went(max(since, now - span), newest=True)
        rows = session.execute(newest).all()
        if sum(1 for row in rows if row[0] == issue_id) >= _FEW:
            return _per_minute(issue_id, [*reversed(rows), (issue_id, now)])
    return None


def measured(session: Session) -> Measured | None:
    """How fast the last issue went out at its beginning; None if there is none that says it."""
    last = session.scalars(
        select(Issue)
        .where(
            col(Issue.state) == IssueState.SENT,
            col(Issue.recipients) >= _SAYS_SOMETHING,
            col(Issue.opened_at).is_not(None),
        )
        .order_by(col(Issue.opened_at).desc())
        .limit(1)
    ).first()
    if last is None or last.opened_at is None:
        return None
    rows = session.execute(_went(last.opened_at)).all()
    enough = sum(1 for row in rows if row[0] == last.id) >= _SAYS_SOMETHING
    found = _per_minute(last.id, rows) if enough else None
    return Measured(last.id, found) if found else None


def _went(since: datetime, *, newest: bool = False) -> Any:
    """Issue and moment of what was handed over since then: the first or the newest of it, as they
    were claimed, so that an index is read, and no more of it than is needed.
    """
    moment, made = col(Delivery.claimed_at), col(Delivery.id)
    rows = (
        select(col(Delivery.issue_id), col(Delivery.settled_at), col(Delivery.state))
        .where(*settled_since(Delivery, since))
        .order_by(*([moment.desc(), made.desc()] if newest else [moment, made]))
        .limit(_ENOUGH)
        .subquery()
    )
    order = rows.c.settled_at.desc() if newest else rows.c.settled_at
    went = select(rows.c.issue_id, rows.c.settled_at).where(rows.c.state.in_(WENT_OUT))
    return went.order_by(order)


def _per_minute(issue_id: str, rows: Sequence[Any]) -> float | None:
    """How many of an issue's lie between the first moment of all and the last."""
    took = (rows[-1][1] - rows[0][1]) / timedelta(minutes=1)
    theirs = sum(1 for row in rows[1:] if row[0] == issue_id)
    return theirs / took if took > 0 else None


def by_domain(session: Session, issue_id: str) -> dict[str, dict[DeliveryState, int]]:
    """How many of an issue's rows are in which state, by the domain of their address.

    It reads every row: to be asked now and then. Erased readers stand under "".
    """
    domain = _domain(session)
    rows = session.execute(
        select(domain, col(Delivery.state), func.count())
        .join(Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id))
        .where(col(Delivery.issue_id) == issue_id)
        .group_by(domain, col(Delivery.state))
    )
    found: dict[str, dict[DeliveryState, int]] = {}
    for name, state, count in rows:
        found.setdefault(name or "", {})[state] = count
    return found


def listening_by_domain(session: Session, newsletter: str) -> dict[str, int]:
    """How many may be written to now, by the domain of their address."""
    domain = _domain(session)
    rows = session.execute(
        roster.how_many(newsletter).add_columns(domain).group_by(domain)  # a count, and whose
    )
    return {name or "": count for count, name in rows}


def _domain(session: Session) -> ColumnElement[str]:
    key = col(Subscriber.address_key)
    if session.connection().dialect.name == "postgresql":
        return func.split_part(key, "@", 2)
    return func.substr(key, func.instr(key, "@") + 1)
