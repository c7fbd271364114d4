"""„Wieder?“: dates of a year ago that are likely to come round, and nobody has handed in yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, or_, select
from sqlmodel import Session, col

from newsletter.content import EventState, Kind
from newsletter.likeness import Traits, next_of_series
from newsletter.models.submission import (
    USABLE,
    Clearance,
    ClearanceState,
    Revision,
    Submission,
)

from .twins import traits_of

MONTHS = 4  # this month and the next three: so long before people plan, and issues announce
MOST = 5  # of one cluster


@dataclass(frozen=True, slots=True)
class Yearly:
    """A date of a year ago."""

    reference: str
    title: str
    day: date


def window(today: date) -> tuple[date, date]:
    """First and last day of the same months, a year ago (pure)."""
    first = date(today.year - 1, today.month, 1)
    year, month = divmod(first.year * 12 + first.month - 1 + MONTHS, 12)
    return first, date(year, month + 1, 1) - timedelta(days=1)


def yearly(
    session: Session, zone: ZoneInfo, now: datetime, of_cluster: int | None = None
) -> dict[int | None, list[Yearly]]:
    """By cluster, what was accepted for these months a year ago and has no successor yet.

    Cancelled and withdrawn dates are not asked for again; of a series (each month's round
    table) its first date in these months stands for all.
    """
    first, last = window(now.astimezone(zone).date())
    dates = _dates(session, zone, first, of_cluster)
    found: dict[int | None, list[Yearly]] = {}
    for cluster, theirs in dates.items():
        if asked := _without_successor(theirs, last):
            found[cluster] = [Yearly(row.reference, it.title, day) for row, it, day in asked]
    return found


_Dated = tuple[Submission, Traits, date]


def _dates(
    session: Session, zone: ZoneInfo, since: date, of_cluster: int | None
) -> dict[int | None, list[_Dated]]:
    """Every date of clusters since a day, the earliest first."""
    midnight = datetime(since.year, since.month, since.day, tzinfo=zone)
    rows = session.execute(
        select(Submission, Revision)
        .join(
            Revision,
            and_(
                col(Revision.submission_id) == col(Submission.id),
                col(Revision.number) == col(Submission.revision),
            ),
        )
        .where(
            col(Submission.kind) == Kind.DATE,
            col(Submission.state).in_(USABLE),
            col(Submission.cluster_id).is_not(None),
            *([col(Submission.cluster_id) == of_cluster] if of_cluster else []),
            or_(col(Revision.starts_at) >= midnight, col(Revision.starts_on) >= since),
            exists().where(
                col(Clearance.submission_id) == col(Submission.id),
                col(Clearance.state) != ClearanceState.DECLINED,
            ),
        )
    )
    found: dict[int | None, list[_Dated]] = {}
    for submission, revision in rows:
        traits = traits_of(revision, zone)
        if traits.first_day:
            found.setdefault(submission.cluster_id, []).append(
                (submission, traits, traits.first_day)
            )
    return {cluster: sorted(each, key=lambda it: it[2]) for cluster, each in found.items()}


def _without_successor(dates: Sequence[_Dated], last: date) -> list[_Dated]:
    """The dates up to ``last`` that are the last of their name; ``dates`` are in order."""
    asked: list[_Dated] = []
    for submission, traits, day in dates:
        if day > last or submission.event_state is EventState.CANCELLED:
            continue
        later = (other for _row, other, their_day in dates if their_day > last)
        before = (other for _row, other, _day in asked)
        if not any(next_of_series(traits, other) for other in (*later, *before)):
            asked.append((submission, traits, day))
    return asked[:MOST]
