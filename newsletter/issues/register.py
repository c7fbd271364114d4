"""The issues there are: found by id or the beginning of one, and how each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from newsletter.errors import NotFound, Refused
from newsletter.language import N_, _
from newsletter.models.delivery import Delivery
from newsletter.models.issue import (
    Approval,
    ApprovalState,
    Issue,
    IssueState,
    Placement,
)

OVER = frozenset({IssueState.SENT, IssueState.CANCELLED, IssueState.STOPPED})


class Ambiguous(Refused):
    sentence = N_("„{key}“ passt auf mehrere Ausgaben: {candidates}. Bitte genauer angeben.")


def find(session: Session, key: str) -> Issue:
    """The issue with this id, or the one whose id begins so or that has this number.

    Of several it is the only one that is neither sent nor cancelled nor stopped, if there is
    one. NotFound, Ambiguous.
    """
    key = key.strip().lower()
    if exact := session.get(Issue, key):
        return exact
    fits = or_(col(Issue.id).startswith(key, autoescape=True), col(Issue.number) == key)
    wanted = select(Issue).where(fits).order_by(col(Issue.id))
    found = session.scalars(wanted.limit(6)).all() if key else []
    if not found:
        raise NotFound(what=_("Die Ausgabe"), key=key)
    if len(found) == 1:
        return found[0]
    ahead = session.scalars(wanted.where(col(Issue.state).not_in(OVER)).limit(6)).all()
    if len(ahead) == 1:
        return ahead[0]
    raise Ambiguous(key=key, candidates=", ".join(issue.id for issue in ahead or found))


@dataclass(frozen=True, slots=True)
class Line:
    """One issue as a list shows it."""

    issue: Issue
    items: int
    send_at: datetime | None


def list_(session: Session, newsletter: str | None = None, *, over: bool = True) -> list[Line]:
    """The issues, newest number first; ``over`` false leaves out what is sent or cancelled."""
    items = (
        select(col(Placement.issue_id), func.count().label("placed"))
        .group_by(col(Placement.issue_id))
        .subquery()
    )
    wanted = (
        select(Issue, func.coalesce(items.c.placed, 0))
        .outerjoin(items, items.c.issue_id == Issue.id)
        .order_by(col(Issue.number).desc(), col(Issue.newsletter))
    )
    if newsletter:
        wanted = wanted.where(col(Issue.newsletter) == newsletter)
    if not over:
        wanted = wanted.where(col(Issue.state).not_in(OVER))
    return [Line(issue, count, issue.send_at) for issue, count in session.execute(wanted)]


def deliveries(session: Session, issue_id: str) -> dict[str, int]:
    """How many messages stand in which state."""
    counted = (
        select(col(Delivery.state), func.count())
        .where(col(Delivery.issue_id) == issue_id)
        .group_by(col(Delivery.state))
    )
    return {state.value: count for state, count in session.execute(counted)}


def approvals(session: Session, issue_id: str) -> Sequence[Approval]:
    """Every request for approval, oldest first."""
    asked = select(Approval).where(col(Approval.issue_id) == issue_id)
    return session.scalars(asked.order_by(col(Approval.id))).all()


def status(session: Session, key: str) -> dict[str, Any]:
    """How an issue stands, as JSON takes it (contract: DESIGN §6)."""
    issue = find(session, key)
    counts = deliveries(session, issue.id)
    standing = next(
        (a for a in reversed(approvals(session, issue.id)) if a.state is not ApprovalState.VOID),
        None,
    )
    approved = standing if standing and standing.state is ApprovalState.APPROVED else None
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "state": issue.state.value,
        "subject": issue.subject,
        "send_at": _iso(issue.send_at),
        "recipients": issue.recipients,
        "deliveries": counts,
        "content_hash": issue.content_hash,
        "requested_by": standing.requested_by if standing else None,
        "asked": standing.asked if standing else None,
        "asked_until": _iso(standing.until) if standing else None,
        "approved_by": approved.decided_by if approved else None,
        "approved_at": _iso(approved.decided_at) if approved else None,
        "approved_how": approved.how.value if approved and approved.how else None,
        "accepted_warnings": issue.accepted_warnings,
        "opened_at": _iso(issue.opened_at),
        "closed_at": _iso(issue.closed_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
