"""A text as it should be printed: marks, dashes, dots, spaces."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from . import spaces
from .dashes import dashed
from .protected import PROTECTED
from .quotes import quoted

_OPAQUE = "\ue002"  # stands for what is left alone
_ROUNDS = 4
_SPACE = re.compile("[\u00a0\u202f]")


def typeset(text: str, language: str = "de") -> str:
    """The text with the typography of its language; letters, digits and addresses stay.

    Only „x“ between two numbers becomes „×“. A text in a language other than German and
    English comes back unchanged.
    """
    return _typeset(text, language[:2].lower())


@lru_cache(maxsize=2_048)  # most texts of an issue are the same at its next rendering
def _typeset(text: str, language: str) -> str:
    """Set until nothing changes any more; a jumble of marks that never settles stays as typed."""
    rules = _RULES.get(language)
    if rules is None or not text or text.isspace():
        return text
    made = text
    for _ in range(_ROUNDS):
        before, made = made, _once(made, rules)
        if made == before:
            return made
    return text


def _once(text: str, rules: Sequence[Callable[[str], str]]) -> str:
    kept: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        kept.append(found[0])
        return _OPAQUE

    text = PROTECTED.sub(put_aside, text)
    for rule in rules:
        text = rule(text)
    again = iter(kept)
    return re.sub(_OPAQUE, lambda _: next(again), text)


_RULES: dict[str, tuple[Callable[[str], str], ...]] = {
    "de": (dashed, lambda it: quoted(it, "de"), spaces.german),
    "en": (dashed, lambda it: quoted(it, "en"), spaces.english),
}


def plainly(text: str) -> str:
    """For a text part: every no-break space a plain one, no soft hyphen.

    Quotation marks and dashes stay, since they are as right there.
    """
    return _SPACE.sub(" ", text.replace("\u00ad", ""))


def letters(text: str) -> str:
    """Only the letters and digits; „×“ counts as the „x“ that it was typed as."""
    return re.sub(r"[\W_]+", "", text.replace("×", "x"))
