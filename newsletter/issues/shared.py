"""What the issues of one number share: the second newsletter's starts from the first one's."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.settings import Settings

from .contents import placed


@dataclass(frozen=True, slots=True)
class Shared:
    """Where an item stands in another newsletter's issue of the same number."""

    issue_id: str
    section: str
    revision: int
    place: int  # from 0, in reading order


def unchanged_from(session: Session, settings: Settings, issue: Issue) -> dict[str, str]:
    """The items that another newsletter's issue of this number holds in the same revision:
    its id, by reference.
    """
    there = shared_with(session, settings, issue)
    here = session.scalars(select(Placement).where(col(Placement.issue_id) == issue.id))
    found = ((row, there.get(row.submission_id)) for row in here)
    return {
        f"q{row.submission_id}": it.issue_id
        for row, it in found
        if it is not None and it.revision == row.revision
    }


def unchanged_in(session: Session, settings: Settings, issue: Issue) -> dict[str, str]:
    """The same, with that newsletter's name: for people who know no ids."""
    found = unchanged_from(session, settings, issue)
    slugs = {ref: there.removesuffix(f"-{issue.number}") for ref, there in found.items()}
    return {reference: settings.newsletter(slug).name for reference, slug in slugs.items()}


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
