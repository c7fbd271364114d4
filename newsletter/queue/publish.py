"""Dates that the public may see outside any mail: published, or announced in a public issue."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from newsletter import calendar, submissions
from newsletter.content import Audience, Kind
from newsletter.errors import NotFound, Refused
from newsletter.history import Act
from newsletter.models.event import Event
from newsletter.models.issue import PUBLIC_FROM, Issue, Placement, Publication
from newsletter.models.submission import (
    EVENT,
    USABLE,
    Clearance,
    ClearanceState,
    Revision,
    Submission,
)
from newsletter.rhythm import in_words
from newsletter.settings import Settings

from . import telling
from .dates import NotADate
from .decide import STATE_WORDS, NotDecidable
from .lookup import newest_of, number_of, title_of


class NoSuchDate(NotFound):
    """The same for what never was, is not out yet, and is for members only."""

    sentence = "Diesen Termin gibt es nicht. Bitte prüfen Sie, ob die Adresse stimmt."


class NotForThePublic(Refused):
    sentence = (
        "{reference} ist für keinen öffentlichen Newsletter angenommen; veröffentlichen lässt"
        " sich nur, was dort erscheinen darf: newsletter queue accept {reference}"
    )


class StillEmbargoed(Refused):
    sentence = (
        "{reference}: Die Sperrfrist endet erst am {until}. Vorher erscheint der Termin nicht."
    )


class AlreadyOver(Refused):
    sentence = "{reference}: Der Termin ist vorbei."


@dataclass(frozen=True, slots=True)
class Published:
    """Which revision of a date everybody may see now, and where."""

    reference: str
    title: str
    newsletter: str
    revision: int
    url: str
    changed: bool  # False: this revision was out already


def publish(act: Act, reference: str) -> Published:
    """Put a date's newest revision before the public, for what no issue can reach any more.

    Needs the clearance of a public newsletter, and an embargo that is over. The registered
    contributor gets a letter the first time.
    """
    submission = submissions.by_reference(act.session, reference)
    if submission.kind is not Kind.DATE:
        raise NotADate(reference=submission.reference)
    if submission.state not in USABLE:
        state = STATE_WORDS[submission.state]
        raise NotDecidable(reference=submission.reference, state=state)
    newest = newest_of(act.session, submission)
    clearance = _public_clearance(act, submission)
    _require_time(act, submission, newest)
    row = act.session.get(Publication, submission.id)
    url = act.settings.links.date(submission.uid or "")
    changed = row is None or row.revision != newest.number
    if row is None:
        _first(act, submission, clearance)
        telling.published(act, submission, url)
    elif changed:
        row.revision, row.published_at, row.published_by = newest.number, act.now, act.actor.name
        act.session.add(row)
    if changed:
        detail = {"revision": newest.number, "newsletter": clearance.newsletter}
        act.record("submission", submission.id, "published", detail=detail)
    title = title_of(act.session, submission)
    return Published(submission.reference, title, clearance.newsletter, newest.number, url, changed)


def _public_clearance(act: Act, submission: Submission) -> Clearance:
    public = [s for s, it in act.settings.newsletters.items() if it.audience is Audience.PUBLIC]
    found = act.session.scalars(
        select(Clearance)
        .where(
            col(Clearance.submission_id) == submission.id,
            col(Clearance.newsletter).in_(public),
            col(Clearance.audience) == Audience.PUBLIC,
            col(Clearance.state) == ClearanceState.ACCEPTED,
        )
        .order_by(col(Clearance.newsletter))
    ).first()
    if found is None:
        raise NotForThePublic(reference=submission.reference)
    return found


def _require_time(act: Act, submission: Submission, newest: Revision) -> None:
    if newest.embargo_until and newest.embargo_until > act.now:
        until = in_words(newest.embargo_until, act.settings.zone)
        raise StillEmbargoed(reference=submission.reference, until=until)
    today = act.now.astimezone(act.settings.zone).date()
    ends, last = newest.ends_at or newest.starts_at, newest.ends_on or newest.starts_on
    if (ends and ends < act.now) or (last and last < today):
        raise AlreadyOver(reference=submission.reference)


def _first(act: Act, submission: Submission, clearance: Clearance) -> None:
    act.session.add(
        Publication(
            submission_id=number_of(submission),
            revision=submission.revision,
            newsletter=clearance.newsletter,
            audience=clearance.audience,
            published_at=act.now,
            published_by=act.actor.name,
        )
    )
    act.session.flush()


# -- what everybody may see ---------------------------------------------------------------


def public_date(session: Session, settings: Settings, uid: str, now: datetime) -> calendar.Entry:
    """The date with this UID as a calendar shows it. NoSuchDate unless everybody may see it."""
    submission = session.scalars(select(Submission).where(col(Submission.uid) == uid)).first()
    if submission is None or submission.state not in USABLE:
        raise NoSuchDate
    shown = [row for row in _shown(session, submission) if _is_public(settings, row[0])]
    newest = newest_of(session, submission)
    if not shown or (newest.embargo_until and newest.embargo_until > now):
        raise NoSuchDate
    slug, number = max(shown, key=lambda row: row[1])
    today = now.astimezone(settings.zone).date()
    item = submissions.item_of(session, settings, submission, number, today)
    imprint = settings.newsletters[slug].imprint
    changed_at = _changed_at(session, submission, number)
    return calendar.Entry(item, changed_at, imprint.name, imprint.email)


def _shown(session: Session, submission: Submission) -> list[tuple[str, int]]:
    """Newsletter and revision of each way by which the public knows an item."""
    published = select(col(Publication.newsletter), col(Publication.revision)).where(
        col(Publication.submission_id) == submission.id
    )
    announced = (
        select(col(Placement.newsletter), col(Placement.revision))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(
            col(Placement.submission_id) == submission.id,
            col(Issue.audience) == Audience.PUBLIC,
            col(Issue.state).in_(PUBLIC_FROM),
            col(Issue.recipients).is_not(None),
        )
    )
    return [(slug, n) for ways in (published, announced) for slug, n in session.execute(ways)]


def _is_public(settings: Settings, slug: str) -> bool:
    known = settings.newsletters.get(slug)
    return known is not None and known.audience is Audience.PUBLIC


def _changed_at(session: Session, submission: Submission, number: int) -> datetime:
    """When what the calendar shows last changed: the text, or whether it takes place."""
    made = submissions.revision_of(session, submission, number).made_at
    moved = session.scalars(
        select(func.max(Event.at)).where(
            col(Event.noun) == EVENT.noun, col(Event.key) == str(submission.id)
        )
    ).first()
    return max(made, moved) if moved else made
