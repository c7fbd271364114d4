"""Slips that real issues had (DOMAIN §1.4), and signs that screen readers stumble over (§2.5)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

from newsletter.content import Finding, Item, Level
from newsletter.language import N_, _

from .facts import Facts
from .mends import edit
from .names import found
from .parts import markdown_of, prose_of
from .slips import (
    CLOSE,
    GLUED,
    GLUED_SENTENCES,
    INNER_I,
    LINK,
    LOOSE,
    MANY,
    OPEN,
    STARRED,
    TWICE,
    WRONG_CLOSE,
)

_SLIPS = (
    (GLUED, N_("fehlt ein Leerzeichen?")),
    (
        GLUED_SENTENCES,
        N_("fehlt hinter dem Satzzeichen ein Leerzeichen?"),
    ),
    (LOOSE, N_("ein Leerzeichen vor dem Satzzeichen?")),
    (TWICE, N_("doppelt?")),
)


def quotes(item: Item, _facts: Facts) -> Iterator[Finding]:
    """„go-cluster” and „go-cluster: in German the closing sign is “."""
    if item.language != "de":
        return
    for field, text in prose_of(item):
        if piece := WRONG_CLOSE.search(text):
            wrong = _("{field}: „{piece}“ endet mit dem falschen Anführungszeichen; richtig ist “.")
            wrong = wrong.format(field=field, piece=_short(piece[0].lstrip(OPEN)))
            yield found("quotes", Level.HINT, item.reference, wrong, edit(item))
        elif text.count(OPEN) > text.count(CLOSE):
            wrong = _("{field}: Ein „ wird nicht mit “ geschlossen.").format(field=field)
            yield found("quotes", Level.HINT, item.reference, wrong, edit(item))


def typing(item: Item, _facts: Facts) -> Iterator[Finding]:
    if item.language != "de":
        return
    for field, text in prose_of(item):
        asked = set()
        for piece, question in _slips(text):
            if question in asked or _is_name(piece, item) or STARRED.fullmatch(piece):
                continue
            asked.add(question)
            wrong = _("{field}: „{piece}“ – {question}")
            wrong = wrong.format(field=field, piece=_short(piece), question=_(question))
            yield found("typing", Level.HINT, item.reference, wrong, edit(item))


@lru_cache(maxsize=1024)
def _slips(text: str) -> tuple[tuple[str, str], ...]:
    """What looks like a slip of the pen, and what to ask about it."""
    plain = LINK.sub(" ", text)
    return tuple(
        (piece[0], question) for pattern, question in _SLIPS for piece in pattern.finditer(plain)
    )


def gender(item: Item, facts: Facts) -> Iterator[Finding]:
    """Says a form without a sign, and never writes it: the words are the author's."""
    if facts.gender is None or item.language != "de":
        return
    seen = {(sign[0], _both(sign)) for __, text in prose_of(item) for sign in _signs(text)}
    if seen:
        said = "; ".join(
            _("„{word}“, etwa: {instead}").format(word=word, instead=instead)
            for word, instead in sorted(seen)
        )
        wrong = _("Zeichen im Wort werden verschieden vorgelesen: {said}.").format(said=said)
        yield found("gender", facts.gender, item.reference, wrong, edit(item))


@lru_cache(maxsize=1024)
def _signs(text: str) -> tuple[re.Match[str], ...]:
    plain = LINK.sub(" ", text)
    return tuple(sign for pattern in (STARRED, INNER_I) for sign in pattern.finditer(plain))


def _both(match: re.Match[str]) -> str:
    """„Entwicklerinnen und Entwickler“ for „Entwickler*innen“; else a neutral word is wanted."""
    its, stem = match.groupdict(), match["stem"]
    if not (its.get("many") or its.get("more") or its.get("inner")):
        return _("{stem} oder {stem}in").format(stem=stem)
    for ending, many in MANY:
        if stem.endswith(ending):
            return _("{stem}innen und {plural}").format(stem=stem, plural=stem + many)
    return _("beide Formen oder ein neutrales Wort")


def list_missing(item: Item, _facts: Facts) -> Iterator[Finding]:
    """„Weitere Informationen zu den ausgezeichneten Clustern:“, and nothing follows."""
    for field, text in markdown_of(item):
        blocks = [block.strip() for block in text.strip().split("\n\n") if block.strip()]
        for block, after in zip_longest(blocks, blocks[1:], fillvalue=""):
            announces = block.rstrip("*_ ").endswith(":") and not block.startswith("#")
            if announces and (not after or after.startswith("#")):
                last = " ".join(block.split())[-60:]
                wrong = _("{field}: Hinter „{piece}“ folgt nichts.")
                wrong = wrong.format(field=field, piece=last)
                yield found("list-missing", Level.HINT, item.reference, wrong, edit(item))


def _is_name(piece: str, item: Item) -> bool:
    """Names are written as their bearers want; and who writes a word twice means it."""
    names = " ".join(origin.name for origin in (item.origin, *item.more_origins))
    return piece in names or f"{item.title} {item.teaser} {item.body}".count(piece) > 1


def _short(piece: str) -> str:
    piece = " ".join(piece.split())
    return piece if len(piece) <= 60 else f"{piece[:28]} … {piece[-28:]}"
