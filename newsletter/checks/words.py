"""What texts betray: placeholders somebody forgot, links that lead nowhere."""

import re
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt

from newsletter import texts
from newsletter.language import _, spoken

_ESCAPED = re.compile(r"\\([^\w\s])")  # Markdown's backslash before punctuation
_FORGOTTEN = re.compile(
    r"\{\{.*?(?:\}\}|$)"
    r"|\{%.*?(?:%\}|$)"
    r"|\$\{[^{}\n]*\}"
    r"|%%\w+%%"
    r"|\b(?:TODO|FIXME|TBD|XXX+)\b"
    r"|\b(?i:lorem|blindtext|mustertext)\b"
    # „[Zitat – Freigabe steht noch aus]“, but not a link's text and not „[…]“
    r"|\[[^\[\]\n]*\b(?i:zitat|folgt|ergänz\w*|einfügen|eintragen|platzhalter|noch\soffen"
    r"|noch\saus|freigabe)\b[^\[\]\n]*\](?!\()"
    r"|\[(?i:name|datum|uhrzeit|ort|titel|link|bild|zahl)\](?!\()"
    r"|\bXX\.XX\.",
    re.MULTILINE,
)
_HALF_A_LINK = re.compile(r"[^\[\n]{0,20}\]\s?\([^)\n]{0,40}\)?")
_SAYS_NOTHING = {"hier", "mehr", "link", "weiter", "klicken sie hier", "here", "more", "click here"}


@lru_cache(maxsize=2048)
def placeholder(text: str) -> str | None:
    """The first forgotten placeholder of a text, plain or Markdown; None if there is none."""
    found = _FORGOTTEN.search(_ESCAPED.sub(r"\1", text))
    return " ".join(found[0].split())[:60] if found else None


class LinkUse(NamedTuple):
    address: str
    words: str  # what a reader clicks on


@lru_cache(maxsize=1024)
def links(markdown: str) -> tuple[tuple[LinkUse, ...], tuple[str, ...]]:
    """The links of a Markdown text, and the pieces that were meant to be one."""
    used: list[LinkUse] = []
    halves: list[str] = []
    for block in _parser().parse(markdown):
        address: str | None = None
        words = ""
        for token in block.children or ():
            if token.type == "link_open":
                address, words = str(token.attrGet("href") or ""), ""
            elif token.type == "link_close" and address is not None:
                used.append(LinkUse(address, words.strip()))
                address = None
            elif address is not None:
                words += token.content
            elif token.type == "text":
                halves += (" ".join(half.split()) for half in _HALF_A_LINK.findall(token.content))
    return tuple(used), tuple(halves)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def wrong_with(address: str) -> str | None:
    """Why nobody can follow this address, as a sentence; None if it is sound."""
    return _wrong_with(address, spoken())


@lru_cache(maxsize=2048)
def _wrong_with(address: str, _language: str) -> str | None:
    scheme, __, rest = address.partition(":")
    if scheme == "mailto":
        sound = re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", rest)
        return None if sound else _("Das ist keine Adresse.")
    if scheme == "tel":
        sound = re.fullmatch(r"\+?[\d\s()/.-]{3,}", rest)
        return None if sound else _("Das ist keine Rufnummer.")
    if re.match(r"https?:/*https?:", address):
        return _("„https://“ steht doppelt am Anfang.")
    try:
        texts.link(address)
    except ValueError as problem:
        return str(problem)
    return None


def says_nothing(words: str) -> bool:
    """Whether a link's text tells a screen reader nothing: „hier“, or a bare address."""
    return words.casefold().strip(" .:!>»→") in _SAYS_NOTHING
