"""How many of an issue's addresses were refused since it last began to go out (BO-06).

Counted from the rows and the history, so that a restart forgets nothing.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from newsletter.dispatch.pace import Refusals
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState

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
    refused = _count(session, issue_id, DeliveryState.REFUSED, since)
    accepted = _count(session, issue_id, DeliveryState.ACCEPTED, since)
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


def _count(session: Session, issue_id: str, state: DeliveryState, since: datetime) -> int:
    settled = select(func.count()).where(
        col(Delivery.issue_id) == issue_id,
        col(Delivery.state) == state,
        col(Delivery.settled_at) >= since,
    )
    return session.scalar(settled) or 0
