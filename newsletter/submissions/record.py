"""Everything that a cluster has handed in, and where it has appeared: its own record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, distinct, func, or_, select
from sqlmodel import Session, col

from newsletter.content import EventState, Kind
from newsletter.models.cluster import Cluster
from newsletter.models.issue import PUBLIC_FROM, Issue, Placement
from newsletter.models.submission import (
    Clearance,
    ClearanceState,
    Credit,
    Revision,
    Submission,
    SubmissionState,
)
from newsletter.settings import Settings

from .road import Place, published
from .twins import traits_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a cluster's record. ``shared``: another cluster's, which this one is named in."""

    reference: str
    kind: Kind
    title: str
    state: SubmissionState
    received_at: datetime
    first_day: date | None  # of a date
    event_state: EventState | None
    merged_into: str | None
    shared: bool
    decisions: tuple[tuple[str, ClearanceState], ...]  # by newsletter
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a record is: items by the year in which they came in, and how many appeared."""

    years: dict[int, int]  # the newest first
    appeared: int

    @property
    def items(self) -> int:
        """All of them."""
        return sum(self.years.values())


def extent_of(session: Session, settings: Settings, cluster: Cluster) -> Extent:
    """What to choose from, before any of it is shown."""
    moments = session.scalars(
        select(col(Submission.received_at))
        .where(_theirs(cluster))
        .order_by(col(Submission.received_at).desc())
    )
    years = Counter(moment.astimezone(settings.zone).year for moment in moments)
    out = (
        select(func.count(distinct(col(Placement.submission_id))))
        .join(Issue, col(Issue.id) == col(Placement.issue_id))
        .join(Submission, col(Submission.id) == col(Placement.submission_id))
        .where(_theirs(cluster), col(Issue.state).in_(PUBLIC_FROM))
    )
    return Extent(dict(years), session.execute(out).scalar_one())


def is_in_record(session: Session, cluster: Cluster, number: int) -> bool:
    """Whether an item is the cluster's, or names it."""
    found = select(col(Submission.id)).where(_theirs(cluster), col(Submission.id) == number)
    return session.execute(found).first() is not None


def _theirs(cluster: Cluster) -> ColumnElement[bool]:
    named = select(col(Credit.submission_id)).where(col(Credit.cluster_id) == cluster.id)
    return or_(col(Submission.cluster_id) == cluster.id, col(Submission.id).in_(named))


def record_of(
    session: Session,
    settings: Settings,
    cluster: Cluster,
    *,
    year: int | None = None,
    older_than: int | None = None,
    most: int | None = None,
) -> list[Entry]:
    """What a cluster has handed in or is named in as a co-host, the newest first.

    ``year`` in which it came in, ``older_than`` an item with this id, and ``most`` of them.
    """
    wanted = [_theirs(cluster)]
    if year is not None:
        first, after = (datetime(each, 1, 1, tzinfo=settings.zone) for each in (year, year + 1))
        wanted += [col(Submission.received_at) >= first, col(Submission.received_at) < after]
    if older_than is not None:
        wanted.append(col(Submission.id) < older_than)
    rows = session.execute(
        select(Submission, Revision)
        .join(
            Revision,
            (col(Revision.submission_id) == col(Submission.id))
            & (col(Revision.number) == col(Submission.revision)),
        )
        .where(*wanted)
        .order_by(col(Submission.id).desc())
        .limit(most)
    ).all()
    ids = [submission.id for submission, _revision in rows]
    places, decided = published(session, settings, ids), _decided(session, ids)
    return [
        Entry(
            reference=submission.reference,
            kind=submission.kind,
            title=revision.title,
            state=submission.state,
            received_at=submission.received_at,
            first_day=traits_of(revision, settings.zone).first_day,
            event_state=submission.event_state,
            merged_into=f"q{submission.merged_into_id}" if submission.merged_into_id else None,
            shared=submission.cluster_id != cluster.id,
            decisions=tuple(decided.get(submission.id, ())),
            places=tuple(places.get(submission.id, ())),
        )
        for submission, revision in rows
    ]


def _decided(
    session: Session, ids: Sequence[int | None]
) -> dict[int | None, list[tuple[str, ClearanceState]]]:
    found: dict[int | None, list[tuple[str, ClearanceState]]] = {}
    clearances = session.scalars(
        select(Clearance)
        .where(col(Clearance.submission_id).in_(ids))
        .order_by(col(Clearance.newsletter))
    )
    for each in clearances:
        found.setdefault(each.submission_id, []).append((each.newsletter, each.state))
    return found
