"""What the HTML part is made of, read once: headings, tables, languages, colours, bytes.

Bytes are counted by element: a block's own are those of no block or item inside it.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from .colours import WHITE, Rgb, colour

_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
_FORBIDDEN = frozenset(
    {"script", "form", "iframe", "object", "embed", "video", "audio", "base", "input", "button"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NAMED = re.compile(r"^(?:block-[\w-]+|item-q\d+)$")
_LARGE, _LARGE_BOLD = 24.0, 18.66  # CSS pixels (WCAG 1.4.3)
_REFRESH = "refresh"
_SAID = 40  # characters of a text that is named


@dataclass(frozen=True, slots=True)
class Contrast:
    """A text on its ground; ``large`` counts for what WCAG asks of it."""

    ink: Rgb
    ground: Rgb
    large: bool
    text: str


@dataclass(slots=True)
class Anatomy:
    """What one pass over the HTML part has seen."""

    languages: dict[str, str] = field(default_factory=dict)  # "html", "body": what they say
    headings: list[tuple[int, str]] = field(default_factory=list)
    tables_without_role: int = 0
    forbidden: list[str] = field(default_factory=list)
    styles: list[int] = field(default_factory=list)  # bytes of each <style>
    contrasts: dict[tuple[Rgb, Rgb, bool], Contrast] = field(default_factory=dict)
    own_bytes: Counter[str] = field(default_factory=Counter)  # by "block-…", "item-q…", ""


@dataclass(slots=True)
class _Open:
    tag: str
    ink: Rgb
    ground: Rgb
    size: float
    bold: bool
    hidden: bool
    part: str  # the block or item around it


@lru_cache(maxsize=4)
def anatomy(html: str) -> Anatomy:
    """Read an HTML part; whatever it is, this does not raise."""
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    reader.finish(len(html))
    return reader.seen


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Anatomy()
        self._html, self._counted = html, 0
        self._starts = [0]
        self._starts += [match.end() for match in re.finditer("\n", html)]
        self._stack = [_Open("", (0, 0, 0), WHITE, 16.0, False, False, "")]
        self._heading: list[str] | None = None
        self._bare: list[bool] = []  # of each open table: nothing says what it is

    # -- what the parser tells --------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        if tag in _VOID:
            return
        opened = _inside(self._stack[-1], tag, given)
        if opened.part != self._stack[-1].part:
            self._count_until(self._here())
        self._stack.append(opened)
        if tag in _HEADINGS:
            self._heading = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS and self._heading is not None:
            self.seen.headings.append((int(tag[1]), " ".join("".join(self._heading).split())))
            self._heading = None
        if tag == "table" and self._bare:
            self.seen.tables_without_role += self._bare.pop()
        places = [at for at, opened in enumerate(self._stack) if opened.tag == tag]
        if not places:
            return
        last = places[-1]
        if self._stack[last - 1].part != self._stack[-1].part:
            self._count_until(self._here() + len(f"</{tag}>"))
        del self._stack[last:]

    def handle_data(self, data: str) -> None:
        here = self._stack[-1]
        if here.tag == "style":
            self.seen.styles.append(len(data.encode()))
            return
        if self._heading is not None:
            self._heading.append(data)
        if here.hidden or here.tag in {"title", "head"} or not data.strip():
            return
        large = here.size >= (_LARGE_BOLD if here.bold else _LARGE)
        key = (here.ink, here.ground, large)
        self.seen.contrasts.setdefault(key, Contrast(*key, " ".join(data.split())[:_SAID]))

    # -- what is made of it -----------------------------------------------------------------

    def _look(self, tag: str, given: dict[str, str]) -> None:
        if tag == "html":
            self.seen.languages["html"] = given.get("lang", "")
        elif self._stack[-1].tag == "body" and given.get("lang"):  # Gmail drops html and body
            self.seen.languages["body"] = given["lang"]
        if tag == "table":
            self._bare.append("role" not in given)
        elif tag == "th" and self._bare:
            self._bare[-1] = False
        if tag in _FORBIDDEN or (tag == "meta" and given.get("http-equiv", "") == _REFRESH):
            self.seen.forbidden.append(tag)
        if tag == "link" and "stylesheet" in given.get("rel", ""):
            self.seen.forbidden.append(tag)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def _count_until(self, place: int) -> None:
        piece = self._html[self._counted : place]
        self.seen.own_bytes[self._stack[-1].part] += len(piece.encode())
        self._counted = place

    def finish(self, end: int) -> None:
        self._count_until(end)


def _inside(around: _Open, tag: str, given: dict[str, str]) -> _Open:
    """What an element inherits, and what it changes."""
    style = _styled(given.get("style", ""))
    return _Open(
        tag=tag,
        ink=style.ink or colour(given.get("color", "")) or around.ink,
        ground=style.ground or colour(given.get("bgcolor", "")) or around.ground,
        size=style.size or around.size,
        bold=_bold(around, tag) if style.bold is None else style.bold,
        hidden=around.hidden or style.hidden or tag in {"script", "title"},
        part=next((name for name in given.get("class", "").split() if _NAMED.match(name)), "")
        or around.part,
    )


def _bold(around: _Open, tag: str) -> bool:
    return around.bold or tag in {"b", "strong", "th"} or tag in _HEADINGS


@dataclass(frozen=True, slots=True)
class _Style:
    """What one ``style`` says; None: nothing."""

    ink: Rgb | None
    ground: Rgb | None
    size: float | None
    bold: bool | None
    hidden: bool


@lru_cache(maxsize=1024)  # the elements of a mail share few
def _styled(style: str) -> _Style:
    said = _declarations(style)
    bold = said.get("font-weight")
    return _Style(
        ink=colour(said.get("color", "")),
        ground=colour(said.get("background-color") or said.get("background", "")),
        size=_pixels(said.get("font-size", "")),
        bold=None if bold is None else bold in {"bold", "600", "700", "800", "900"},
        hidden=said.get("display") == "none",
    )


def _declarations(style: str) -> dict[str, str]:
    pairs = (each.partition(":") for each in style.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, __, value in pairs}


def _pixels(size: str) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)px(?:\s*!important)?", size)
    return float(found[1]) if found else None
