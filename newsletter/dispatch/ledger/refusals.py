"""How many of an issue's addresses were refused since it last began to go out (BO-06).

Counted from the rows and the history, so that a restart forgets nothing.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from newsletter.dispatch.pace import Refusals
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState

from .rows import settled_since

_D = DeliveryState
BRAKE = "refusals"  # in the detail of the pause


def began(session: Session, issue_id: str) -> datetime | None:
    """When the issue last began to go out, or went on; None: it never did."""
    return session.scalar(
        select(func.max(col(Event.at))).where(
            col(Event.noun) == "issue",
            col(Event.key) == issue_id,
            col(Event.to_state) == IssueState.SENDING,
        )
    )


def refusals(session: Session, issue_id: str) -> Refusals:
    """The count since then, to be gone on with in memory."""
    issue = session.get_one(Issue, issue_id)
    since = began(session, issue_id) or issue.made_at
    resumed = _held(session, issue_id)
    theirs = col(Delivery.issue_id) == issue_id
    refused = _count(
        session, theirs, col(Delivery.listed) == _D.REFUSED, col(Delivery.settled_at) >= since
    )
    accepted = _count(
        session, theirs, col(Delivery.state) == _D.ACCEPTED, *settled_since(Delivery, since)
    )
    return Refusals(since, issue.recipients or 0, resumed, accepted + refused, refused)


def _held(session: Session, issue_id: str) -> int:
    """How often this brake has held the issue."""
    details = session.scalars(
        select(col(Event.detail)).where(
            col(Event.noun) == "issue",
            col(Event.key) == issue_id,
            col(Event.to_state) == IssueState.PAUSED,
        )
    )
    return sum(1 for detail in details if detail and detail.get("brake") == BRAKE)


def _count(session: Session, *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*which)) or 0
