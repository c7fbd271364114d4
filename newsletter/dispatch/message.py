"""Edition + reader -> bytes on the wire (STANDARDS §13), and the lint that stands behind.

A copy is its own few header lines, what all copies share of the head, and the shared ``body``
with the values of its slots.

The standard library's email generators are left out on purpose: they turn a long
``List-Unsubscribe`` into encoded-words, which kills one-click (TR-01), and fold German
subjects wrongly (TR-02, TR-03). ``email.header.Header`` with our own limits does neither.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import format_datetime
from functools import lru_cache

from ..content import Edition, Slot
from ..language import _
from . import headers
from .body import Body, encoded, shared
from .lint import (
    ADDRESS,
    ONE_CLICK,
    Uncomposable,
    lint,
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
    preferences_url: str = ""  # their own page of choices; not every edition leads there


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
        **({Slot.PREFERENCES: to.preferences_url} if to.preferences_url else {}),
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
    body = encoded(html, text)
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
    body: Body


@lru_cache(maxsize=8)
def _shared(edition: Edition, mailing: Mailing) -> _Shared:
    body = shared(edition.html, edition.text)
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


def _head(lines: Mapping[str, str], body: Body) -> bytes:
    lines = {**lines, "MIME-Version": "1.0", **body.described}
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
