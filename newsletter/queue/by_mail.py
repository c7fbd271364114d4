"""An item that came to the editors by mail, filed for a cluster through the same verb.

A mail proves nothing about who sent it: an editor files it and says for whom. Letters about
it go to registered people only, never to the address that the mail names (promise 7).
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import clusters, pictures, submissions, texts
from newsletter.content import Kind
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.cluster import Cluster, Contributor, Picture
from newsletter.models.event import Event
from newsletter.models.submission import SUBMISSION, USABLE, Submission, Via
from subscribers.addresses import parse
from subscribers.errors import NotAnAddress

LARGEST = 25_000_000  # bytes of a whole mail
FILED = "filed from a mail"
TEASER = 700  # characters: a first paragraph up to that is the teaser
_PICTURES = {"image/jpeg", "image/png", "image/webp"}
_GREETING = re.compile(
    r"(sehr geehrte|liebe|hallo|guten (tag|morgen|abend)|dear|hello|hi)\b[^\n]{0,80}[,!]?",
    re.IGNORECASE,
)
_GOODBYE = re.compile(  # and a name or two below
    r"((\w+ )?(freundliche|beste|herzliche|viele|liebe|sch\xf6ne)[nm]?"
    r" gr(\xfc|ue)(\xdf|ss)e?n?|(with )?(best|kind|warm) regards|best wishes)\b"
    r"[^\n]{0,80}(\n.{0,80}){0,3}",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"\s*(re|aw|fw|fwd|wg)\s*:\s*", re.IGNORECASE)


class NoMail(Refused):
    sentence = N_(
        "{file} ist keine E-Mail mit Betreff und Text. Bitte speichern Sie die Nachricht im"
        " E-Mail-Programm als .eml-Datei."
    )


class MailTooLarge(Refused):
    sentence = N_("{file} ist größer als {most} MB; so große E-Mails nehmen wir nicht auf.")


class FiledAlready(Refused):
    """The same mail for the same cluster, in ``reference``; nothing is stored."""

    sentence = N_("Diese E-Mail liegt für {cluster} schon vor: newsletter queue show {reference}")


@dataclass(frozen=True, slots=True)
class Mail:
    """What of a mail makes an item. ``mark``: of its Message-ID, else of all its bytes."""

    sender: str  # as it says; nobody has proven it
    title: str
    teaser: str
    body: str  # Markdown
    pictures: tuple[bytes, ...]
    others: tuple[str, ...]  # names of attachments that we do not read
    mark: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What was taken in, and what of the mail was left."""

    receipt: submissions.Receipt
    picture: bool
    pictures_left: int
    others: tuple[str, ...]
    to: str  # who got the confirmation; "" if nobody is registered


def read(data: bytes, file: str) -> Mail:
    """Understand a mail (RFC 5322) as an item (pure). NoMail, MailTooLarge."""
    if len(data) > LARGEST:
        raise MailTooLarge(file=file, most=LARGEST // 1_000_000)
    mail = message_from_bytes(data, _class=EmailMessage, policy=policy.default)
    title, text = _subject(mail), _text(mail)
    if not title or not text:
        raise NoMail(file=file)
    teaser, body = _parted(text)
    shown = tuple(_pictures(mail))
    named = texts.line(str(mail["Message-ID"] or "")).encode() or data
    mark = hashlib.sha256(named).hexdigest()
    return Mail(_sender(mail), title, teaser, body, shown, tuple(_others(mail)), mark)


def add_mail(
    act: Act, mail: Mail, cluster: str, newsletters: Sequence[str] = (), *, rights: bool = False
) -> Filed:
    """Take a mail in as a news item of a cluster, with the first of its pictures.

    ``rights``: they are confirmed in writing; without them the picture is left, since none may
    stand without (``queue edit`` adds both later). The confirmation goes to whoever of the
    cluster wrote, if registered, else to its contact. Invalid, NoSuchCluster, FiledAlready.
    """
    member = clusters.get(act.session, cluster)
    if earlier := _filed(act.session, member, mail):
        raise FiledAlready(cluster=cluster, reference=earlier)
    writer = _writer(act.session, member, mail.sender)
    picture = _first_picture(act, mail, member) if rights else None
    facts: dict[str, object] = {
        "kind": Kind.NEWS.value,
        "title": mail.title,
        "teaser": mail.teaser,
        "body": mail.body,
        "targets": list(newsletters or act.settings.newsletters),
        "language": act.settings.language,
        "rights_confirmed": rights,
    }
    if picture:
        facts["image"] = picture.key
    by = writer.email if writer else act.actor.name
    receipt = submissions.receive(
        act, facts, cluster=member, contributor=writer, via=Via.MAIL, by=by
    )
    act.record(SUBMISSION.noun, receipt.submission_id, FILED, detail={"mail": mail.mark})
    told = writer or submissions.addressee(act.session, member)
    left = len(mail.pictures) - bool(picture)
    return Filed(receipt, picture is not None, left, mail.others, told.email if told else "")


def _filed(session: Session, cluster: Cluster, mail: Mail) -> str | None:
    """The item that this mail is already, unless that is over."""
    lines = session.scalars(
        select(Event).where(col(Event.noun) == SUBMISSION.noun, col(Event.what) == FILED)
    )
    ids = [int(each.key) for each in lines if (each.detail or {}).get("mail") == mail.mark]
    found = session.scalars(
        select(Submission).where(
            col(Submission.id).in_(ids),
            col(Submission.cluster_id) == cluster.id,
            col(Submission.state).in_(USABLE),
        )
    ).first()
    return found.reference if found else None


def _subject(mail: EmailMessage) -> str:
    title = texts.line(str(mail["Subject"] or ""))
    while found := _PREFIX.match(title):
        title = title[found.end() :]
    return title


def _sender(mail: EmailMessage) -> str:
    return parseaddr(texts.line(str(mail["From"] or "")))[1]


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        content = str(part.get_content())
    except (LookupError, ValueError):  # a character set that nobody knows
        raw = part.get_payload(decode=True)
        content = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    if part.get_content_subtype() == "html":
        return texts.from_html(content)
    content = re.split(r"^-- ?$", content.replace("\r\n", "\n"), maxsplit=1, flags=re.MULTILINE)[0]
    return texts.block(content)


def _parted(text: str) -> tuple[str, str]:
    """Teaser and body: the first paragraph that is no greeting, and what comes after it but for
    a goodbye.
    """
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    if len(paragraphs) > 1 and _GREETING.fullmatch(paragraphs[0]):
        paragraphs = paragraphs[1:]
    if len(paragraphs) > 1 and _GOODBYE.fullmatch(paragraphs[-1]):
        paragraphs = paragraphs[:-1]
    first = texts.line(texts.to_text(paragraphs[0]))  # a teaser has no marks
    if len(first) <= TEASER:
        return first, "\n\n".join(paragraphs[1:])
    return _sentences(first), "\n\n".join(paragraphs)  # nothing is cut: the whole is the body


def _sentences(text: str) -> str:
    """The first sentences, as many as fit."""
    end = max(text.rfind(mark, 0, TEASER) for mark in (". ", "! ", "? "))
    return text[: end + 1] if end > 0 else text[: TEASER - 2].rsplit(" ", 1)[0] + " …"


def _pictures(mail: EmailMessage) -> Iterator[bytes]:
    for part in mail.walk():
        if part.get_content_type() in _PICTURES:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                yield content


def _others(mail: EmailMessage) -> Iterator[str]:
    for part in mail.iter_attachments():
        if part.get_content_type() not in _PICTURES:
            yield texts.line(part.get_filename() or part.get_content_type())


def _first_picture(act: Act, mail: Mail, cluster: Cluster) -> Picture | None:
    if not mail.pictures:
        return None
    return pictures.take_in(act, mail.pictures[0], cluster_id=cluster.id, by=act.actor.name)


def _writer(session: Session, cluster: Cluster, sender: str) -> Contributor | None:
    """The registered person whose address the mail bears."""
    try:
        key = parse(sender).key
    except NotAnAddress:
        return None
    people = clusters.people_of(session, cluster)
    return next((person for person in people if person.address_key == key), None)
