"""Dates that everybody may see outside any mail: published, or announced in a public issue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from newsletter import submissions
from newsletter.content import Audience, CalendarEntry
from newsletter.errors import NotFound
from newsletter.language import N_
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, PUBLIC_FROM, Issue, Placement, Publication
from newsletter.models.submission import EVENT, SUBMISSION, USABLE, Revision, Submission
from newsletter.settings import Settings

from .lookup import number_of

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


class NoSuchDate(NotFound):
    """The same for what never was, is not out yet, and is for members only."""

    sentence = N_("Diesen Termin gibt es nicht. Bitte prüfen Sie, ob die Adresse stimmt.")


class NoSuchCalendar(NotFound):
    """The same for a newsletter that never was, and for one that is for members only."""

    sentence = N_(
        "Unter dieser Adresse gibt es keinen Kalender. Bitte prüfen Sie, ob die Adresse"
        " vollständig ist."
    )


@dataclass(slots=True)
class _Known:
    """By which public newsletters a date is known, each with the revision it shows."""

    submission: Submission
    newest: Revision
    ways: list[tuple[int, str]] = field(default_factory=list)

    @property
    def shown(self) -> int:
        """The newest revision that is out: a date looks the same in every calendar."""
        return max(self.ways)[0]

    @property
    def newsletter(self) -> str:
        """The newsletter that answers for it."""
        return max(self.ways)[1]


def public_date(session: Session, settings: Settings, uid: str, now: datetime) -> CalendarEntry:
    """The date with this UID as a calendar shows it. NoSuchDate unless everybody may see it."""
    known = _known(session, settings, now, col(Submission.uid) == uid)
    if not known:
        raise NoSuchDate
    (entry,) = _entries(session, settings, known, now)
    return entry


def public_dates(
    session: Session, settings: Settings, slug: str, now: datetime
) -> list[CalendarEntry]:
    """Every date of a public newsletter that everybody may see, the earliest first.

    Past ones stay: they would vanish from people's calendars. NoSuchCalendar.
    """
    if slug not in _public(settings):
        raise NoSuchCalendar
    known = _known(session, settings, now, true())
    its = [each for each in known if any(way == slug for _, way in each.ways)]
    return sorted(_entries(session, settings, its, now), key=_by_time)


def dates_changed_at(session: Session, now: datetime) -> datetime:
    """Since when no calendar of ours has changed, at the latest.

    Any act about an item or an issue counts, and any embargo that ended: a date that vanishes
    leaves no newer entry behind that could tell.
    """
    nouns = (SUBMISSION.noun, EVENT.noun, ISSUE.noun)
    act = select(Event.at).where(col(Event.noun).in_(nouns)).order_by(col(Event.id).desc())  # type: ignore[call-overload]
    ended = select(func.max(Revision.embargo_until)).where(col(Revision.embargo_until) <= now)
    moments = (session.scalars(act.limit(1)).first(), session.scalars(ended).first())
    return max((moment for moment in moments if moment), default=_NEVER)


def _public(settings: Settings) -> list[str]:
    return [s for s, it in settings.newsletters.items() if it.audience is Audience.PUBLIC]


def _known(
    session: Session, settings: Settings, now: datetime, which: ColumnElement[bool]
) -> list[_Known]:
    """The dates that everybody may see: out, usable, under no embargo, with their rights."""
    public = _public(settings)
    found: dict[int, _Known] = {}
    for way in (_published(), _announced()):
        rows = session.execute(way.where(col(Submission.state).in_(USABLE), which))
        for submission, newest, slug, number, confirmed_then in rows:
            dark = newest.embargo_until and newest.embargo_until > now
            without = submissions.taken_back(submission, newest, confirmed_then)
            if slug in public and not dark and not without:
                known = found.setdefault(submission.id, _Known(submission, newest))
                known.ways.append((number, slug))
    return list(found.values())


def _published() -> Select[Submission, Revision, str, int, bool]:
    return _ways(Publication).where(col(Publication.audience) == Audience.PUBLIC)


def _announced() -> Select[Submission, Revision, str, int, bool]:
    return (
        _ways(Placement)
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(
            col(Issue.audience) == Audience.PUBLIC,
            col(Issue.state).in_(PUBLIC_FROM),
            col(Issue.recipients).is_not(None),
        )
    )


def _ways(
    row: type[Publication] | type[Placement],
) -> Select[Submission, Revision, str, int, bool]:
    """Dates with their newest revision, and newsletter, revision and rights of each way out."""
    newest, shown = aliased(Revision), aliased(Revision)
    return (
        select(
            Submission, newest, col(row.newsletter), col(row.revision), col(shown.rights_confirmed)
        )
        .join(row, col(row.submission_id) == Submission.id)
        .join(
            newest,
            (col(newest.submission_id) == Submission.id)
            & (col(newest.number) == Submission.revision),
        )
        .join(
            shown,
            (col(shown.submission_id) == Submission.id) & (col(shown.number) == row.revision),
        )
        .where(col(Submission.uid).is_not(None))
    )


def _entries(
    session: Session, settings: Settings, known: Sequence[_Known], now: datetime
) -> list[CalendarEntry]:
    today = now.astimezone(settings.zone).date()
    wanted = [(number_of(each.submission), each.shown) for each in known]
    items = submissions.items_of(session, settings, wanted, today)
    changed = _changed_at(session, wanted)
    imprints = {slug: it.imprint for slug, it in settings.newsletters.items()}
    return [
        CalendarEntry(
            items[key], changed[key], imprints[it.newsletter].name, imprints[it.newsletter].email
        )
        for (key, _), it in zip(wanted, known, strict=True)
    ]


def _changed_at(session: Session, wanted: Sequence[tuple[int, int]]) -> dict[int, datetime]:
    """When what a calendar shows last changed: the text, or whether it takes place."""
    made = session.execute(
        select(col(Revision.submission_id), col(Revision.made_at)).where(
            tuple_(col(Revision.submission_id), col(Revision.number)).in_(wanted)
        )
    )
    moved = session.execute(
        select(col(Event.key), func.max(Event.at))
        .where(col(Event.noun) == EVENT.noun, col(Event.key).in_([str(key) for key, _ in wanted]))
        .group_by(col(Event.key))
    )
    found = {int(key): at for key, at in made}
    for key, at in moved:
        found[int(key)] = max(found[int(key)], at)
    return found


def _by_time(entry: CalendarEntry) -> tuple[str, str]:
    """By day, whole days first; then by moment."""
    when, uid = entry.item.when, entry.item.uid or ""
    starts = when.starts if when else ""
    if isinstance(starts, datetime):
        return starts.astimezone(UTC).isoformat(), uid
    return str(starts), uid
