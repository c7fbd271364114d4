"""What is kept of an issue for later reports, when its account is closed: no names of people.

It outlives what it is made from: readers who are erased, deliveries and items that are deleted
when their time is over, clusters that move to another Land. What comes afterwards (goodbyes,
bounces) is written beside it when the newsletter's next issue closes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from newsletter import rhythm
from newsletter.history import Act
from newsletter.models.cluster import Cluster
from newsletter.models.delivery import Afterwards, Delivery
from newsletter.models.issue import Approval, ApprovalState, Issue, Placement
from newsletter.models.submission import Clearance, Credit, Submission
from newsletter.settings import Settings
from subscribers import roster


def keep(act: Act, issue: Issue) -> None:
    """Keep an issue's figures, once; and what came after the newsletter's issue before it."""
    if issue.figures is None:
        _write(act.session, issue, measured(act.session, act.settings, issue))
    before = _neighbour(act.session, issue, earlier=True)
    if before and before.figures and "after" not in before.figures and issue.opened_at:
        after = afterwards(act.session, before, issue.opened_at)
        _write(act.session, before, before.figures | {"after": after})


def figures_of(session: Session, settings: Settings, issue: Issue, now: datetime) -> dict[str, Any]:
    """What is kept of an issue; of one that closed before anything was, what is known today."""
    kept = issue.figures or measured(session, settings, issue)
    if "after" in kept:
        return kept
    following = _neighbour(session, issue, earlier=False)
    until = following.opened_at if following and following.opened_at else now
    if issue.corrects_id and issue.opened_at:  # who leaves then, leaves the issue it corrects
        until = issue.opened_at
    return kept | {"after": afterwards(session, issue, until)}


def measured(session: Session, settings: Settings, issue: Issue) -> dict[str, Any]:
    """Its items by what they are, and the moments of its way; a correction brings no items."""
    items = [] if issue.corrects_id else [*_items(session, issue)]
    return {"items": items, "moments": _moments(session, settings, issue)}


def afterwards(session: Session, issue: Issue, until: datetime) -> dict[str, int]:
    """Who took leave between an issue and the next one, and what came back of its mails."""
    left = 0
    if issue.opened_at is not None:
        left = session.scalar(roster.how_many_left(issue.newsletter, issue.opened_at, until)) or 0
    came_back = session.execute(
        select(col(Delivery.afterwards), func.count())
        .where(col(Delivery.issue_id) == issue.id, col(Delivery.afterwards).is_not(None))
        .group_by(col(Delivery.afterwards))
    )
    counts = {row[0]: row[1] for row in came_back}
    return {
        "left": left,
        "bounced": counts.get(Afterwards.BOUNCED, 0),
        "complained": counts.get(Afterwards.COMPLAINED, 0),
    }


def _write(session: Session, issue: Issue, figures: dict[str, Any]) -> None:
    session.execute(update(Issue).where(col(Issue.id) == issue.id).values(figures=figures))
    session.refresh(issue)


def _neighbour(session: Session, issue: Issue, *, earlier: bool) -> Issue | None:
    """The newsletter's issue that went out before this one, or after it; corrections are none."""
    if issue.opened_at is None or issue.corrects_id:
        return None
    moment = col(Issue.opened_at)
    found = select(Issue).where(
        col(Issue.newsletter) == issue.newsletter,
        col(Issue.corrects_id).is_(None),
        col(Issue.id) != issue.id,
        moment < issue.opened_at if earlier else moment > issue.opened_at,
    )
    return session.scalars(found.order_by(moment.desc() if earlier else moment).limit(1)).first()


def _items(session: Session, issue: Issue) -> Iterator[dict[str, Any]]:
    rows = session.execute(
        select(Submission, Clearance, Cluster)
        .join(Placement, col(Placement.submission_id) == col(Submission.id))
        .join(
            Clearance,
            (col(Clearance.submission_id) == col(Submission.id))
            & (col(Clearance.newsletter) == issue.newsletter),
        )
        .outerjoin(Cluster, col(Cluster.id) == col(Submission.cluster_id))
        .where(col(Placement.issue_id) == issue.id)
        .order_by(col(Submission.id))
    ).all()
    credited = _credited(session, issue)
    for submission, clearance, cluster in rows:
        theirs = [*([cluster] if cluster else []), *credited.get(submission.id, ())]
        decided = clearance.decided_at
        yield {
            "item": submission.reference,
            "kind": submission.kind.value,
            "clusters": sorted({each.name for each in theirs}),
            "source": submission.source,
            "laender": sorted({land for each in theirs for land in each.laender}),
            "fields": sorted({field for each in theirs for field in each.fields}),
            "decided_within": (decided - submission.received_at).total_seconds()
            if decided
            else None,
        }


def _credited(session: Session, issue: Issue) -> dict[int | None, list[Cluster]]:
    rows = session.execute(
        select(col(Credit.submission_id), Cluster)
        .join(Cluster, col(Cluster.id) == col(Credit.cluster_id))
        .join(Placement, col(Placement.submission_id) == col(Credit.submission_id))
        .where(col(Placement.issue_id) == issue.id)
    )
    found: dict[int | None, list[Cluster]] = {}
    for submission_id, cluster in rows:
        found.setdefault(submission_id, []).append(cluster)
    return found


def _moments(session: Session, settings: Settings, issue: Issue) -> dict[str, str | None]:
    it = settings.newsletters.get(issue.newsletter)
    dates = rhythm.dates(issue.number, it, settings.almanac) if it else None
    asked = session.scalars(
        select(Approval).where(col(Approval.issue_id) == issue.id).order_by(col(Approval.id))
    ).all()
    said_yes = [each.decided_at for each in asked if each.state is ApprovalState.APPROVED]
    return {
        "cut_off": _iso(dates.closes if dates and not issue.corrects_id else None),
        "requested": _iso(asked[0].requested_at if asked else None),
        "approved": _iso(said_yes[-1] if said_yes else None),
        "opened": _iso(issue.opened_at),
        "closed": _iso(issue.closed_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
