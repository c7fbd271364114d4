"""Edition + reader -> bytes on the wire (STANDARDS §13), and the lint that stands behind.

Everything that all copies of an edition share is encoded once; a copy is its own few header
lines and its slots' values between shared pieces. In quoted-printable a soft line break may
stand anywhere, so a value of any length fits between two pieces without touching them.

The standard library's email generators are left out on purpose: they turn a long
``List-Unsubscribe`` into encoded-words, which kills one-click (TR-01), and fold German
subjects wrongly (TR-02, TR-03). ``email.header.Header`` with our own limits does neither.
"""

import hashlib
import re
import unicodedata
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from html import escape

from ..content import SLOT_CLOSE, SLOT_OPEN, Edition, Slot
from ..language import _
from .lint import (
    ADDRESS,
    ONE_CLICK,
    Uncomposable,
    lint,
    lint_body,
    lint_head,
    one_click_url,
    uri_of,
)

__all__ = [
    "Envelope",
    "Mailing",
    "Message",
    "Recipient",
    "Uncomposable",
    "compose",
    "compose_letter",
    "lint",
]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a copy. ``address`` is ASCII (A-labels); ``name`` is never printed (§13)."""

    address: str
    name: str | None
    salutation: str  # plain text, one line
    unsubscribe_url: str  # identifies reader and newsletter (HD-03)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is a copy's own beside its reader; a retry carries the same ``message_id``."""

    envelope_from: str  # MAIL FROM; "" is the null sender
    message_id: str  # without <>
    date: datetime  # aware: when this copy is finalised
    unsubscribe_mailto: str | None = None  # "mailto:…", after the https address (HD-05)


@dataclass(frozen=True, slots=True)
class Mailing:
    """What all copies of an issue share beside its edition."""

    reply_to: str
    list_name: str
    archive_url: str | None = None
    feedback_id: str | None = None  # "<issue>:<list>:<type>:<sender>" (HD-10)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is handed to a relay."""

    envelope_from: str
    rcpt: str
    data: bytes


def compose(edition: Edition, to: Recipient, envelope: Envelope, mailing: Mailing) -> Message:
    """One reader's copy of an edition. Raises Uncomposable; what it returns passes ``lint``.

    Copies differ in salutation and their own links, nothing else (promise 6).
    """
    body = _shared_body(edition.html, edition.text)
    head = _head(
        {
            **_basics(edition.sender, to.address, envelope),
            "Reply-To": _address(mailing.reply_to),
            "Subject": _words("Subject", edition.subject),
            **_list_headers(edition.list_id, to, envelope, mailing),
            "Precedence": "bulk",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        },
        body,
    )
    values = {
        Slot.SALUTATION: _plain(to.salutation),
        Slot.UNSUBSCRIBE: one_click_url(to.unsubscribe_url),
    }
    return Message(_return_path(envelope), to.address, head + body.filled(values))


def compose_letter(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    envelope: Envelope,
    reply_to: str | None = None,
) -> Message:
    """A letter to one person: sent by a machine, so no list header (HD-08).

    ``sender`` is "Name <address>". Raises Uncomposable; what it returns passes ``lint``.
    """
    body = _encoded(html, text)
    head = _head(
        {
            **_basics(sender, to, envelope),
            **({"Reply-To": _address(reply_to)} if reply_to else {}),
            "Subject": _words("Subject", subject),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        },
        body,
    )
    return Message(_return_path(envelope), to, head + body.filled({}))


# -- header lines -------------------------------------------------------------------------


def _head(lines: Mapping[str, str], body: "_Body") -> bytes:
    lines = {
        **lines,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{body.boundary}"',
    }
    try:
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("ascii")
    except UnicodeEncodeError as problem:
        why = _("eine Kopfzeile enthält Zeichen außerhalb von ASCII.")
        raise Uncomposable(why=why) from problem
    lint_head(head)
    return head + b"\r\n"


def _basics(sender: str, to: str, envelope: Envelope) -> dict[str, str]:
    name, __, address = sender.rpartition(" <")
    if envelope.date.tzinfo is None:
        raise Uncomposable(why=_("das Datum hat keine Zeitzone."))
    return {
        "Date": format_datetime(envelope.date),
        "From": _mailbox(name, address.removesuffix(">")),
        "To": _address(to),
        "Message-ID": f"<{_message_id(envelope.message_id)}>",
    }


def _list_headers(
    list_id: str, to: Recipient, envelope: Envelope, mailing: Mailing
) -> dict[str, str]:
    """RFC 2369, 2919, 8058: plain ASCII, folded only after the comma, by ourselves."""
    unsubscribe = f"<{one_click_url(to.unsubscribe_url)}>"
    if envelope.unsubscribe_mailto:
        unsubscribe += f",\r\n <{uri_of(envelope.unsubscribe_mailto, 'mailto:')}>"
    lines = {
        "List-Id": f"{_phrase(mailing.list_name)}<{_dotted(list_id)}>",
        "List-Unsubscribe": unsubscribe,
        "List-Unsubscribe-Post": ONE_CLICK,
        "List-Owner": f"<mailto:{_address(mailing.reply_to)}>",
        "List-Post": "NO",
    }
    if mailing.archive_url:
        lines["List-Archive"] = f"<{uri_of(mailing.archive_url, 'https://', 'http://')}>"
    if mailing.feedback_id:
        lines["Feedback-ID"] = _plain(mailing.feedback_id)
    return lines


@lru_cache(maxsize=64)
def _words(header: str, text: str) -> str:
    """Text of a header: as it is if it is short ASCII, else in encoded-words (RFC 2047)."""
    if not _plain(text).strip():
        raise Uncomposable(why=_("„{header}“ ist leer.").format(header=header))
    if _is_short_ascii(text, 75 - len(header)) and text == text.strip():
        return text
    return Header(text, "utf-8", header_name=header, maxlinelen=75).encode(linesep="\r\n")


def _is_short_ascii(text: str, room: int) -> bool:
    """Whether text may stand in a header as it is. To encode without need costs spam points."""
    return text.isascii() and "=?" not in text and len(text) < room


@lru_cache(maxsize=64)
def _mailbox(name: str, address: str) -> str:
    name = _plain(name)
    if not name:
        return _address(address)
    if _is_short_ascii(name, 65 - len(address)):
        return formataddr((name, _address(address)))
    return f"{_words('From', name)}\r\n <{_address(address)}>"


# Refused, not mended: what people type was cleaned long before, so this is a fault of ours.
_NOT_IN_HEADERS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff" + SLOT_OPEN + SLOT_CLOSE + "]"
)
_MESSAGE_ID = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_DOTTED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


def _plain(text: str) -> str:
    """Text without controls (TR-06, HD-13) and slot markers, or Uncomposable."""
    found = _NOT_IN_HEADERS.search(text)
    if found:
        why = _("in „{text!a}“ steht das Zeichen U+{code:04X}.")
        raise Uncomposable(why=why.format(text=text[:40], code=ord(found[0])))
    return text


def _address(address: str) -> str:
    """An addr-spec in ASCII (TR-04, HD-14), or Uncomposable."""
    if not ADDRESS.fullmatch(address) or len(address) > 254 or "=?" in address:
        why = _("„{address!a}“ ist keine Adresse, die zugestellt werden kann.")
        raise Uncomposable(why=why.format(address=address[:80]))
    return address


def _return_path(envelope: Envelope) -> str:
    return _address(envelope.envelope_from) if envelope.envelope_from else ""


def _message_id(value: str) -> str:
    if not _MESSAGE_ID.fullmatch(value) or len(value) > 250 or "=?" in value:
        raise Uncomposable(why=_("„{value!a}“ ist keine Message-ID.").format(value=value[:80]))
    return value


def _dotted(list_id: str) -> str:
    if not _DOTTED.fullmatch(list_id) or len(list_id) > 255:
        raise Uncomposable(why=_("„{value!a}“ ist keine List-Id.").format(value=list_id[:80]))
    return list_id


_FOLDED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)


def _phrase(name: str) -> str:
    """A list's name before its id, in ASCII: encoded-words have no place there (MF-08)."""
    plain = unicodedata.normalize("NFKD", _plain(name).translate(_FOLDED))
    ascii_only = re.sub(r"[^ -~]|=\?", "", plain).strip()
    if not ascii_only:
        return ""
    if re.fullmatch(r"[A-Za-z0-9 '+/-]+", ascii_only):
        return f"{ascii_only} "
    return '"' + re.sub(r'(["\\])', r"\\\1", ascii_only) + '" '


# -- body ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Body:
    """Encoded pieces; between two of them stands a slot."""

    boundary: str
    pieces: tuple[bytes, ...]
    slots: tuple[tuple[Slot, bool], ...]  # which, and whether it stands in HTML

    def filled(self, values: Mapping[Slot, str]) -> bytes:
        """The body with each slot's value; Uncomposable if a value is missing."""
        parts = [self.pieces[0]]
        for (slot, in_html), piece in zip(self.slots, self.pieces[1:], strict=True):
            if slot not in values:
                why = _("für „{slot}“ gibt es hier keinen Wert.")
                raise Uncomposable(why=why.format(slot=slot.value))
            value = escape(values[slot]) if in_html else values[slot]
            parts += (_quoted(value) if piece.startswith(b"\r\n") else _open(value), piece)
        return b"".join(parts)


@lru_cache(maxsize=8)
def _shared_body(html: str, text: str) -> _Body:
    """The encoded body of an edition, once for all its copies."""
    return _encoded(html, text)


def _encoded(html: str, text: str) -> _Body:
    """Both parts in quoted-printable (TR-07, MF-10), text first (MF-11)."""
    mark = hashlib.sha256("\0".join((text, html)).encode("utf-8", "replace")).hexdigest()
    boundary = f"=_{mark[:32]}"
    pieces: list[bytes] = [b""]
    slots: list[tuple[Slot, bool]] = []
    for kind, part in (("plain", text), ("html", html)):
        first, *rest = _MARKER.split(part)
        names, texts = rest[::2], [first, *rest[1::2]]
        encoded = [*map(_open, texts[:-1]), _quoted(texts[-1])]
        pieces[-1] += _part_head(boundary, kind) + encoded[0]
        pieces += encoded[1:]
        pieces[-1] += b"\r\n"
        slots += [(_slot(name), kind == "html") for name in names]
    pieces[-1] += f"--{boundary}--\r\n".encode()
    body = _Body(boundary, tuple(pieces), tuple(slots))
    lint_body(body.filled(dict.fromkeys(Slot, "")))
    return body


_MARKER = re.compile(f"{SLOT_OPEN}([a-z]+){SLOT_CLOSE}")


def _slot(name: str) -> Slot:
    try:
        return Slot(name)
    except ValueError as problem:
        why = _("den Platzhalter „{name}“ gibt es nicht.").format(name=name)
        raise Uncomposable(why=why) from problem


def _part_head(boundary: str, kind: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


_BLANK_TOO_FAR = re.compile(rb"^(.{74,})(=20|=09)$", re.MULTILINE)


def _quoted(text: str) -> bytes:
    """Quoted-printable of text after which a line ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = b2a_qp(lines.encode("utf-8", "replace"))
    # b2a_qp counts a blank before a line's end as one octet and writes it as three
    within = _BLANK_TOO_FAR.sub(rb"\1=\n\2", encoded)
    return within.replace(b"\n", b"\r\n")


def _open(text: str) -> bytes:
    """Quoted-printable of text after which its line goes on, by a soft line break."""
    if not text:
        return b""
    encoded = _quoted(text + "x")[:-1]  # a last line of 76 would leave no room for the break
    return encoded if encoded.endswith(b"\n") else encoded + b"=\r\n"
