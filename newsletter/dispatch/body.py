"""A message's body: its parts in quoted-printable, with places for what is a reader's own.

Everything that all copies of an edition share is encoded once; a copy's own values stand
between shared pieces. In quoted-printable a soft line break may stand anywhere, so a value of
any length fits between two pieces without touching them.
"""

import hashlib
import re
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from ..content import SLOT_CLOSE, SLOT_OPEN, Slot
from ..language import _
from .lint import Uncomposable, lint_body

Place = tuple[Slot, bool, bool]  # what stands there, whether in HTML, whether its line ends


@dataclass(frozen=True, slots=True)
class Body:
    """Encoded pieces; between two of them stands a slot."""

    described: Mapping[str, str]  # the header lines that say what it is
    pieces: tuple[bytes, ...]
    places: tuple[Place, ...]
    kinds: frozenset[Place]
    dotted: bool

    @classmethod
    def of(
        cls,
        described: Mapping[str, str],
        pieces: Sequence[bytes],
        slots: Sequence[tuple[Slot, bool]],
    ) -> "Body":
        """``slots``: which stands behind each piece but the last, and whether in HTML."""
        ends = [piece.startswith(b"\r\n") for piece in pieces[1:]]
        places = tuple((*slot, end) for slot, end in zip(slots, ends, strict=True))
        dotted = any(_may_need_a_dot(piece) for piece in pieces)
        return cls(described, tuple(pieces), places, frozenset(places), dotted)

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
def shared(html: str, text: str) -> Body:
    """The encoded body of an edition, once for all its copies."""
    return encoded(html, text)


def encoded(html: str, text: str) -> Body:
    """The parts in quoted-printable (TR-07, MF-10), text first (MF-11).

    Without HTML the text is the whole body: a reader's own choice, which mutt prints as it is.
    """
    body = _both(html, text) if html else _alone(text)
    lint_body(body.filled(dict.fromkeys(Slot, ""))[0])
    return body


def _alone(text: str) -> Body:
    pieces, slots = _pieces("plain", text)
    return Body.of(_described("plain"), pieces, slots)


def _both(html: str, text: str) -> Body:
    mark = hashlib.sha256("\0".join((text, html)).encode("utf-8", "replace")).hexdigest()
    boundary = f"=_{mark[:32]}"
    pieces: list[bytes] = [b""]
    slots: list[tuple[Slot, bool]] = []
    for kind, part in (("plain", text), ("html", html)):
        encoded, places = _pieces(kind, part)
        pieces[-1] += _part_head(boundary, kind) + encoded[0]
        pieces += encoded[1:]
        pieces[-1] += b"\r\n"
        slots += places
    pieces[-1] += f"--{boundary}--\r\n".encode()
    return Body.of({"Content-Type": f'multipart/alternative; boundary="{boundary}"'}, pieces, slots)


def _pieces(kind: str, part: str) -> tuple[list[bytes], list[tuple[Slot, bool]]]:
    """What stands between a part's slots, encoded, and the slots."""
    first, *rest = _MARKER.split(part)
    names, texts = rest[::2], [first, *rest[1::2]]
    encoded = [*map(_open, texts[:-1]), _quoted(texts[-1])]
    return encoded, [(_slot(name), kind == "html") for name in names]


_MARKER = re.compile(f"{SLOT_OPEN}([a-z]+){SLOT_CLOSE}")


def _slot(name: str) -> Slot:
    try:
        return Slot(name)
    except ValueError as problem:
        why = _("den Platzhalter „{name}“ gibt es nicht.").format(name=name)
        raise Uncomposable(why=why) from problem


def _part_head(boundary: str, kind: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in _described(kind).items())
    return f"--{boundary}\r\n{lines}\r\n".encode()


def _described(kind: str) -> dict[str, str]:
    return {
        "Content-Type": f"text/{kind}; charset=utf-8",
        "Content-Transfer-Encoding": "quoted-printable",
    }


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
