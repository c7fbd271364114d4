"""Which characters may stand in a text, and plain text on one line or on several."""

import re
import unicodedata

# Word and old mail programs leave cp1252 bytes behind as C1 controls; Gmail clips a mail at
# U+0092 (MF-15). What they meant is known, so nothing is lost.
_MEANT = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}  # undefined there
}
_MEANT |= {0xF0B7: "•", 0xF0A7: "•", 0xF0D8: "•"}  # bullets of the fonts Symbol and Wingdings

_BREAKS = re.compile("\r\n|[\r\v\f\u2028\u2029]")
_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but for tab and line break
    "\u00ad"  # soft hyphen: breaks searching and likeness; we hyphenate ourselves
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # zero width, bidi marks and overrides
    "\ufeff\ufff9-\ufffc\ufffe\uffff"  # byte order mark, annotation, object, non-characters
    "\ud800-\udfff"  # lone surrogates, which JSON can smuggle in and no encoder takes
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: slot markers, fonts of one machine
    "\U000e0000-\U000e0fff"  # tag characters: text that nobody sees
    "]"
)
_SPACES = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """NFC without unwanted characters; line breaks are ``\\n``, other white space is kept."""
    text = _BREAKS.sub("\n", text).translate(_MEANT)
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def line(text: str) -> str:
    """One line, safe in a header: white space folded, ends trimmed."""
    return " ".join(clean(text).split())


def block(text: str) -> str:
    """Plain text that keeps its lines; at most one empty line in a row."""
    lines = [_SPACES.sub(" ", each).strip() for each in clean(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
