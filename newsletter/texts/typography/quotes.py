"""Quotation marks and apostrophes: what each one is, by what stands beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

TAG = "\ue003"  # where markup stood: nothing, when one asks what stands beside a mark

# Opening and closing, double and single.
_GLYPHS = {"de": ("„", "“", "‚", "‘"), "en": ("“", "”", "‘", "’")}
_DOUBLE, _SINGLE = '"„“”‟', "'‚‘’‛"
_APOSTROPHE = "’"
_OPENERS = frozenset("([{–—-/|»›«‹¡¿")
_TWO_COMMAS = re.compile(r"(?<![^\s(\[])(?:,,|‚‚)(?=\w)")
_TWO_STROKES = re.compile(r"(?<=[^\W\d_])''(?!\w)|(?<=[.!?])''(?!\w)")
_ENDS_SPEECH = re.compile(r"[^\W\d_]|[.,!?…%]")
_ACCENT = re.compile(r"(?<=[^\W\d_])[´`](?=[^\W\d_])")
_SHORTENED = re.compile(r"['’](?:\d\ds?\b|n['’](?=\s))")  # the ’90s, Rock ’n’ Roll


class _Role(Enum):
    OPEN = 0
    CLOSE = 1
    APOSTROPHE = 2


@dataclass(slots=True)
class _Mark:
    at: int
    typed: str
    before: str  # the character beside it; "" at an end
    after: str
    role: _Role | None = None  # None: nobody can tell
    inner: bool = False  # to be shown as a single mark

    @property
    def single(self) -> bool:
        return self.typed in _SINGLE

    @property
    def between_letters(self) -> bool:
        return self.before.isalpha() and self.after.isalpha()

    @property
    def ends_word(self) -> bool:
        return self.can_close and not self.after.isalnum()

    @property
    def can_close(self) -> bool:
        return bool(self.before) and not self.before.isspace()


def quoted(text: str, language: str) -> str:
    """The text with the marks of its language; „de“ or „en“."""
    text = _TWO_STROKES.sub('"', _TWO_COMMAS.sub('"', _ACCENT.sub(_APOSTROPHE, text)))
    marks = [*_marks(text)]
    if not marks:
        return text
    _Reader(text, marks).read()
    out, done = [], 0
    for mark in marks:
        out += [text[done : mark.at], _shown(mark, _GLYPHS[language])]
        done = mark.at + 1
    return "".join([*out, text[done:]])


def _marks(text: str) -> Iterator[_Mark]:
    for found in re.finditer(f"[{_DOUBLE}{_SINGLE}]", text):
        at = found.start()
        before, after = range(at - 1, -1, -1), range(at + 1, len(text))
        yield _Mark(at, found[0], _first(text, before), _first(text, after))


def _first(text: str, places: range) -> str:
    """The first character there that is one, whatever the markup; none at an end."""
    return next((text[place] for place in places if text[place] != TAG), "")


def _shown(mark: _Mark, glyphs: tuple[str, str, str, str]) -> str:
    if mark.role is None:
        return mark.typed
    if mark.role is _Role.APOSTROPHE:
        return _APOSTROPHE
    return glyphs[mark.role.value + (2 if mark.single or mark.inner else 0)]


class _Reader:
    """Reads the marks of one text from left to right and gives each its role."""

    def __init__(self, text: str, marks: list[_Mark]) -> None:
        self.text = text
        self.marks = marks
        self.open: list[_Mark] = []
        self.pairs: list[tuple[_Mark, _Mark, _Mark | None]] = []
        self.lone = False
        ends = (it.at for it in marks if it.typed in "'‘’‛" and it.ends_word)
        self.last_end = max(ends, default=-1)

    def read(self) -> None:
        """Each mark gets its role. Doubles within doubles become single, if all have a partner."""
        last: _Mark | None = None
        for mark in self.marks:
            beside = last if last and last.at + 1 == mark.at else None
            self._judge(mark, beside)
            last = mark
        if self.lone or self.open:
            return
        for opened, closed, around in self.pairs:
            opened.inner = closed.inner = bool(around and not around.single and not around.inner)

    def _judge(self, mark: _Mark, beside: _Mark | None) -> None:
        opens = self._can_open(mark, beside)
        if mark.single:
            self._single(mark, opens=opens)
        elif mark.typed == "„":
            self._begin(mark, sure=bool(mark.after and not mark.after.isspace()))
        elif opens:
            self._begin(mark, sure=True)
        elif mark.can_close:
            self._end(mark)

    def _can_open(self, mark: _Mark, beside: _Mark | None) -> bool:
        if not mark.after or mark.after.isspace() or mark.after in ".,;:!?…)]}":
            return False
        if beside is not None:
            return beside.role is _Role.OPEN
        return not mark.before or mark.before.isspace() or mark.before in _OPENERS

    def _begin(self, mark: _Mark, *, sure: bool) -> None:
        if sure:
            mark.role = _Role.OPEN
            self.open.append(mark)

    def _end(self, mark: _Mark) -> None:
        """A double mark after a word: it closes the one that is open, else it may be inches."""
        while self.open and self.open[-1].single:
            self.open.pop().role = _Role.APOSTROPHE
            self.lone = True
        if self.open:
            self._close(mark)
        elif mark.typed != '"' or (_ENDS_SPEECH.match(mark.before) and not mark.after.isalnum()):
            mark.role = _Role.CLOSE
            self.lone = True

    def _close(self, mark: _Mark) -> None:
        mark.role = _Role.CLOSE
        opened = self.open.pop()
        self.pairs.append((opened, mark, self.open[-1] if self.open else None))

    def _single(self, mark: _Mark, *, opens: bool) -> None:
        if mark.typed == "‚":
            self._begin(mark, sure=opens)
        elif mark.between_letters:
            mark.role = _Role.APOSTROPHE
        elif opens and not _SHORTENED.match(self.text, mark.at) and self._closes_later(mark):
            self._begin(mark, sure=True)
        elif mark.can_close and self.open and self.open[-1].single:
            self._close(mark)
        elif not mark.before.isdigit() and (mark.before.isalpha() or mark.after.isalnum()):
            mark.role = _Role.APOSTROPHE

    def _closes_later(self, mark: _Mark) -> bool:
        """Whether some later single mark stands at the end of a word."""
        return self.last_end > mark.at + 1
