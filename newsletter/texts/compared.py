"""What changed between two text parts, as people read it: sentences struck and put in.

A text part is wrapped, and headings stand above a line of their length; neither counts. What
did not change is not shown, but the heading above it says where one is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .typography import typeset

WIDTH = 72  # at which text parts are wrapped
_LONGEST = 30  # characters that are not parted: a date, an amount of money
_ALIKE = 0.5  # two sentences that share so much are one sentence, changed
_UNDERLINE = re.compile(r"([=-])\1{2,}")
_END = re.compile(
    r"(?<=[.!?])(?<!\d\.)(?<!\b\w\.)(?<!\b[A-Z]\w\.)(?<!\bbzw\.)\s+(?=[^\sa-z\xdf-\xff])"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words; ``changed``: they differ in a sentence that is the same otherwise."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What goes and what comes at one place; either may be empty."""

    where: str  # the heading above; "" before the first
    gone: tuple[Piece, ...]
    new: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    where: str
    text: str


def compared(before: str, after: str) -> list[Change]:
    """What of ``before`` is struck, and what is put in, in reading order; none: they read alike."""
    old, new = [*_sentences(before)], [*_sentences(after)]
    steps = SequenceMatcher(None, _words_of(old), _words_of(new), autojunk=False).get_opcodes()
    return [
        change
        for tag, i, j, k, m in steps
        if tag != "equal"
        for change in _changes(old[i:j], new[k:m])
    ]


def plain(pieces: Iterable[Piece]) -> str:
    """The words of some pieces; between two of them stands a space."""
    return " ".join(piece.text for piece in pieces)


def _words_of(sentences: Sequence[_Sentence]) -> list[str]:
    return [sentence.text for sentence in sentences]


def _changes(old: Sequence[_Sentence], new: Sequence[_Sentence]) -> Iterator[Change]:
    """Heading by heading; where both sides stand below one heading, they belong together."""
    if len({each.where for each in (*old, *new)}) > 1 and len(old) == len(new):
        for gone, came in zip(old, new, strict=True):
            yield _change(came.where, [gone], [came])
        return
    for where in dict.fromkeys(each.where for each in (*old, *new)):
        theirs = [[each for each in side if each.where == where] for side in (old, new)]
        yield _change(where, *theirs)


def _change(where: str, old: Sequence[_Sentence], new: Sequence[_Sentence]) -> Change:
    gone, came = " ".join(_words_of(old)), " ".join(_words_of(new))
    return Change(where, *_marked(gone, came))


def _marked(gone: str, came: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both in pieces, by words; two that have little in common are one piece each."""
    before, after = gone.split(), came.split()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _whole(gone), _whole(came)
    struck: list[Piece] = []
    put: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        struck += _whole(" ".join(before[i:j]), changed=tag != "equal")
        put += _whole(" ".join(after[k:m]), changed=tag != "equal")
    return tuple(struck), tuple(put)


def _whole(text: str, *, changed: bool = False) -> tuple[Piece, ...]:
    return (Piece(text, changed),) if text else ()


def _sentences(text: str) -> Iterator[_Sentence]:
    where = ""
    lines = [*_unwrapped(text)]
    for number, line in enumerate(lines):
        if _UNDERLINE.fullmatch(line):
            continue
        heading = number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1])
        for sentence in [line] if heading else _ends(line):
            yield _Sentence(line if heading else where, sentence)
        where = line if heading else where


def _ends(line: str) -> list[str]:
    """A line's sentences. A full stop ends one, but for „16. März“, „z. B.“, „Dr. Beispiel“; an
    address is one of its own, since it may stand on its own line or have come there by wrapping.
    """
    parts = re.split(r"(https?://\S+)", line)
    return [each.strip() for part in parts for each in _END.split(part) if each.strip()]


def _unwrapped(text: str) -> Iterator[str]:
    """The lines as they were before somebody wrapped them: a word that would still have had
    room on the line before was meant to begin a new one.
    """
    whole, last = "", ""
    for line in [*text.splitlines(), ""]:
        words = line.split()
        full = words and len(last) + 1 + _first(line, words[0], WIDTH - 1 - len(last)) > WIDTH
        if whole and full and not _begins(line) and not _UNDERLINE.fullmatch(whole):
            whole += " " + " ".join(words)
        else:
            if whole:
                yield whole
            whole = " ".join(words)
        last = line.rstrip()


def _first(line: str, word: str, room: int) -> int:
    """The length of what begins a line: a word, with what must not be parted from it („16. März“).

    Only where the word alone had room on the line before, it matters.
    """
    if not len(word) <= room < _LONGEST:
        return len(word)
    return len(typeset(line.strip()).split(" ")[0])


def _begins(line: str) -> bool:
    """Whether a line is no one's second: a list's mark, an address, the line below a heading."""
    return bool(re.match(r"\s*(?:[-*•>]\s|https?://)", line) or _UNDERLINE.fullmatch(line))
