"""What a cluster sees of its feeds, and what its people answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from newsletter import submissions
from newsletter.brought import Found, Setting
from newsletter.content import EventState
from newsletter.errors import NotFound
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.cluster import Cluster
from newsletter.models.feed import SUGGESTION, Feed, Hint, Suggestion, SuggestionState
from newsletter.models.submission import USABLE, Submission
from newsletter.settings import Settings

from .kept import of_kept
from .reading import on_another_day, twin_of

_LOOKED_AT = 30  # suggestions; the newest
_FORGOTTEN = timedelta(days=60)  # news that nobody wanted so long


class NoSuchSuggestion(NotFound):
    sentence = N_("Diesen Vorschlag gibt es nicht mehr.")

    def __init__(self) -> None:
        super().__init__()


@dataclass(frozen=True, slots=True)
class Suggested:
    """„Auf Ihrer Seite gefunden: einreichen?“"""

    id: int
    found: Found


@dataclass(frozen=True, slots=True)
class Hinted:
    """A date that was handed in, and what the cluster's own page says of it now.

    Without a ``hint`` that is another day than ``ours``.
    """

    id: int
    found: Found
    hint: Hint | None
    ours: datetime | date | None


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody looks after a date: its reference, and the other day that was named."""

    reference: str
    moved_to: datetime | date | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Titles of dates that a cluster's own page tells otherwise, and of what it has besides."""

    other: tuple[str, ...]
    new: tuple[str, ...]


def open_(
    session: Session, settings: Settings, now: datetime, cluster: Cluster, most: int = 5
) -> list[Suggested]:
    """What may be suggested to a cluster now: neither over, nor handed in meanwhile."""
    setting = Setting(settings.zone, now.astimezone(settings.zone).date())
    rows = session.scalars(
        _of(cluster)
        .where(
            col(Suggestion.state) == SuggestionState.OPEN,
            or_(col(Suggestion.last_day).is_(None), col(Suggestion.last_day) >= setting.today),
            or_(
                col(Suggestion.last_day).is_not(None),
                col(Suggestion.first_seen_at) >= now - _FORGOTTEN,
            ),
        )
        .order_by(
            col(Suggestion.first_seen_at).desc(), col(Suggestion.last_day), col(Suggestion.id)
        )
        .limit(_LOOKED_AT)
    )
    found: list[Suggested] = []
    for row in rows:
        it = of_kept(row.found)
        if it.state is EventState.CANCELLED or twin_of(session, setting, it, cluster.id or 0):
            continue
        found.append(Suggested(row.id or 0, it))
        if len(found) == most:
            break
    return found


def hints(session: Session, now: datetime, settings: Settings, cluster: Cluster) -> list[Hinted]:
    """Dates that were handed in and that the cluster's own page cancels, moves or drops."""
    today = now.astimezone(settings.zone).date()
    rows = session.execute(
        _of(cluster)
        .add_columns(Submission)
        .join(Submission, col(Submission.id) == col(Suggestion.submission_id))
        .where(
            col(Suggestion.hint_seen).is_(False),
            col(Suggestion.last_day) >= today,
            col(Submission.cluster_id) == cluster.id,
            col(Submission.state).in_(USABLE),
            col(Submission.event_state) == EventState.ON,
        )
        .order_by(col(Suggestion.last_day), col(Suggestion.id))
    )
    found: list[Hinted] = []
    for row, item in rows:
        it = of_kept(row.found)
        if row.hint or on_another_day(session, settings.zone, it, item):
            said = submissions.revision_of(session, item)
            found.append(Hinted(row.id or 0, it, row.hint, said.starts_at or said.starts_on))
    return found


def waiting(session: Session, settings: Settings, now: datetime) -> dict[int | None, Waiting]:
    """What of it every cluster that has feeds is told when it is called for contributions."""
    with_feeds = select(col(Feed.cluster_id)).distinct()
    found: dict[int | None, Waiting] = {}
    for cluster in session.scalars(select(Cluster).where(col(Cluster.id).in_(with_feeds))):
        other = [each.found.title for each in hints(session, now, settings, cluster)]
        new = [each.found.title for each in open_(session, settings, now, cluster)]
        if other or new:
            found[cluster.id] = Waiting(tuple(other), tuple(new))
    return found


def _of(cluster: Cluster) -> Any:
    return (
        select(Suggestion)
        .join(Feed, col(Feed.id) == col(Suggestion.feed_id))
        .where(col(Feed.cluster_id) == cluster.id)
    )


def take(act: Act, cluster: Cluster, suggestion_id: int) -> Found:
    """It is begun: its form is filled by whoever calls. NoSuchSuggestion if it was decided."""
    row = _find(act.session, cluster, suggestion_id)
    act.move(row, SUGGESTION, SuggestionState.TAKEN)
    return of_kept(row.found)


def dismiss(act: Act, cluster: Cluster, suggestion_id: int) -> None:
    """It is never suggested again."""
    row = _find(act.session, cluster, suggestion_id)
    act.move(row, SUGGESTION, SuggestionState.DISMISSED)


def _find(session: Session, cluster: Cluster, suggestion_id: int) -> Suggestion:
    row: Suggestion | None = session.scalars(
        _of(cluster).where(col(Suggestion.id) == suggestion_id)
    ).first()
    if row is None or row.state is not SuggestionState.OPEN:
        raise NoSuchSuggestion
    return row


def answer_hint(act: Act, cluster: Cluster, suggestion_id: int) -> Answered:
    """Somebody has seen it. It does not come back by itself."""
    rows: Sequence[Suggestion] = act.session.scalars(
        _of(cluster).where(
            col(Suggestion.id) == suggestion_id, col(Suggestion.submission_id).is_not(None)
        )
    ).all()
    if not rows:
        raise NoSuchSuggestion
    (row,) = rows
    row.hint_seen = True
    item = act.session.get_one(Submission, row.submission_id)
    found = of_kept(row.found)
    moved = not row.hint and on_another_day(act.session, act.settings.zone, found, item)
    return Answered(item.reference, found.starts if moved else None)
