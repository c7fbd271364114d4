"""The issues that left before this one: what readers have already seen."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import submissions
from newsletter.checks import Before, Recent
from newsletter.models.issue import Issue, Placement
from newsletter.models.submission import Revision, Submission

_LAST = 3  # issues; whoever reads remembers no more


def last_issues(session: Session, issue: Issue) -> Sequence[Issue]:
    """The last three issues of its newsletter that left, the newest first; no corrections."""
    left = select(Issue).where(
        col(Issue.newsletter) == issue.newsletter,
        col(Issue.id) != issue.id,
        col(Issue.opened_at).is_not(None),
        col(Issue.corrects_id).is_(None),
    )
    if issue.opened_at is not None:
        left = left.where(col(Issue.opened_at) < issue.opened_at)
    newest = left.order_by(col(Issue.opened_at).desc(), col(Issue.id).desc())
    return session.scalars(newest.limit(_LAST)).all()


def before(issues: Sequence[Issue]) -> Before | None:
    """The one that left last."""
    for issue in issues:
        return Before(issue.id, issue.subject, issue.preheader)
    return None


def recent(session: Session, issues: Sequence[Issue], zone: ZoneInfo) -> list[Recent]:
    """Their items as they showed them, those of the newest issue first."""
    shown = session.execute(
        select(Placement.issue_id, Submission.kind, Revision)  # type: ignore[call-overload]
        .join(Submission, col(Submission.id) == Placement.submission_id)
        .join(
            Revision,
            (col(Revision.submission_id) == Placement.submission_id)
            & (col(Revision.number) == Placement.revision),
        )
        .where(col(Placement.issue_id).in_([issue.id for issue in issues]))
        .order_by(col(Placement.issue_id).desc(), col(Placement.submission_id))
    )
    return [
        Recent(issue_id, f"q{revision.submission_id}", kind, submissions.traits_of(revision, zone))
        for issue_id, kind, revision in shown
    ]
