"""Putting a date before the public that no issue can reach any more."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from newsletter import submissions
from newsletter.content import Audience, Kind
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import Publication
from newsletter.models.submission import USABLE, Clearance, ClearanceState, Revision, Submission
from newsletter.rhythm import in_words

from . import telling
from .dates import NotADate
from .decide import STATE_WORDS, NotDecidable
from .lookup import newest_of, number_of, title_of


class NotForThePublic(Refused):
    sentence = N_(
        "{reference} ist für keinen öffentlichen Newsletter angenommen; veröffentlichen lässt"
        " sich nur, was dort erscheinen darf: newsletter queue accept {reference}"
    )


class StillEmbargoed(Refused):
    sentence = N_(
        "{reference}: Die Sperrfrist endet erst am {until}. Vorher erscheint der Termin nicht."
    )


class WithoutRights(Refused):
    sentence = N_(
        "{reference}: Die Rechte an Text und Bild sind nicht bestätigt. Veröffentlicht wird erst"
        " mit ihnen: newsletter queue edit {reference}"
    )


class AlreadyOver(Refused):
    sentence = N_("{reference}: Der Termin ist vorbei.")


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

    Needs the clearance of a public newsletter, the rights, and an embargo that is over. The
    registered contributor gets a letter the first time.
    """
    submission = submissions.by_reference(act.session, reference)
    if submission.kind is not Kind.DATE:
        raise NotADate(reference=submission.reference)
    if submission.state not in USABLE:
        state = _(STATE_WORDS[submission.state])
        raise NotDecidable(reference=submission.reference, state=state)
    newest = newest_of(act.session, submission)
    clearance = _public_clearance(act, submission)
    if submissions.taken_back(submission, newest, confirmed_then=False):
        raise WithoutRights(reference=submission.reference)
    _require_time(act, submission, newest)
    row = act.session.get(Publication, submission.id)
    url = act.settings.links.date(submission.uid or "")
    changed = row is None or row.revision != newest.number
    if row is None:
        _first(act, submission, clearance)
        telling.published(act, submission, url)
    elif changed:
        row.revision, row.published_at, row.published_by = newest.number, act.now, act.actor.name
        submission.sequence += 1  # who looked since the edit knows its number with the old text
        act.session.add_all((row, submission))
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
