"""Giving an item a picture, or another one: from a file, or by a page for a distant editor."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import pictures, submissions
from newsletter.errors import Invalid, NotFound, Problem, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.cluster import Picture
from newsletter.models.event import Event
from newsletter.models.submission import SUBMISSION, USABLE, Submission
from newsletter.pictures import Prepared
from newsletter.settings import Settings

from .decide import STATE_WORDS
from .lookup import newest_of
from .own import Edited, NoLongerEditable, edit

HOLDS = timedelta(hours=12)  # as a link to the preview
UPLOADED = "picture uploaded"


class UploadIsOver(NotFound):
    """The same for a link that lapsed, one that was used, and one that was never ours."""

    sentence = N_(
        "Dieser Link zum Hochladen gilt nicht mehr: Er geht einmal und zwölf Stunden lang."
        " Einen neuen macht: newsletter queue picture ID --link"
    )
    http_status = 410


class NoPicture(Refused):
    sentence = N_(
        "{reference} hat kein Bild. Eines geben: newsletter queue picture {reference} DATEI"
    )


class AnotherPicture(Refused):
    sentence = N_("{reference} wurde inzwischen bearbeitet. Bitte noch einmal.")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a picture. ``rights``: that they are there for newsletter, web, archive."""

    alt: str = ""
    decorative: bool = False
    credit: str = ""
    rights: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """What a link stands for: one picture for one item, by one editor."""

    reference: str
    editor: str
    until: datetime
    nonce: str


def set_picture(act: Act, reference: str, picture: Prepared | Picture, words: Words) -> Edited:
    """A new revision with this picture. Invalid at image_alt, image_credit, rights_confirmed;
    NoLongerEditable.
    """
    submission = _editable(act.session, reference)
    rights = words.rights or newest_of(act.session, submission).rights_confirmed
    _require_words(words, rights=rights)
    if isinstance(picture, Prepared):
        picture = pictures.keep(act, picture, cluster_id=None, by=act.actor.name)
    facts = {
        **submissions.facts_of(act.session, submission),
        "image": picture.key,
        "image_alt": _("schmückend") if words.decorative else words.alt,
        "image_credit": words.credit,
        "rights_confirmed": rights,
    }
    return edit(act, submission.reference, facts, submission.revision, N_("Bild"))


@dataclass(frozen=True, slots=True)
class Shows:
    """The picture that an item shows in its newest revision."""

    reference: str
    revision: int
    data: bytes
    size: tuple[int, int]  # in pixels
    cluster_id: int | None  # whose it is


def picture_of(session: Session, settings: Settings, reference: str) -> Shows:
    """An item's picture, to be cropped. NoPicture, NoLongerEditable."""
    submission = _editable(session, reference)
    number = newest_of(session, submission).picture_id
    if number is None:
        raise NoPicture(reference=submission.reference)
    picture = session.get_one(Picture, number)
    data = pictures.archived(settings, picture)
    size = pictures.size_of(data)
    return Shows(submission.reference, submission.revision, data, size, picture.cluster_id)


def crop(act: Act, shown: Shows, cut: Prepared) -> Edited:
    """A new revision with what is left of its picture; its words stay. AnotherPicture if somebody
    has edited the item meanwhile, NoLongerEditable.

    It is whose the whole picture is, but does not count as one that they sent.
    """
    submission = _editable(act.session, shown.reference)
    if submission.revision != shown.revision:
        raise AnotherPicture(reference=submission.reference)
    whose = shown.cluster_id
    picture = pictures.keep(act, cut, cluster_id=whose, by=act.actor.name, counted=False)
    facts = {**submissions.facts_of(act.session, submission), "image": picture.key}
    return edit(act, submission.reference, facts, submission.revision, N_("Bild beschnitten"))


def _require_words(words: Words, *, rights: bool) -> None:
    problems = []
    if not (words.decorative or words.alt.strip()):
        said = _("Bitte beschreiben Sie, was zu sehen ist, oder sagen Sie, dass es nur schmückt.")
        problems.append(Problem("image_alt", said))
    if not words.credit.strip():
        problems.append(Problem("image_credit", _("Bitte sagen Sie, wer das Bild gemacht hat.")))
    if not rights:
        said = _("Bitte bestätigen Sie die Rechte; ohne sie erscheint kein Bild.")
        problems.append(Problem("rights_confirmed", said))
    if problems:
        raise Invalid(problems)


def _editable(session: Session, reference: str) -> Submission:
    submission = submissions.by_reference(session, reference)
    if submission.state not in USABLE:
        state = _(STATE_WORDS[submission.state])
        raise NoLongerEditable(reference=submission.reference, state=state)
    return submission


# -- the link -----------------------------------------------------------------------------


def upload_link(
    session: Session, settings: Settings, reference: str, editor: str, now: datetime
) -> tuple[str, Upload]:
    """An address that takes one picture for this item, and until when. NoLongerEditable."""
    submission = _editable(session, reference)
    until = (now + HOLDS).replace(microsecond=0)
    made = Upload(submission.reference, editor, until, secrets.token_urlsafe(8))
    parts = [made.reference, made.editor, int(until.timestamp()), made.nonce]
    return settings.links.upload(str(_signing(settings).dumps(parts))), made


def uploading(session: Session, settings: Settings, token: str, now: datetime) -> Upload:
    """What a link stands for; nothing any more once its editor is none. UploadIsOver."""
    try:
        reference, editor, until, nonce = _signing(settings).loads(token)
    except (BadData, TypeError, ValueError) as wrong:
        raise UploadIsOver from wrong
    found = Upload(reference, editor, datetime.fromtimestamp(until, now.tzinfo), nonce)
    known = any(each.name == editor for each in settings.editors)
    if not known or found.until <= now or nonce in _used(session, reference):
        raise UploadIsOver
    return found


def keep_uploaded(act: Act, token: str, prepared: Prepared) -> Picture:
    """Keep what came by a link, so that it need not be sent again if its words are not there yet;
    the link is good for another try. UploadIsOver.
    """
    link = uploading(act.session, act.settings, token, act.now)
    return pictures.keep(act, prepared, cluster_id=None, by=link.editor)


def uploaded(session: Session, link: Upload, key: str) -> Picture | None:
    """A picture that this link's editor has sent before."""
    found = pictures.of_cluster(session, key, None) if key else None
    return found if found and found.taken_in_by == link.editor else None


def upload(act: Act, token: str, picture: Picture, words: Words) -> Edited:
    """``set_picture`` by a link, which is used up then. UploadIsOver."""
    link = uploading(act.session, act.settings, token, act.now)
    done = set_picture(act, link.reference, picture, words)
    number = submissions.by_reference(act.session, link.reference).id
    act.record(SUBMISSION.noun, number, UPLOADED, detail={"link": link.nonce})
    return done


def _used(session: Session, reference: str) -> set[str]:
    number = reference.removeprefix("q")
    lines = session.scalars(
        select(Event).where(
            col(Event.noun) == SUBMISSION.noun,
            col(Event.key) == number,
            col(Event.what) == UPLOADED,
        )
    )
    return {(each.detail or {}).get("link", "") for each in lines}


def _signing(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(settings.secrets),
        salt="newsletter.upload.v1",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
