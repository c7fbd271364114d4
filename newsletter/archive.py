"""Who may see which issue in a browser, and the approved page that is shown.

The public archive holds the issues of public newsletters; a members' issue is shown only to
who has its key. Nothing is shown before its sending has begun, nor while one of its items is
under an embargo. The page is the stored edition, byte for byte, with two things in it: slots
filled with words that fit everybody, and our frame, between comments that say where it stands.
"""

import hmac
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session, col

from newsletter import issues
from newsletter.content import Audience, Variant
from newsletter.errors import NewsletterError, NotFound
from newsletter.issues import neutral
from newsletter.language import N_
from newsletter.models.correction import Correction, Erratum
from newsletter.models.issue import PUBLIC_FROM, Issue, IssueState, Placement
from newsletter.models.submission import Revision, Submission
from newsletter.models.take_down import TakeDown
from newsletter.settings import NewsletterSettings, Settings

log = logging.getLogger(__name__)

GOODBYE = "#abbestellen"  # an anchor of the frame, which says how: a page has no reader to end
FRAME = ("<!--Rahmen-->", "<!--/Rahmen-->")
_TO_COME = frozenset(IssueState) - PUBLIC_FROM - issues.OVER


class NotHere(NotFound):
    """The same for what never was, is not out yet, and is for members only."""

    title = N_("Hier ist keine Ausgabe zu sehen")
    sentence = N_(
        "Vielleicht ist die Ausgabe noch nicht erschienen: Zu sehen ist sie, sobald ihr Versand"
        " beginnt. Sonst prüfen Sie bitte, ob die Adresse vollständig ist."
    )


class NotOutYet(NotHere):
    """Only for who holds its key: that it exists is no secret to them."""

    title = N_("Diese Ausgabe ist noch nicht erschienen")
    sentence = N_("Sobald ihr Versand beginnt, ist sie unter dieser Adresse zu sehen.")


class NotAsApproved(NewsletterError):
    """The stored bytes are not those that somebody said yes to (promise 3)."""

    sentence: ClassVar[str] = N_(
        "Diese Ausgabe lässt sich gerade nicht zeigen. Bitte schreiben Sie uns, damit wir"
        " nachsehen."
    )
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One issue as the archive lists it."""

    number: str
    subject: str
    preheader: str
    opened_at: datetime
    corrected_at: datetime | None = None  # when the newest correction of it began to go out


@dataclass(frozen=True, slots=True)
class Note:
    """What was wrong in an issue and what is right; the frozen text stays as it is."""

    at: datetime
    text: str
    url: str = ""  # of the correction that went out; "": a note in the archive alone
    reference: str = ""  # of the item it stands at; "": about the whole issue


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue to be shown: its edition with neutral words in its slots, and its neighbours."""

    issue_id: str
    newsletter: str  # slug
    number: str
    public: bool
    html: str
    older: Entry | None = None
    newer: Entry | None = None
    notes: tuple[Note, ...] = ()  # oldest first
    corrects: tuple[str, str] | None = None  # number and address of the issue it corrects


def list_(session: Session, settings: Settings, slug: str, now: datetime) -> Sequence[Entry]:
    """The archive of a newsletter, newest first. NotHere unless the newsletter is public."""
    if not _is_public(settings, slug):
        raise NotHere
    rows = session.execute(
        select(col(Issue.number), col(Issue.subject), col(Issue.preheader), col(Issue.opened_at))
        .where(col(Issue.newsletter) == slug, col(Issue.audience) == Audience.PUBLIC, *_is_out(now))
        .order_by(col(Issue.opened_at).desc(), col(Issue.number).desc())
    )
    corrected = _corrected(session, slug, now)
    return [
        Entry(number, subject, preheader, opened_at, corrected.get(f"{slug}-{number}"))
        for number, subject, preheader, opened_at in rows
        if opened_at is not None  # the database holds it: who is out was opened
    ]


def shelves(settings: Settings) -> dict[str, NewsletterSettings]:
    """The newsletters with a public archive, by slug. NotHere if there is none."""
    found = {slug: it for slug, it in settings.newsletters.items() if _is_public(settings, slug)}
    if not found:
        raise NotHere
    return found


def shelf(settings: Settings, slug: str) -> NewsletterSettings:
    """The newsletter with this slug. NotHere unless it has a public archive."""
    if not _is_public(settings, slug):
        raise NotHere
    return settings.newsletters[slug]


def show(session: Session, settings: Settings, slug: str, number: str, now: datetime) -> Shown:
    """An issue of the public archive. NotHere, NotAsApproved."""
    listed = list_(session, settings, slug, now)
    place = next((n for n, entry in enumerate(listed) if entry.number == number), None)
    if place is None:
        raise NotHere
    issue = session.scalars(
        select(Issue).where(col(Issue.newsletter) == slug, col(Issue.number) == number)
    ).one()
    return Shown(
        issue.id,
        slug,
        number,
        public=True,
        html=_document(session, issue),
        older=next(iter(listed[place + 1 :]), None),
        newer=listed[place - 1] if place else None,
        notes=_notes(session, settings, issue, now),
        corrects=_corrects(session, settings, issue),
    )


def show_by_key(session: Session, settings: Settings, key: str, now: datetime) -> Shown:
    """An issue for whoever holds its key: members. NotHere, NotOutYet, NotAsApproved.

    ``public`` says that the archive shows the same issue.
    """
    issue = issue_by_key(session, settings, key, now)
    public = issue.audience is Audience.PUBLIC and _is_public(settings, issue.newsletter)
    return Shown(
        issue.id,
        issue.newsletter,
        issue.number,
        public=public,
        html=_document(session, issue),
        notes=_notes(session, settings, issue, now),
        corrects=_corrects(session, settings, issue),
    )


def issue_by_number(
    session: Session, settings: Settings, slug: str, number: str, now: datetime
) -> Issue:
    """The issue that the public archive shows under this number. NotHere."""
    its = select(Issue).where(col(Issue.newsletter) == slug, col(Issue.number) == number)
    out = its.where(col(Issue.audience) == Audience.PUBLIC, *_is_out(now))
    issue = session.scalars(out).first() if _is_public(settings, slug) else None
    if issue is None:
        raise NotHere
    return issue


def issue_by_key(session: Session, settings: Settings, key: str, now: datetime) -> Issue:
    """The issue for whoever holds its key. NotHere, NotOutYet."""
    its = select(Issue).where(col(Issue.read_key) == key)
    issue = session.scalars(its.where(*_is_out(now))).first()
    if issue is None and session.scalars(its.where(col(Issue.state).in_(_TO_COME))).first():
        raise NotOutYet
    if issue is None or issue.newsletter not in settings.newsletters:
        raise NotHere
    return issue


def newsletter_by_key(settings: Settings, key: str) -> str:
    """The slug of the members' newsletter whose calendar this key opens. NotHere."""
    for slug in settings.newsletters:
        if hmac.compare_digest(settings.calendar_key(slug).encode(), key.encode()) and key:
            return slug
    raise NotHere


def framed(html: str, *, head: str, before: str, after: str) -> str:
    """A document with a frame around it: in its head, before its content, after its content.

    Take what stands between the ``FRAME`` comments out again, comments too, and what is left
    is ``html``. A document without head or body is framed as a fragment.
    """
    head, before, after = (f"{FRAME[0]}{part}{FRAME[1]}" for part in (head, before, after))
    at_head = html.find("</head>")
    opened = re.compile(r"<body[^>]*>").search(html, max(at_head, 0))
    at_body = opened.end() if opened else 0
    at_end = html.rfind("</body>") if opened else len(html)
    if not 0 <= at_head <= at_body <= at_end:
        return head + before + html + after
    return (
        html[:at_head]
        + head
        + html[at_head:at_body]
        + before
        + html[at_body:at_end]
        + (after + html[at_end:])
    )


def noted(html: str, notes: Mapping[str, str]) -> str:
    """A document with a note below the title of each item that has one, by reference.

    As our frame, each stands between the ``FRAME`` comments.
    """
    for reference, note in notes.items():
        title = re.compile(rf'<h3[^>]* id="{re.escape(reference)}"[^>]*>.*?</h3>', re.DOTALL)
        html = title.sub(lambda it, n=note: f"{it[0]}{FRAME[0]}{n}{FRAME[1]}", html, count=1)  # type: ignore[misc]
    return html


def _corrected(session: Session, slug: str, now: datetime) -> dict[str, datetime]:
    """When the newest correction of each issue of a newsletter began to go out."""
    rows = session.execute(
        select(col(Issue.corrects_id), func.max(col(Issue.opened_at)))
        .where(col(Issue.newsletter) == slug, col(Issue.corrects_id).is_not(None), *_is_out(now))
        .group_by(col(Issue.corrects_id))
    )
    return {key: at for key, at in rows if key and at}


def _notes(session: Session, settings: Settings, issue: Issue, now: datetime) -> tuple[Note, ...]:
    """What was corrected: by an issue that is out, or at an item here alone."""
    out = session.execute(
        select(Issue, col(Correction.note))
        .join(Correction, col(Correction.issue_id) == col(Issue.id))
        .where(col(Issue.corrects_id) == issue.id, *_is_out(now))
    )
    found = [
        Note(each.opened_at, text, _address(settings, each)) for each, text in out if each.opened_at
    ]
    gone = select(col(TakeDown.submission_id))
    here = session.scalars(
        select(Erratum).where(
            col(Erratum.issue_id) == issue.id, col(Erratum.submission_id).not_in(gone)
        )
    )
    found += [Note(it.noted_at, it.note, reference=f"q{it.submission_id}") for it in here]
    return tuple(sorted(found, key=lambda note: note.at))


def _corrects(session: Session, settings: Settings, issue: Issue) -> tuple[str, str] | None:
    if issue.corrects_id is None:
        return None
    first = session.get_one(Issue, issue.corrects_id)
    return first.number, _address(settings, first)


def _address(settings: Settings, issue: Issue) -> str:
    """Where readers of this issue's kind find it."""
    if issue.audience is Audience.PUBLIC and _is_public(settings, issue.newsletter):
        return settings.links.archive(issue.newsletter, issue.number)
    return settings.links.read(issue.read_key)


def _is_public(settings: Settings, slug: str) -> bool:
    known = settings.newsletters.get(slug)
    return known is not None and known.audience is Audience.PUBLIC


def _is_out(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Its sending has begun; one that was stopped while opening has no recipients."""
    held = exists().where(
        col(Placement.issue_id) == col(Issue.id),
        col(Submission.id) == col(Placement.submission_id),
        col(Revision.submission_id) == col(Submission.id),
        col(Revision.number) == col(Submission.revision),
        col(Revision.embargo_until) > now,
    )
    return col(Issue.state).in_(PUBLIC_FROM), col(Issue.recipients).is_not(None), ~held


def _document(session: Session, issue: Issue) -> str:
    """The approved HTML, its slots filled with words that name nobody (CF-07).

    What was taken down is not in it any more; a sentence stands in its place.
    """
    rows = issues.editions_of(session, issue)
    shown = next((issues.as_edition(row) for row in rows if row.variant == Variant.FULL), None)
    if shown is None or not issues.as_approved(rows):
        log.error("issue %s: the stored edition is not the approved one", issue.id)
        raise NotAsApproved
    return neutral.html_of(shown, goodbye=GOODBYE)
