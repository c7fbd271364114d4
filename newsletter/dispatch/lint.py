"""What the bytes of a message must not be: the lint behind every composing (STANDARDS §13).

It knows nothing of how a message was made, so it also finds what a change there breaks.
"""

import re
from binascii import b2a_qp
from collections import Counter
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from ..content import SLOT_CLOSE, SLOT_OPEN
from ..errors import Refused
from ..language import N_, _
from ..links import Links

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 §5, byte for byte
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_IN_URI = re.compile(r"[!-;=?-~]+")  # visible ASCII but < and >
_OPEN_SLOT = re.compile(b"|".join(b2a_qp(mark.encode()) for mark in (SLOT_OPEN, SLOT_CLOSE)))


class Uncomposable(Refused):
    """These facts make no proper message; nothing of it may leave."""

    sentence: ClassVar[str] = N_("Diese Nachricht lässt sich nicht zusammensetzen: {why}")


def uri_of(uri: str, *schemes: str) -> str:
    """The same address, if it has one of these schemes and stands in a header as it is."""
    if not uri.startswith(schemes) or not _IN_URI.fullmatch(uri) or "=?" in uri:
        why = _("„{uri!a}“ ist hier keine brauchbare Adresse.")
        raise Uncomposable(why=why.format(uri=uri[:80]))
    return uri


def one_click_url(url: str) -> str:
    """https, or http on somebody's own machine (HD-01; DESIGN §6, Demo)."""
    parts = urlsplit(uri_of(url, "https://", "http://"))
    if parts.scheme == "http" and not Links(url).loopback:
        why = _("die Abmeldeadresse „{url}“ beginnt nicht mit https.")
        raise Uncomposable(why=why.format(url=url[:80]))
    return url


_ONCE = ("date", "from", "to", "subject", "message-id", "mime-version", "content-type")
_NEVER = {"bcc", "cc", "return-path", "received", "sender", "x-mailer"}
_HEADER_LINE = re.compile(r"(?P<name>[!-9;-~]+): (?P<value>[ -~]+)|(?P<fold>[ \t][ -~]*[!-~])")
_ENCODED_WORD = re.compile(r"=\?utf-8\?(?:q\?[!->@-~]*|b\?[A-Za-z0-9+/=]*)\?=")
_TIMES = N_("die Kopfzeile {name} steht {times}-mal da.")
_WITH_WORDS = {"subject", "from"}


def lint(data: bytes) -> None:
    """Raises Uncomposable where bytes break a rule that a provider or a reader would feel.

    MF-01 (line ends, NUL, 998 octets), MF-02 (each header once), MF-08 (encoded-words),
    HD-01 and HD-02 (one-click), HD-13 (every header line has the form of one), ASCII, and
    no slot left open. ``compose`` lints the shared body once and the rest of each copy.
    """
    head, __, body = data.partition(b"\r\n\r\n")
    lint_head(head + b"\r\n")
    lint_body(body)


def lint_head(head: bytes) -> None:
    """The header lines, each ended by CRLF."""
    _lint_lines(head)
    headers = _unfolded(head.decode("ascii"))
    counted = Counter(name for name, __ in headers)
    for name in _ONCE:
        demand(counted[name] == 1, _TIMES, name=name, times=counted[name])
    for name, times in counted.items():
        demand(times == 1, _TIMES, name=name, times=times)
        never = N_("die Kopfzeile {name} gehört nicht in eine Nachricht.")
        demand(name not in _NEVER, never, name=name)
    for name, lines in headers:
        _lint_words(name, lines)
    values = {name: "".join(lines) for name, lines in headers}
    demand(bool(ADDRESS.fullmatch(values["to"])), N_("„To“ enthält keine reine Adresse."))
    _lint_one_click(values)


def _unfolded(head: str) -> list[tuple[str, list[str]]]:
    """Each header's name, small, and its lines; Uncomposable if a line is neither (HD-13)."""
    headers: list[tuple[str, list[str]]] = []
    for line in head.removesuffix("\r\n").split("\r\n"):
        form = _HEADER_LINE.fullmatch(line)
        demand(form is not None, N_("„{line}“ ist keine Kopfzeile."), line=line[:60])
        if form and form["name"]:
            headers.append((form["name"].lower(), [form["value"]]))
        elif headers:
            headers[-1][1].append(line)
    return headers


def _lint_words(name: str, lines: list[str]) -> None:
    """RFC 2047 §2, §5: where encoded-words stand, how long they are, and that each is whole."""
    for number, line in enumerate(lines):
        if "=?" not in line:
            continue
        no_place = N_("in {name} haben kodierte Wörter nichts zu suchen (TR-01).")
        demand(name in _WITH_WORDS, no_place, name=name)
        whole = line if number else f"{name}: {line}"
        demand(len(whole) <= 76, N_("eine Zeile von {name} ist zu lang (RFC 2047 §2)."), name=name)
        words = _ENCODED_WORD.findall(line)
        longest = max(map(len, words), default=0)
        demand(longest <= 75, N_("ein Wort in {name} ist zu lang kodiert."), name=name)
        rest = _ENCODED_WORD.sub("\0", line)
        broken = re.search("=[?]|\0\0", rest) is not None
        demand(not broken, N_("ein kodiertes Wort in {name} ist kaputt."), name=name)


def _lint_one_click(values: Mapping[str, str]) -> None:
    """RFC 8058: exactly one https address, first, and the one-click line; or neither."""
    unsubscribe, post = values.get("list-unsubscribe"), values.get("list-unsubscribe-post")
    if unsubscribe is None and post is None:
        demand("auto-submitted" in values, N_("die Abmeldung in einem Klick fehlt."))
        return
    demand(post == ONE_CLICK, N_("List-Unsubscribe-Post muss „{wanted}“ lauten."), wanted=ONE_CLICK)
    form = re.fullmatch(r"<(https?://[!-;=?-~]+)>(, <mailto:[!-;=?-~]+>)?", unsubscribe or "")
    first = N_("List-Unsubscribe braucht genau eine https-Adresse, diese zuerst.")
    demand(form is not None, first)
    if form:
        one_click_url(form[1])


def _lint_lines(data: bytes) -> None:
    breaks = data.count(b"\r\n")
    alone = data.count(b"\n") > breaks or data.count(b"\r") > breaks
    demand(not alone, N_("ein Zeilenende ist nicht CRLF (MF-01)."))
    plain = data.isascii() and b"\0" not in data
    demand(plain, N_("ein Byte ist kein ASCII oder NUL (MF-01)."))
    longest = max(map(len, data.split(b"\r\n")))
    too_long = N_("eine Zeile hat {longest} statt höchstens 998 Zeichen (MF-01).")
    demand(longest <= 998, too_long, longest=longest)


def lint_body(body: bytes) -> None:
    """All behind the empty line."""
    _lint_lines(body)
    joined = body.replace(b"=\r\n", b"")
    demand(not _OPEN_SLOT.search(joined), N_("ein Platzhalter ist nicht gefüllt."))


def demand(holds: bool, why: str, **facts: object) -> None:
    """Uncomposable, unless it holds; only then the marked sentence is filled with its facts."""
    if not holds:
        raise Uncomposable(why=_(why).format(**facts))
