"""One reader's copy: a row in hand, its edition, its reader's face and links -> a Message."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import issues, readers
from newsletter.content import TO_ANYBODY, Audience, Edition
from newsletter.language import N_, _, speaking
from newsletter.letters import domain_of, sender_of
from newsletter.models.delivery import Delivery, Letter
from newsletter.models.issue import EditionRow, Issue
from newsletter.settings import Settings
from subscribers import roster

from .ledger import InHand, Row
from .message import Envelope, Mailing, Message, Recipient, Uncomposable, compose, compose_letter


class TooLarge(Uncomposable):
    """Larger than ``[sending] max_message_bytes``."""

    sentence = N_(
        "Die Nachricht ist größer als {most} Byte. Erlaubt ist, was unter [sending] als"
        " max_message_bytes steht; meist sind es die Bilder oder zu viele Beiträge."
    )


@dataclass(frozen=True, slots=True)
class _Print:
    """What all copies of an issue share."""

    edition: Edition
    mailing: Mailing
    newsletter: str
    return_path: str
    language: str


@dataclass(frozen=True, slots=True)
class _Face:
    public_id: str
    email: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What some rows' messages are made of."""

    prints: Mapping[int, _Print] = field(default_factory=dict)  # by edition; few at a time
    faces: Mapping[int, _Face] = field(default_factory=dict)  # by reader


@dataclass(slots=True)
class Copies:
    """Composes the messages of rows that were looked up."""

    settings: Settings
    _known: Known = field(default_factory=Known)
    _second: datetime | None = None  # the last, and what our clocks show then
    _date: datetime | None = None

    def look_up(self, session: Session, rows: Iterable[Row]) -> Known:
        """Fetch the editions and faces of these rows, so that composing asks no database."""
        deliveries = [row for row in rows if isinstance(row, InHand)]
        wanted = {row.edition_id for row in deliveries}
        prints = {
            edition_id: self._known.prints.get(edition_id) or self._print(session, edition_id)
            for edition_id in wanted
        }
        return Known(prints, self._faces(session, {row.claim for row in deliveries}))

    def _faces(self, session: Session, claims: Iterable[int]) -> dict[int, _Face]:
        """By the claim: to name thousands of readers takes longer than to find them."""
        faces: dict[int, _Face] = {}
        for claim in claims:
            theirs = select(col(Delivery.subscriber_id)).where(col(Delivery.claim) == claim)
            for person, public_id, email, name, __ in session.execute(roster.faces(theirs)):
                if email is not None:
                    faces[person] = _Face(public_id, email, name)
        return faces

    def know(self, known: Known) -> None:
        """From now on compose with these."""
        self._known = known

    def address_of(self, row: Row) -> str | None:
        """Whom it goes to; None: the reader has no address any more."""
        if isinstance(row, Letter):
            return row.to_email
        face = self._known.faces.get(row.subscriber_id)
        return face.email if face else None

    def newsletter_of(self, row: Row) -> str | None:
        """Whose copy it is; None: a letter."""
        return self._known.prints[row.edition_id].newsletter if isinstance(row, InHand) else None

    def message(self, row: Row, now: datetime) -> Message | None:
        """The row's message; None if its reader has no address any more. Raises Uncomposable."""
        message = self._letter(row, now) if isinstance(row, Letter) else self._copy(row, now)
        most = self.settings.sending.max_message_bytes
        if message is not None and len(message.data) > most:
            raise TooLarge(most=most)
        return message

    def _copy(self, row: InHand, now: datetime) -> Message | None:
        face, its = self._known.faces.get(row.subscriber_id), self._known.prints[row.edition_id]
        if face is None:
            return None
        to = Recipient(
            address=face.email,
            name=face.name,
            salutation=salutation(face.name, its.language),
            unsubscribe_url=readers.unsubscribe_url(self.settings, face.public_id, its.newsletter),
            preferences_url=readers.preferences_url(self.settings, face.public_id, now),
        )
        envelope = Envelope(its.return_path, row.message_id, self._in_our_zone(now))
        return compose(its.edition, to, envelope, its.mailing)

    def _letter(self, row: Letter, now: datetime) -> Message:
        it = sender_of(self.settings, row.newsletter)
        return compose_letter(
            sender=f"{it.sender_name} <{it.sender_address}>",
            to=row.to_email,
            subject=row.subject,
            text=row.text,
            html=row.html,
            envelope=Envelope(
                self._return_path(row.newsletter), row.message_id, self._in_our_zone(now)
            ),
            reply_to=it.reply_to,
        )

    def _return_path(self, newsletter: str | None) -> str:
        sender = sender_of(self.settings, newsletter).sender_address
        return self.settings.sending.bounce_address or sender

    def _in_our_zone(self, now: datetime) -> datetime:
        """To the second, as Date says it; the same for all copies of a second."""
        second = now.replace(microsecond=0)
        if self._date is None or second != self._second:
            self._second, self._date = second, second.astimezone(self.settings.zone)
        return self._date

    def _print(self, session: Session, edition_id: int) -> _Print:
        row = session.get_one(EditionRow, edition_id)
        issue = session.get_one(Issue, row.issue_id)
        edition = issues.as_edition(row)
        return _Print(
            edition,
            _mailing(self.settings, issue),
            issue.newsletter,
            self._return_path(issue.newsletter),
            edition.language,
        )


def _mailing(settings: Settings, issue: Issue) -> Mailing:
    masthead = settings.masthead(issue.newsletter)
    # the last field is the same for all we ever send (HD-10)
    us = hashlib.sha256(domain_of(settings, None).encode()).hexdigest()[:10]
    return Mailing(
        reply_to=masthead.reply_to,
        list_name=masthead.name,
        archive_url=_archive_url(settings, issue),
        feedback_id=f"{issue.number}:{issue.newsletter}:issue:{us}",
    )


def _archive_url(settings: Settings, issue: Issue) -> str | None:
    """For List-Archive (HD-07): a members' newsletter has no archive."""
    public = issue.audience is Audience.PUBLIC
    return settings.links.archive(issue.newsletter) if public else None


def sample(
    settings: Settings, issue: Issue, edition: Edition, to: Recipient, now: datetime
) -> Message:
    """The message that a reader would get, for people to look at. Raises Uncomposable."""
    sender = sender_of(settings, issue.newsletter).sender_address
    envelope = Envelope(
        envelope_from=settings.sending.bounce_address or sender,
        message_id=f"sample@{domain_of(settings, issue.newsletter)}",
        date=now.astimezone(settings.zone),
    )
    return compose(edition, to, envelope, _mailing(settings, issue))


@lru_cache(maxsize=256)  # many readers have told no name
def salutation(name: str | None, language: str) -> str:
    """How a mail in this language begins: plain text, one line."""
    known = " ".join("".join(c if c.isprintable() else " " for c in name or "").split())
    with speaking(language):
        return _("Guten Tag {name},").format(name=known) if known else _(TO_ANYBODY)
