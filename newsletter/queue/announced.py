"""Dates outside any mail: those that everybody may see, and those of a members' newsletter.

Everybody may see what was published, or announced in a public issue that is out; who holds
the key of a members' newsletter or issue, also what that newsletter announced.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from newsletter import submissions
from newsletter.content import LAENDER, Audience, CalendarEntry, Item
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


class NoSuchLand(NotFound):
    sentence = N_(
        "Ein Land „{land}“ kennen wir nicht. In der Adresse steht eines von diesen: {known}."
    )


@dataclass(slots=True)
class _Known:
    """By which newsletters a date is known, each with the revision it shows."""

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

    @property
    def changes(self) -> int:
        """How often a newer revision came out after the first: no edit, but a change (CF-02)."""
        return len({number for number, _ in self.ways}) - 1


# Newsletters with the audience that their issues had: who looks may see what these announced.
_Open = Collection[tuple[str, Audience]]


def public_date(session: Session, settings: Settings, uid: str, now: datetime) -> CalendarEntry:
    """The date with this UID as a calendar shows it. NoSuchDate unless everybody may see it."""
    known = _known(session, _public(settings), now, col(Submission.uid) == uid)
    if not known:
        raise NoSuchDate
    (entry,) = _entries(session, settings, known, now)
    return entry


def public_dates(
    session: Session, settings: Settings, slug: str, now: datetime, land: str = ""
) -> list[CalendarEntry]:
    """Every date of a public newsletter that everybody may see, the earliest first.

    Past ones stay: they would vanish from people's calendars. ``land`` ("DE-BY"): only those
    of clusters there. NoSuchCalendar, NoSuchLand.
    """
    if (slug, Audience.PUBLIC) not in _public(settings):
        raise NoSuchCalendar
    if land and land not in LAENDER:
        raise NoSuchLand(land=land[:20], known=", ".join(LAENDER))
    known = _known(session, _public(settings), now, true())
    its = [each for each in known if any(way == slug for _, way in each.ways)]
    entries = _entries(session, settings, its, now)
    return sorted((it for it in entries if not land or land in _laender(it.item)), key=_by_time)


def members_dates(
    session: Session, settings: Settings, slug: str, now: datetime
) -> list[CalendarEntry]:
    """Every date that a members' newsletter announced, the earliest first: for key holders."""
    its_own = {(slug, audience) for audience in Audience}  # as they were when an issue was made
    known = _known(session, {*_public(settings), *its_own}, now, true())
    its = [each for each in known if any(way == slug for _, way in each.ways)]
    return sorted(_entries(session, settings, its, now), key=_by_time)


def dates_in(
    session: Session, settings: Settings, issue: Issue, now: datetime
) -> list[CalendarEntry]:
    """The dates of an issue that is out, as its readers' calendars show them by now."""
    placed = select(Placement.submission_id).where(col(Placement.issue_id) == issue.id)  # type: ignore[call-overload]
    who = {*_public(settings), (issue.newsletter, issue.audience)}
    known = _known(session, who, now, col(Submission.id).in_(placed))
    return sorted(_entries(session, settings, known, now), key=_by_time)


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


def _public(settings: Settings) -> _Open:
    its = settings.newsletters.items()
    return {(slug, Audience.PUBLIC) for slug, it in its if it.audience is Audience.PUBLIC}


def _known(session: Session, who: _Open, now: datetime, which: ColumnElement[bool]) -> list[_Known]:
    """The dates that these may see: out, usable, under no embargo, with their rights."""
    found: dict[int, _Known] = {}
    for way in (_published(), _announced()):
        rows = session.execute(way.where(col(Submission.state).in_(USABLE), which))
        for submission, newest, slug, audience, number, confirmed_then in rows:
            dark = newest.embargo_until and newest.embargo_until > now
            without = submissions.taken_back(submission, newest, confirmed_then)
            if (slug, audience) in who and not dark and not without:
                known = found.setdefault(submission.id, _Known(submission, newest))
                known.ways.append((number, slug))
    return list(found.values())


_Way = Select[Submission, Revision, str, Audience, int, bool]


def _published() -> _Way:
    return _ways(Publication)


def _announced() -> _Way:
    return (
        _ways(Placement)
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(col(Issue.state).in_(PUBLIC_FROM), col(Issue.recipients).is_not(None))
    )


def _ways(row: type[Publication] | type[Placement]) -> _Way:
    """Dates with their newest revision, and whose, which and what rights each way out has."""
    newest, shown = aliased(Revision), aliased(Revision)
    return (
        select(
            Submission,
            newest,
            col(row.newsletter),
            col(row.audience),
            col(row.revision),
            col(shown.rights_confirmed),
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
            replace(items[key], sequence=items[key].sequence + it.changes),
            changed[key],
            imprints[it.newsletter].name,
            imprints[it.newsletter].email,
        )
        for (key, _), it in zip(wanted, known, strict=True)
    ]


def _laender(item: Item) -> set[str]:
    """The Länder of the clusters that a date is from."""
    return {land for each in (item.origin, *item.more_origins) for land in each.laender}


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


def _by_time(entry: CalendarEntry) -> tuple[str, int]:
    """By day, whole days first; then by moment; what begins together as it was handed in."""
    when, number = entry.item.when, int(entry.item.reference[1:])
    starts = when.starts if when else ""
    if isinstance(starts, datetime):
        return starts.astimezone(UTC).isoformat(), number
    return str(starts), number
