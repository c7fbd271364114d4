"""Looking up what was decided, and what an item is called."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.models.issue import Issue, Placement
from newsletter.models.submission import Clearance, Revision, Submission
from newsletter.submissions import lacking_rights


def clearances_of(session: Session, submission: Submission) -> list[Clearance]:
    """What was asked and decided about an item, by newsletter."""
    asked = select(Clearance).where(col(Clearance.submission_id) == submission.id)
    return list(session.scalars(asked.order_by(col(Clearance.newsletter))))


def issues_holding(session: Session, submission: Submission) -> list[Issue]:
    """Every issue that has a place for an item, whatever its state."""
    found = (
        select(Issue)
        .join(Placement, col(Placement.issue_id) == Issue.id)
        .where(col(Placement.submission_id) == submission.id)
        .order_by(col(Issue.id))
    )
    return list(session.scalars(found).unique())


def newest_of(session: Session, submission: Submission) -> Revision:
    return session.get_one(Revision, (submission.id, submission.revision))


def without_rights(session: Session, submissions: Iterable[Submission]) -> dict[str, str]:
    """What to tell of those that may not appear for want of rights, by reference."""
    said = {it.reference: lacking_rights(it, newest_of(session, it)) for it in submissions}
    return {reference: why for reference, why in said.items() if why}


def title_of(session: Session, submission: Submission) -> str:
    return newest_of(session, submission).title


def number_of(submission: Submission) -> int:
    """The id of a stored submission."""
    if submission.id is None:
        raise ValueError("a submission that is not stored")
    return submission.id
