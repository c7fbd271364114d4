"""Soft hyphens in the longest words, so that they fit a narrow screen.

A word in running text breaks at any letter if it must (``overflow-wrap``); this gives the long
ones better places. The patterns know syllables, not the parts of a compound, and break
„Wassers-toffin-frastruktur“: so the joints before words that the clusters' compounds are made of
come first, and the patterns only part what is still too long.
"""

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import IO, Literal, Protocol

from .protected import PROTECTED

SHY = "\u00ad"
LEAST = 18  # letters of a word that gets any
_LONG = 14  # letters that need no place to break
_NO_WORD = 200  # letters in a row that mean nothing; looking for syllables would take long
_PIECE = 5  # letters that a break leaves on either line at least
_DICTIONARY = {"de": "de_DE", "en": "en_GB"}

# Words that begin the next part of many a compound here; each is unlikely to begin by chance
# within another word.
_PARTS = (
    *(
        "allianz",
        "akademie",
        "anlage",
        "arbeit",
        "aufgabe",
        "ausbildung",
        "auszeichnung",
        "bauteil",
    ),
    *("bedarf", "bericht", "beratung", "branche", "bundes", "chemie", "cluster", "daten", "dienst"),
    *(
        "effizienz",
        "einrichtung",
        "einsteiger",
        "einwanderung",
        "entwicklung",
        "ergebnis",
        "experten",
        "exzellenz",
        "fachkräfte",
    ),
    *("fertigung", "förder", "forschung", "forum", "geschäfts", "gemeinschaft", "gesellschaft"),
    *(
        "gesetz",
        "gesundheit",
        "gremium",
        "grundverordnung",
        "gruppe",
        "handel",
        "handlung",
        "industrie",
        "informatik",
    ),
    *("infrastruktur", "initiative", "innovation", "institut", "international", "kapital", "kette"),
    *("kommission", "kompetenz", "konferenz", "kooperation", "kreislauf", "kunststoff", "labor"),
    *("landes", "leistung", "lösung", "management", "markt", "maschine", "maßnahme"),
    *("material", "medizin", "ministerium", "mitglied", "mittelstand", "mobilität", "modell"),
    *("netzwerk", "organisation", "partner", "plattform", "politik", "portal", "praxis", "preis"),
    *("produkt", "programm", "projekt", "prozess", "prüf", "qualität", "referat", "region"),
    *("richtlinie", "schutz", "seminar", "sicherheit", "speicher", "stärkung", "stelle"),
    *("steuerung", "strategie", "struktur", "studie", "system", "tagung", "technik", "technologie"),
    *("transfer", "transformation", "unternehmen", "untersuchung", "veranstaltung", "verband"),
    *(
        "verbund",
        "verein",
        "verfahren",
        "verordnung",
        "versorgung",
        "verwaltung",
        "vorhaben",
        "vorsitz",
    ),
    *("wandel", "werkstatt", "werkstoff", "wettbewerb", "wirtschaft", "wissenschaft", "woche"),
    *(
        "zentrum",
        "zukunft",
        "zusammenarbeit",
        "zuschuss",
        "zuschüsse",
        "lieferkette",
        "wertschöpfung",
    ),
)
_JOINT = re.compile(rf"(?<=\w{{3}})(?={'|'.join(_PARTS)})", re.IGNORECASE)
_WORD = re.compile(rf"[^\W\d_]{{{LEAST},}}")
_WORD_OR_ADDRESS = re.compile(f"{PROTECTED.pattern}|{_WORD.pattern}")


def hyphenated(text: str, language: str = "de") -> str:
    """The text with soft hyphens in its words of 18 letters and more; other languages: none."""
    text = text.replace(SHY, "")
    short = language[:2].lower()
    if short not in _DICTIONARY or not _WORD.search(text):
        return text
    return _WORD_OR_ADDRESS.sub(lambda found: _parted(found[0], short), text)


def _parted(found: str, language: str) -> str:
    is_word = len(found) < _NO_WORD and _WORD.fullmatch(found)
    return _divided(found, language) if is_word else found


@lru_cache(maxsize=1_024)
def _divided(word: str, language: str) -> str:
    joints = [found.start() for found in _JOINT.finditer(word)] if language == "de" else []
    points = _spaced(joints, 0, len(word))
    for start, end in zip([0, *points], [*points, len(word)], strict=True):
        if end - start > _LONG:
            syllables = [start + at for at in _patterns(language).positions(word[start:end])]
            points += _spaced(syllables, start, end)
    ends = [0, *sorted(points), len(word)]
    return SHY.join(word[a:b] for a, b in pairwise(ends))


def _spaced(points: list[int], start: int, end: int) -> list[int]:
    """Those of the points that leave ``_PIECE`` letters on both sides."""
    kept: list[int] = []
    for each in points:
        if each - (kept[-1] if kept else start) >= _PIECE and end - each >= _PIECE:
            kept.append(each)
    return kept


class _Patterns(Protocol):
    def positions(self, word: str) -> list[int]: ...


class _Syllables:
    """A dictionary's file without the first of its two levels.

    That one is a list of 69,000 whole words, which pyphen takes for patterns too: wrong places,
    and ten times as long to read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        return self.path.open(mode)

    def read_text(self, encoding: str) -> str:
        text = self.path.read_text(encoding)
        return text[max(0, text.find("\nNEXTLEVEL")) :]


@lru_cache(maxsize=2)
def _patterns(language: str) -> _Patterns:
    import pyphen  # only an issue with a long word needs it

    its: _Patterns = pyphen.HyphDict(_Syllables(pyphen.LANGUAGES[_DICTIONARY[language]]))
    return its
