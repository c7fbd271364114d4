"""Where an item stands on its road, newsletter by newsletter, and where it has appeared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import rhythm
from newsletter.content import Audience
from newsletter.models.issue import PUBLIC_FROM, Issue, IssueState, Placement
from newsletter.models.submission import Clearance, ClearanceState, Submission, SubmissionState
from newsletter.settings import Settings

_APPROVED = {IssueState.APPROVED, IssueState.SCHEDULED, IssueState.LATE, IssueState.OPENING}
_OVER = {SubmissionState.WITHDRAWN, SubmissionState.MERGED}


@dataclass(frozen=True, slots=True)
class Place:
    """An issue that shows an item, or shall: its number, its day, and the item in it."""

    newsletter: str
    number: str
    day: datetime | None  # when it left, or shall leave
    url: str  # of the item's place, to be opened by everybody who may; "" before it is out
    recipients: int | None = None  # to how many addresses the issue went
    approved: bool = False  # of an issue that is not out: it leaves as it stands


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an item in one newsletter."""

    newsletter: str
    state: ClearanceState
    reason: str | None
    published: tuple[Place, ...] = ()
    planned: tuple[Place, ...] = ()

    @property
    def published_in(self) -> tuple[str, ...]:
        """The numbers of the issues that readers have."""
        return tuple(place.number for place in self.published)


def decisions_of(
    session: Session, settings: Settings, submission: Submission
) -> tuple[Decision, ...]:
    """By newsletter; of an item that is over only where it has appeared: nothing is open."""
    out, planned = _places(session, settings, [submission.id]).get(submission.id, ({}, {}))
    clearances = session.scalars(
        select(Clearance)
        .where(col(Clearance.submission_id) == submission.id)
        .order_by(col(Clearance.newsletter))
    )
    over = submission.state in _OVER
    return tuple(
        Decision(
            each.newsletter,
            each.state,
            each.reason,
            tuple(out.get(each.newsletter, ())),
            () if over else tuple(planned.get(each.newsletter, ())),
        )
        for each in clearances
        if not over or each.newsletter in out
    )


def published(
    session: Session, settings: Settings, ids: Sequence[int | None]
) -> dict[int | None, list[Place]]:
    """Where items have appeared, by their ids."""
    found = _places(session, settings, ids)
    return {
        key: [place for slug in out.values() for place in slug] for key, (out, _) in found.items()
    }


_BySlug = dict[str, list[Place]]


def _places(
    session: Session, settings: Settings, ids: Sequence[int | None]
) -> Mapping[int | None, tuple[_BySlug, _BySlug]]:
    """Places that readers have, and places that are planned, by item and newsletter."""
    rows = session.execute(
        select(Issue, col(Placement.submission_id))
        .join(Placement, col(Placement.issue_id) == col(Issue.id))
        .where(
            col(Placement.submission_id).in_(ids),
            col(Issue.state) != IssueState.CANCELLED,
        )
        .order_by(col(Issue.number))
    )
    found: dict[int | None, tuple[_BySlug, _BySlug]] = {}
    for issue, number in rows:
        out, planned = found.setdefault(number, ({}, {}))
        where = out if issue.state in PUBLIC_FROM else planned
        where.setdefault(issue.newsletter, []).append(place_in(settings, issue, f"q{number}"))
    return found


def place_in(settings: Settings, issue: Issue, reference: str) -> Place:
    """Where an item stands in an issue; members' issues are opened by their key."""
    if issue.state not in PUBLIC_FROM:
        approved = issue.state in _APPROVED
        day = _leaves(settings, issue)
        return Place(issue.newsletter, issue.number, day, "", approved=approved)
    page = settings.links.read(issue.read_key)
    if issue.audience is Audience.PUBLIC:
        page = settings.links.archive(issue.newsletter, issue.number)
    url = f"{page}#{reference}"
    return Place(issue.newsletter, issue.number, issue.opened_at, url, issue.recipients)


def _leaves(settings: Settings, issue: Issue) -> datetime | None:
    it = settings.newsletters.get(issue.newsletter)
    planned = rhythm.planned_time(issue.number, it.rhythm, settings.almanac) if it else None
    return issue.send_at or planned
