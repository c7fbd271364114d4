"""What the issues of one number share: the second newsletter's starts from the first one's."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Settings

from .contents import placed


@dataclass(frozen=True, slots=True)
class Shared:
    """Where an item stands in another newsletter's issue of the same number."""

    issue_id: str
    section: str
    revision: int
    place: int  # from 0, in reading order


def shared_with(session: Session, settings: Settings, issue: Issue) -> dict[int, Shared]:
    """What the other newsletters' issues of this number hold, by the item's number.

    A correction shares nothing: what it holds is another issue's.
    """
    others = select(Issue).where(
        col(Issue.number) == issue.number,
        col(Issue.corrects_id).is_(None),
        col(Issue.newsletter) != issue.newsletter,
        col(Issue.newsletter).in_(settings.newsletters),
        col(Issue.state) != IssueState.CANCELLED,
    )
    found: dict[int, Shared] = {}
    for other in session.scalars(others.order_by(col(Issue.made_at), col(Issue.id))):
        for each in placed(session, settings, other):
            it = each.place
            there = Shared(other.id, it.section, it.revision, len(found))
            found.setdefault(it.submission_id, there)
    return found
