"""Single values of header lines, each in the one form that may leave; Uncomposable otherwise."""

import re
import unicodedata
from email.header import Header
from email.utils import formataddr
from functools import lru_cache

from ..content import SLOT_CLOSE, SLOT_OPEN
from ..language import _
from .lint import ADDRESS, Uncomposable


@lru_cache(maxsize=64)
def words(header: str, text: str) -> str:
    """Text of a header: as it is if it is short ASCII, else in encoded-words (RFC 2047)."""
    if not plain(text).strip():
        raise Uncomposable(why=_("„{header}“ ist leer.").format(header=header))
    if _is_short_ascii(text, 75 - len(header)) and text == text.strip():
        return text
    return Header(text, "utf-8", header_name=header, maxlinelen=75).encode(linesep="\r\n")


def _is_short_ascii(text: str, room: int) -> bool:
    """Whether text may stand in a header as it is. To encode without need costs spam points."""
    return text.isascii() and "=?" not in text and len(text) < room


@lru_cache(maxsize=64)
def mailbox(name: str, at: str) -> str:
    """A name and its address; the address alone if there is no name."""
    name = plain(name)
    if not name:
        return address(at)
    if _is_short_ascii(name, 65 - len(at)):
        return formataddr((name, address(at)))
    return f"{words('From', name)}\r\n <{address(at)}>"


# Refused, not mended: what people type was cleaned long before, so this is a fault of ours.
_NOT_IN_HEADERS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff" + SLOT_OPEN + SLOT_CLOSE + "]"
)
MESSAGE_ID = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LONGEST_ADDRESS, LONGEST_MESSAGE_ID = 254, 250
_DOTTED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


def plain(text: str) -> str:
    """Text without controls (TR-06, HD-13) and slot markers, or Uncomposable."""
    found = _NOT_IN_HEADERS.search(text)
    if found:
        why = _("in „{text!a}“ steht das Zeichen U+{code:04X}.")
        raise Uncomposable(why=why.format(text=text[:40], code=ord(found[0])))
    return text


def address(value: str) -> str:
    """An addr-spec in ASCII (TR-04, HD-14), or Uncomposable."""
    if not ADDRESS.fullmatch(value) or len(value) > LONGEST_ADDRESS or "=?" in value:
        why = _("„{address!a}“ ist keine Adresse, die zugestellt werden kann.")
        raise Uncomposable(why=why.format(address=value[:80]))
    return value


def message_id(value: str) -> str:
    """Without <> (MF-04), or Uncomposable."""
    if not MESSAGE_ID.fullmatch(value) or len(value) > LONGEST_MESSAGE_ID or "=?" in value:
        raise Uncomposable(why=_("„{value!a}“ ist keine Message-ID.").format(value=value[:80]))
    return value


def dotted(list_id: str) -> str:
    """A List-Id without <> (HD-06), or Uncomposable."""
    if not _DOTTED.fullmatch(list_id) or len(list_id) > 255:
        raise Uncomposable(why=_("„{value!a}“ ist keine List-Id.").format(value=list_id[:80]))
    return list_id


_FOLDED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)


def phrase(name: str) -> str:
    """A list's name before its id, in ASCII: encoded-words have no place there (MF-08)."""
    unaccented = unicodedata.normalize("NFKD", plain(name).translate(_FOLDED))
    ascii_only = re.sub(r"[^ -~]|=\?", "", unaccented).strip()
    if not ascii_only:
        return ""
    if re.fullmatch(r"[A-Za-z0-9 '+/-]+", ascii_only):
        return f"{ascii_only} "
    return '"' + re.sub(r'(["\\])', r"\\\1", ascii_only) + '" '
