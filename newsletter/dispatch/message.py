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
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import format_datetime
from functools import lru_cache
from html import escape

from ..content import SLOT_CLOSE, SLOT_OPEN, Edition, Slot
from ..language import _
from . import headers
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
    dotted: bool = True  # a line may begin with a dot; False spares looking for one


def compose(edition: Edition, to: Recipient, envelope: Envelope, mailing: Mailing) -> Message:
    """One reader's copy of an edition. Raises Uncomposable; what it returns passes ``lint``.

    Copies differ in salutation and their own links, nothing else (promise 6).
    """
    shared = _shared(edition, mailing)
    own = _own_lines(to, envelope)
    if not _plainly_right(own, to, envelope):
        _look_closely(own, shared, to, envelope)
    values = {
        Slot.SALUTATION: headers.plain(to.salutation),
        Slot.UNSUBSCRIBE: to.unsubscribe_url,
    }
    data, dotted = shared.body.filled(values, own.encode("ascii") + shared.head)
    return Message(_return_path(envelope), to.address, data, dotted)


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
            "Date": _date(envelope.date, envelope.date.tzinfo),
            "To": headers.address(to),
            "Message-ID": f"<{headers.message_id(envelope.message_id)}>",
            "From": _sender(sender),
            **({"Reply-To": headers.address(reply_to)} if reply_to else {}),
            "Subject": headers.words("Subject", subject),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        },
        body,
    )
    lint_head(head)
    return Message(_return_path(envelope), to, *body.filled({}, head + b"\r\n"))


# -- header lines -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all copies of an edition share: the end of the head, and the body."""

    head: bytes
    body: "_Body"


@lru_cache(maxsize=8)
def _shared(edition: Edition, mailing: Mailing) -> _Shared:
    body = _shared_body(edition.html, edition.text)
    lines = {
        "From": _sender(edition.sender),
        "Reply-To": headers.address(mailing.reply_to),
        "Subject": headers.words("Subject", edition.subject),
        **_list_headers(edition.list_id, mailing),
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    head = _head(lines, body)
    lint_head(_SAMPLE + head)
    return _Shared(head + b"\r\n", body)


def _head(lines: Mapping[str, str], body: "_Body") -> bytes:
    lines = {
        **lines,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{body.boundary}"',
    }
    return _ascii("".join(f"{name}: {value}\r\n" for name, value in lines.items()))


def _ascii(lines: str) -> bytes:
    try:
        return lines.encode("ascii")
    except UnicodeEncodeError as problem:
        why = _("eine Kopfzeile enthält Zeichen außerhalb von ASCII.")
        raise Uncomposable(why=why) from problem


def _sender(sender: str) -> str:
    name, __, address = sender.rpartition(" <")
    return headers.mailbox(name, address.removesuffix(">"))


def _list_headers(list_id: str, mailing: Mailing) -> dict[str, str]:
    """RFC 2369, 2919, 8058: plain ASCII; the way out is each reader's own."""
    lines = {
        "List-Id": f"{headers.phrase(mailing.list_name)}<{headers.dotted(list_id)}>",
        "List-Unsubscribe-Post": ONE_CLICK,
        "List-Owner": f"<mailto:{headers.address(mailing.reply_to)}>",
        "List-Post": "NO",
    }
    if mailing.archive_url:
        lines["List-Archive"] = f"<{uri_of(mailing.archive_url, 'https://', 'http://')}>"
    if mailing.feedback_id:
        lines["Feedback-ID"] = headers.plain(mailing.feedback_id)
    return lines


def _own_lines(to: Recipient, envelope: Envelope) -> str:
    """What only this copy says; folded only after the comma, by ourselves (RFC 2369)."""
    mailto = envelope.unsubscribe_mailto
    return (
        f"Date: {_date(envelope.date, envelope.date.tzinfo)}\r\n"
        f"To: {to.address}\r\n"
        f"Message-ID: <{envelope.message_id}>\r\n"
        f"List-Unsubscribe: <{to.unsubscribe_url}>{f',{_FOLD}<{mailto}>' if mailto else ''}\r\n"
    )


_FOLD = "\r\n "
_OWN_MACHINE = r"(?:localhost|127(?:\.[0-9]{1,3}){3})(?::[0-9]+)?/"
_OWN_LINES = re.compile(
    r"Date: [ -~]+\r\n"
    rf"To: {ADDRESS.pattern}\r\n"
    rf"Message-ID: <{headers.MESSAGE_ID.pattern}>\r\n"
    rf"List-Unsubscribe: <(?:https://|http://{_OWN_MACHINE})[!-;=?-~]+>\r\n"
)
_SAMPLE = (
    b"Date: Tue, 15 Dec 2026 10:00:00 +0100\r\nTo: a@b.example\r\n"
    b"Message-ID: <a@b.example>\r\nList-Unsubscribe: <https://b.example/>\r\n"
)


def _plainly_right(own: str, to: Recipient, envelope: Envelope) -> bool:
    """One look that says yes to what is usual. Never to what ``_look_closely`` refuses."""
    return (
        _OWN_LINES.fullmatch(own) is not None
        and "=?" not in own
        and len(own) < 998
        and len(to.address) <= headers.LONGEST_ADDRESS
        and len(envelope.message_id) <= headers.LONGEST_MESSAGE_ID
    )


def _look_closely(own: str, shared: _Shared, to: Recipient, envelope: Envelope) -> None:
    """Line by line; Uncomposable says what is wrong."""
    headers.address(to.address)
    headers.message_id(envelope.message_id)
    one_click_url(to.unsubscribe_url)
    if envelope.unsubscribe_mailto:
        uri_of(envelope.unsubscribe_mailto, "mailto:")
    lint_head(_ascii(own) + shared.head.removesuffix(b"\r\n"))


@lru_cache(maxsize=8)
def _date(moment: datetime, zone: tzinfo | None) -> str:
    """``zone`` is the moment's own: moments in two zones may be equal, and read differently."""
    if zone is None:
        raise Uncomposable(why=_("das Datum hat keine Zeitzone."))
    return format_datetime(moment)


def _return_path(envelope: Envelope) -> str:
    return headers.address(envelope.envelope_from) if envelope.envelope_from else ""


# -- body ---------------------------------------------------------------------------------


Place = tuple[Slot, bool, bool]  # what stands there, whether in HTML, whether its line ends


@dataclass(frozen=True, slots=True)
class _Body:
    """Encoded pieces; between two of them stands a slot."""

    boundary: str
    pieces: tuple[bytes, ...]
    places: tuple[Place, ...]
    kinds: frozenset[Place]
    dotted: bool

    @classmethod
    def of(
        cls, boundary: str, pieces: Sequence[bytes], slots: Sequence[tuple[Slot, bool]]
    ) -> "_Body":
        """``slots``: which stands behind each piece but the last, and whether in HTML."""
        ends = [piece.startswith(b"\r\n") for piece in pieces[1:]]
        places = tuple((*slot, end) for slot, end in zip(slots, ends, strict=True))
        dotted = any(_may_need_a_dot(piece) for piece in pieces)
        return cls(boundary, tuple(pieces), places, frozenset(places), dotted)

    def filled(self, values: Mapping[Slot, str], head: bytes = b"") -> tuple[bytes, bool]:
        """Head and body with each slot's value, and whether a line may begin with a dot.

        Uncomposable if a value is missing.
        """
        encoded = {place: _value(values, *place) for place in self.kinds}
        parts = [head, self.pieces[0]]
        for place, piece in zip(self.places, self.pieces[1:], strict=True):
            parts += (encoded[place], piece)
        return b"".join(parts), self.dotted or any(map(_may_need_a_dot, encoded.values()))


def _may_need_a_dot(piece: bytes) -> bool:
    return piece.startswith(b".") or b"\n." in piece


def _value(values: Mapping[Slot, str], slot: Slot, in_html: bool, line_ends: bool) -> bytes:
    if slot not in values:
        why = _("für „{slot}“ gibt es hier keinen Wert.")
        raise Uncomposable(why=why.format(slot=slot.value))
    coded = _often if slot is Slot.SALUTATION else _coded
    return coded(values[slot], in_html, line_ends)


def _coded(value: str, in_html: bool, line_ends: bool) -> bytes:
    value = escape(value) if in_html else value
    return _quoted(value) if line_ends else _open(value)


_often = lru_cache(maxsize=256)(_coded)  # many readers have told no name


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
    body = _Body.of(boundary, pieces, slots)
    lint_body(body.filled(dict.fromkeys(Slot, ""))[0])
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
    lines = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    encoded = b2a_qp(lines.encode("utf-8", "replace"))
    if len(encoded) > 74:
        # b2a_qp counts a blank before a line's end as one octet and writes it as three
        encoded = _BLANK_TOO_FAR.sub(rb"\1=\n\2", encoded)
    return encoded.replace(b"\n", b"\r\n")


def _open(text: str) -> bytes:
    """Quoted-printable of text after which its line goes on, by a soft line break."""
    if not text:
        return b""
    encoded = _quoted(text + "x")[:-1]  # a last line of 76 would leave no room for the break
    return encoded if encoded.endswith(b"\n") else encoded + b"=\r\n"
