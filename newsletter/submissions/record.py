"""Everything that a cluster has handed in, and where it has appeared: its own record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from newsletter.content import EventState, Kind
from newsletter.models.cluster import Cluster
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


def record_of(session: Session, settings: Settings, cluster: Cluster) -> list[Entry]:
    """What a cluster has handed in or is named in as a co-host, the newest first."""
    named = select(col(Credit.submission_id)).where(col(Credit.cluster_id) == cluster.id)
    rows = session.execute(
        select(Submission, Revision)
        .join(
            Revision,
            (col(Revision.submission_id) == col(Submission.id))
            & (col(Revision.number) == col(Submission.revision)),
        )
        .where(or_(col(Submission.cluster_id) == cluster.id, col(Submission.id).in_(named)))
        .order_by(col(Submission.id).desc())
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
