"""Numbers that contradict each other: „Sechs Mitglieder“ above, „die vier“ below."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt

from newsletter.content import Finding, Item, Level
from newsletter.language import _

from .facts import Facts
from .mends import edit
from .names import found

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


class Count(NamedTuple):
    number: int
    noun: str
    words: str


def numbers(item: Item, _facts: Facts) -> Iterator[Finding]:
    for one, other in _contradictions(item):
        wrong = _("Passt das zusammen? „{one}“ und „{other}“.").format(one=one, other=other)
        yield found("numbers", Level.HINT, item.reference, wrong, edit(item))


def _contradictions(item: Item) -> Iterator[tuple[str, str]]:
    below = f"{item.teaser}\n{item.body}"
    for count in _counts(item.title):
        told = {each.number for each in _counts(below)} | _all_numbers(below)
        if count.number not in told and (other := _other(count, below)):
            yield count.words, other
    for said, length in lists(item.body):
        if said.number != length:
            yield said.words, _("Liste mit {n} Punkten").format(n=length)


def _other(count: Count, text: str) -> str | None:
    """How the text counts what the title counts: the same noun, or „die vier …“."""
    for each in _counts(text):
        if each.number != count.number and _stem(each.noun) == _stem(count.noun):
            return each.words
    for each in _matches(_THE_ONES, text):
        if each.number != count.number and each.number > 1:
            return each.words
    return None


def lists(markdown: str) -> Iterator[tuple[Count, int]]:
    """What announces a list with a number, and how long the list is: „drei Punkte:“."""
    tokens = _parser().parse(markdown)
    announced: Count | None = None
    for place, token in enumerate(tokens):
        if token.level == 0 and token.type == "inline":
            continue
        if token.type == "inline" and token.level == 1:
            counts = _counts(token.content) if token.content.rstrip("*_ ").endswith(":") else []
            announced = counts[-1] if counts else None
        elif token.type in {"bullet_list_open", "ordered_list_open"} and token.level == 0:
            if announced:
                inside = (each for each in tokens[place:] if each.level == 1)
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


def _counts(text: str) -> list[Count]:
    return _matches(_COUNTED, re.sub("[„“”‚‘*_]", "", text))


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


def _all_numbers(text: str) -> set[int]:
    """Every number in a text, whatever it counts."""
    found_ = re.findall(rf"\b(?:{'|'.join(_WORDS)}|\d{{1,3}})(?!\w|[.,]\d)", text, re.IGNORECASE)
    return {_WORDS[each.casefold()] if each.casefold() in _WORDS else int(each) for each in found_}


def _stem(noun: str) -> str:
    return re.sub(r"(?:innen|ern|er|en|es|e|n|s)$", "", noun.casefold())


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})
