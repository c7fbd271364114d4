"""Markdown, canonical and clean, and the HTML that readers see.

Of Markdown we keep paragraphs, line breaks, lists, quotes, headings of two levels, emphasis
and links. HTML is text, code is text, pictures are their alternative text, tables are lists.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from . import sources
from .characters import clean
from .links import link
from .tree import Node, grown
from .written import written

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}
# Emphasis around a bare address may not survive its first writing; the next round settles it.
_ROUNDS = 4
_BARE_URL = re.compile(r"https?://[^\s<>\"„“”‚‘’»«]+", re.IGNORECASE)
_LOOKS_LIKE_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_MAILTO = re.compile(r"mailto:([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)(?:\?.*)?")
_TEL = re.compile(r"tel:(\+?[0-9()./ -]{3,30})")


def markdown(text: str) -> str:
    """Canonical clean Markdown from Markdown input; its own output passes unchanged."""
    source = _source(text)
    for _ in range(_ROUNDS):
        before, text = source, written(_tree(source))
        source = _source(text)
        if source == before:  # read again it would be the same tree
            break
    return text


def _source(text: str) -> str:
    """What the parser gets to read."""
    return sources.tidied(text).strip("\n")


def to_html(text: str) -> str:
    """A clean HTML fragment from Markdown: the allow-list ``TAGS``, nothing else.

    Headings are h3 and h4; links are https, http, mailto or tel. It never raises, whatever
    the text is, and needs no earlier cleaning.
    """
    parser = _parser()
    html = parser.renderer.render(settled(text), parser.options, {})
    return clean(_cleaner().clean(html)).strip()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True, "maxNesting": 30})
    # Indented and fenced text is text; a line of dashes below a paragraph makes no heading;
    # „[Anmerkung]: …“ at the start of a line stays where it is; sources resolves entities.
    parser.disable(
        ["code", "fence", "backticks", "html_block", "html_inline", "lheading", "reference"]
    )
    parser.disable("entity")
    # target decides about every link; until then each is let through as it was typed.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.parse("*")  # it sorts its rules the first time, and meanwhile another thread has none
    return parser


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel=None,
        url_relative="deny",
    )


def settled(text: str) -> list[Token]:
    """The tokens of a Markdown text, without everything that we do not keep; nobody changes them.

    Kept for a moment: an item that comes in is cleaned, and shown as text and as HTML.
    """
    return _settled(_source(text))


@lru_cache(maxsize=32)
def _settled(source: str) -> list[Token]:
    tokens = [token for token in _parser().parse(source) if token.type != "hr"]
    _level_headings(tokens)
    for token in tokens:
        if token.children is not None:
            token.children = _trimmed(list(_linked(list(_unlinked(token.children)))))
    return _without_empty_paragraphs(tokens)


def tree(text: str) -> Node:
    """The same as a tree; nobody changes it."""
    return _tree(_source(text))


@lru_cache(maxsize=32)
def _tree(source: str) -> Node:
    return grown(_settled(source))


def _level_headings(tokens: Sequence[Token]) -> None:
    """The highest heading becomes h3, all below it h4."""
    highest = min((token.tag for token in tokens if token.type == "heading_open"), default="")
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3" if token.tag == highest else "h4"
            token.markup = "#" * int(token.tag[1])


def _without_empty_paragraphs(tokens: Sequence[Token]) -> list[Token]:
    """A picture without alternative text leaves nothing behind."""
    kept: list[Token] = []
    for token in tokens:
        if kept and token.type in {"paragraph_close", "heading_close"} and not kept[-1].children:
            del kept[-2:]
        else:
            kept.append(token)
    return kept


# -- inline -------------------------------------------------------------------------------


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _url(address: str) -> list[Token]:
    """A link that shows its own address."""
    opened = Token("link_open", "a", 1, attrs={"href": address}, markup="autolink", info="auto")
    closed = Token("link_close", "a", -1, markup="autolink", info="auto")
    return [opened, _text(address.removeprefix("mailto:")), closed]


def target(href: str) -> str | None:
    """The canonical address of a link, None for one that we do not keep."""
    if found := _MAILTO.fullmatch(href):
        return f"mailto:{found[1]}"
    if found := _TEL.fullmatch(href):
        return "tel:" + re.sub(r"[^+0-9]", "", found[1])
    try:
        return link(href)
    except ValueError:
        return None


def _unlinked(tokens: Sequence[Token]) -> Iterator[Token]:
    """Links with their canonical addresses; of refused ones, and of pictures, the words."""
    kept: str | None = None
    label: list[Token] = []
    inside = False
    for token in tokens:
        if token.type == "image":
            token = _text(token.content)
        if token.type == "link_open":
            inside, label, kept = True, [], target(str(token.attrs["href"]))
        elif token.type == "link_close":
            inside = False
            yield from _link(kept, label)
        elif inside:
            label.append(token)
        else:
            yield token


def _link(address: str | None, label: Sequence[Token]) -> Iterator[Token]:
    words = "".join(token.content for token in label).strip()
    if address is None:
        yield from label
    elif not words or words == address.removeprefix("mailto:") or _LOOKS_LIKE_URL.fullmatch(words):
        # An address that is shown must be the one that is opened (HT-09).
        yield from _url(address)
    else:
        yield Token("link_open", "a", 1, attrs={"href": address})
        yield from label
        yield Token("link_close", "a", -1)


def _linked(tokens: Sequence[Token]) -> Iterator[Token]:
    """Bare addresses in running text become links."""
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or depth:
            yield token
            continue
        done = 0
        for found in _BARE_URL.finditer(token.content):
            bare = _without_last_marks(found[0])
            address = target(bare)
            if address:
                yield _text(token.content[done : found.start()])
                yield from _url(address)
                done = found.start() + len(bare)
        yield _text(token.content[done:])


def _without_last_marks(url: str) -> str:
    """„… unter https://a.example/b.“: the full stop ends the sentence, not the address."""
    shorter = url.rstrip(".,;:!?'*_~]")
    if shorter.endswith(")") and "(" not in shorter:
        return _without_last_marks(shorter[:-1])
    return shorter


def _trimmed(tokens: Sequence[Token]) -> list[Token]:
    """No white space at the edges of a line, single spaces within, and no empty text."""
    kept = [token for token in tokens if token.type != "text" or token.content]
    for token, before, after in zip(kept, [None, *kept], [*kept[1:], None], strict=False):
        if token.type == "text":
            token.content = re.sub(r"\s+", " ", token.content)
            if before is None or before.type in {"softbreak", "hardbreak"}:
                token.content = token.content.lstrip()
            if after is None or after.type in {"softbreak", "hardbreak"}:
                token.content = token.content.rstrip()
    return [token for token in kept if token.type != "text" or token.content]
