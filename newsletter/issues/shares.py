"""How often each cluster appeared in a year: what editors look at to be fair."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, union_all
from sqlmodel import Session, col

from newsletter.models.cluster import Cluster
from newsletter.models.issue import GONE_OUT, Issue, IssueState, Placement
from newsletter.models.submission import Credit, Submission, SubmissionState
from newsletter.settings import Settings


@dataclass(slots=True)
class Share:
    """What became of one cluster's items in a year.

    ``items`` counts each item once, in however many issues it is; ``places`` counts the issues.
    Both know what has gone out and what stands in an issue that has not.
    """

    slug: str
    name: str
    handed_in: int = 0
    out: set[int] = field(default_factory=set)
    ahead: set[int] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)  # by newsletter

    @property
    def items(self) -> int:
        """Items that went out, or stand in an issue."""
        return len(self.out | self.ahead)


class _Place(NamedTuple):
    cluster_id: int
    submission_id: int
    newsletter: str
    state: IssueState


def shares(session: Session, settings: Settings, year: int) -> list[Share]:
    """Every cluster that is active or had an item that year, the most frequent first.

    A year is that of the issues' numbers; corrections and cancelled issues do not count. An item
    counts for its cluster, and for each that it is credited to.
    """
    register = session.scalars(select(Cluster)).all()
    found = {each.id: Share(each.slug, each.name) for each in register}
    active = {each.id for each in register if each.deactivated_at is None}
    for place in _places(session, year):
        share = found[place.cluster_id]
        (share.out if place.state in GONE_OUT else share.ahead).add(place.submission_id)
        share.places[place.newsletter] = share.places.get(place.newsletter, 0) + 1
    for cluster_id, count in _handed_in(session, settings, year).items():
        found[cluster_id].handed_in = count
    kept = [it for key, it in found.items() if key in active or it.items or it.handed_in]
    return sorted(kept, key=lambda it: (-it.items, it.name.casefold()))


def _places(session: Session, year: int) -> Iterator[_Place]:
    whose = union_all(
        select(col(Submission.cluster_id).label("cluster_id"), col(Submission.id).label("item")),
        select(col(Credit.cluster_id), col(Credit.submission_id)),
    ).subquery()
    rows = session.execute(
        select(
            *(whose.c.cluster_id, whose.c.item),
            *(col(Issue.newsletter), col(Issue.state)),
        )
        .join(Placement, col(Placement.submission_id) == whose.c.item)
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(
            whose.c.cluster_id.is_not(None),
            col(Issue.number).startswith(f"{year}-"),
            col(Issue.state) != IssueState.CANCELLED,
            col(Issue.corrects_id).is_(None),
        )
    )
    return (_Place(*row) for row in rows)


def _handed_in(session: Session, settings: Settings, year: int) -> dict[int, int]:
    begins, ends = (datetime(each, 1, 1, tzinfo=settings.zone) for each in (year, year + 1))
    counted = (
        select(col(Submission.cluster_id), func.count())
        .where(
            col(Submission.cluster_id).is_not(None),
            col(Submission.state) != SubmissionState.DRAFT,
            col(Submission.received_at) >= begins,
            col(Submission.received_at) < ends,
        )
        .group_by(col(Submission.cluster_id))
    )
    return {row[0]: row[1] for row in session.execute(counted)}
