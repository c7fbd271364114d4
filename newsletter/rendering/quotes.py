"""Somebody's words, as they were typed, taken apart (pure)."""

import re
from dataclasses import dataclass

_MARKS = '„“”‟"»«'
_QUOTED = re.compile(rf"[{_MARKS}]([^{_MARKS}]+)[{_MARKS}]([^{_MARKS}]{{0,160}})", re.DOTALL)
_DASHED = re.compile(rf"([^{_MARKS}]+[.!?…])\s+[–—-]\s+([^.!?{_MARKS}]{{3,160}})", re.DOTALL)
_MARKS_OF = {"de": ("„", "“"), "en": ("“", "”")}


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words between quotation marks, and whose they are ("": nobody said)."""

    words: str
    speaker: str


def quoted(said: str, language: str) -> Quote:
    """„Das hilft uns.“, Kim Beispiel, Leitung: the words, and what stands behind them.

    Words without marks get those of their language; what has marks elsewhere stays as typed.
    """
    said = said.strip()
    found = _QUOTED.fullmatch(said) or _DASHED.fullmatch(said)
    if not found and any(mark in said for mark in _MARKS):
        return Quote(said, "")
    words, speaker = found.groups() if found else (said, "")
    first, last = _MARKS_OF.get(language, _MARKS_OF["de"])
    return Quote(f"{first}{words.strip()}{last}", speaker.strip(" \n,–—-").strip())
