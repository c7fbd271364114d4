"""Words as they are compared: without case and accents, „ü“ as „ue“ (pure)."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 200  # characters of what somebody looks for
# a, o and u with dots, sharp s, and what northern neighbours write
_GERMAN = {0xE4: "ae", 0xF6: "oe", 0xFC: "ue", 0xDF: "ss", 0x1E9E: "ss", 0xE6: "ae", 0xF8: "oe"}
_QUOTES = r'"\u201c-\u201f\u00ab\u00bb'
_ALIKE = dict.fromkeys("’‘‚´`", "'") | dict.fromkeys("‐‑–—−", "-")
_PHRASE = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)(?:[{_QUOTES}]|$)|([^\s{_QUOTES}]+)")


_MOST = 5_000  # characters; all alphabets that anybody writes here


class _Folds(dict[int, str]):
    """What each character is compared as; found out once, but for what nobody writes."""

    def __missing__(self, code: int) -> str:
        found = _fold(chr(code))
        if len(self) < _MOST:
            self[code] = found
        return found


def _fold(character: str) -> str:
    if character in _ALIKE:
        return _ALIKE[character]
    if character.isspace():
        return " "
    if unicodedata.category(character) in {"Cf", "Mn"}:  # soft hyphens, joiners, lone accents
        return ""
    low = character.lower()
    if len(low) == 1 and ord(low) in _GERMAN:
        return _GERMAN[ord(low)]
    apart = unicodedata.normalize("NFKD", low)
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold()


_FOLDS = _Folds()


def fold(text: str) -> str:
    """A text to look for words in: one line, „München“ as „muenchen“."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLDS).split())


@dataclass(frozen=True, slots=True)
class Asked:
    """Words and phrases that must all be there, folded."""

    terms: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Asked":
        """What somebody typed: words, and phrases in quotation marks of any kind."""
        found = (fold(phrase or word) for phrase, word in _PHRASE.findall(text))
        return cls(tuple(dict.fromkeys(filter(None, found))))

    def within(self, *folded: str) -> bool:
        """Whether each stands in one of these texts."""
        return all(any(term in text for text in folded) for term in self.terms)


def marked(text: str, asked: Asked) -> list[tuple[str, bool]]:
    """A text in pieces, in their order, each with whether it was asked for."""
    text = unicodedata.normalize("NFC", text)
    pieces: list[tuple[str, bool]] = []
    done = 0
    for begins, ends in _spans(text, asked):
        pieces += [(text[done:begins], False), (text[begins:ends], True)]
        done = ends
    return [(piece, hit) for piece, hit in [*pieces, (text[done:], False)] if piece]


def excerpt(text: str, asked: Asked, around: int = 120) -> str:
    """Some words around the first that was asked for; empty if none stands there."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    begins, ends = next(iter(_spans(text, asked)), (0, 0))
    if not ends:
        return ""
    first, last = max(0, begins - around), min(len(text), ends + around)
    first = text.find(" ", first, begins) + 1 if first else 0
    last = (text.rfind(" ", ends, last) if last < len(text) else last) or last
    last = last if last >= ends else min(len(text), ends + around)
    return ("… " if first else "") + text[first:last] + (" …" if last < len(text) else "")


def _spans(text: str, asked: Asked) -> list[tuple[int, int]]:
    """Where in a text stands what was asked for: begin and end, one after the other."""
    folds = [_FOLDS[ord(character)] for character in text]
    origin = [place for place, fold_ in enumerate(folds) for _ in fold_]
    folded = "".join(folds)
    found = sorted(
        (origin[at], origin[at + len(term) - 1] + 1)
        for term in asked.terms
        for at in _everywhere(term, folded)
    )
    spans: list[tuple[int, int]] = []
    for begins, ends in found:
        if spans and begins <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(ends, spans[-1][1]))
        else:
            spans.append((begins, ends))
    return spans


def _everywhere(term: str, folded: str) -> list[int]:
    return [it.start() for it in re.finditer(re.escape(term), folded)]
