"""How many of what a text speaks of: „sechs Mitglieder“, „drei Punkte:“ (pure patterns)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from markdown_it import MarkdownIt

_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "zwei beide two both",
            "drei three",
            "vier four",
            "fünf five",
            "sechs six",
            "sieben seven",
            "acht eight",
            "neun nine",
            "zehn ten",
            "elf eleven",
            "zwölf twelve",
        ),
        2,
    )
    for word in words.split()
}
_NUMBER = rf"(?<![\w.,/:–-])(?P<number>{'|'.join(_WORDS)}|\d{{1,3}})(?![\w.,:%€/]|\s?[%€]|-\w*\s)"
# Up to two words in small letters may stand between: „sechs ausgezeichnete Mitglieder“.
_COUNTED = re.compile(
    _NUMBER + r"(?:\s+[a-zäöüß]+){0,2}?\s+(?:\w+-)*(?P<noun>[A-ZÄÖÜ][\wäöüß]{3,})", re.IGNORECASE
)
_THE_ONES = re.compile(
    r"\b(?:die|alle|den|der|these|all|the)\s+" + _NUMBER + r"\s+(?P<noun>[\wäöüß-]{4,})",
    re.IGNORECASE,
)
# Measures are no count of things; two of them need not agree.
_MEASURES = re.compile(
    r"(?:jahr|monat|woche|tage?|stunde|minute|sekunde|uhr|prozent|euro|million|milliard|tausend"
    r"|kilo|meter|gramm|tonne|seite|zeichen|grad|mal\b|januar|februar|märz|april|mai\b|juni|juli"
    r"|august|september|oktober|november|dezember|year|month|week|day|hour|minute|percent|page)",
    re.IGNORECASE,
)


_A_LIST = re.compile(r":[*_ ]*\n+\s*(?:[-*+]|\d+[.)])\s")


class Count(NamedTuple):
    number: int
    noun: str
    words: str


@lru_cache(maxsize=1024)
def lists(markdown: str) -> tuple[tuple[Count, int], ...]:
    """What announces a list with a number, and how long the list is: „drei Punkte:“."""
    return tuple(_lists(markdown)) if _A_LIST.search(markdown) else ()


def _lists(markdown: str) -> Iterator[tuple[Count, int]]:
    tokens = _parser().parse(markdown)
    announced: Count | None = None
    for place, token in enumerate(tokens):
        if token.level == 0 and token.type == "inline":
            continue
        if token.type == "inline" and token.level == 1:
            told = counts(token.content) if token.content.rstrip("*_ ").endswith(":") else []
            announced = told[-1] if told else None
        elif token.type in {"bullet_list_open", "ordered_list_open"} and token.level == 0:
            if announced:
                inside = (each for each in islice(tokens, place, None) if each.level == 1)
                yield announced, _until_closed(inside)
            announced = None


def _until_closed(tokens: Iterator[object]) -> int:
    count = 0
    for token in tokens:
        kind = getattr(token, "type", "")
        if kind == "list_item_open":
            count += 1
        elif kind != "list_item_close":
            break
    return count


def counts(text: str) -> list[Count]:
    """What a text counts, in its order."""
    return _matches(_COUNTED, re.sub("[„“”‚‘*_]", "", text))


def the_ones(text: str) -> list[Count]:
    """What it refers to as counted before: „die vier …“."""
    return _matches(_THE_ONES, text)


def _matches(pattern: re.Pattern[str], text: str) -> list[Count]:
    made = []
    for match in pattern.finditer(text):
        noun, number = match["noun"], match["number"].casefold()
        if pattern is _COUNTED and not noun[0].isupper():
            continue
        if not _MEASURES.match(noun):
            value = _WORDS[number] if number in _WORDS else int(number)
            made.append(Count(value, noun, " ".join(match[0].split())))
    return made


def all_numbers(text: str) -> set[int]:
    """Every number in a text, whatever it counts."""
    found_ = re.findall(rf"\b(?:{'|'.join(_WORDS)}|\d{{1,3}})(?!\w|[.,]\d)", text, re.IGNORECASE)
    return {_WORDS[each.casefold()] if each.casefold() in _WORDS else int(each) for each in found_}


def stem(noun: str) -> str:
    """A noun without what makes it many: „Mitglieder“ and „Mitglied“ are one."""
    return re.sub(r"(?:innen|ern|er|en|es|e|n|s)$", "", noun.casefold())


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})
