"""One item taken out of a mail's bytes, and a sentence put in its place (DSGVO 17, KUG §22).

The HTML part encloses an item in an element of the class ``item-<reference>``; editions of
earlier days have its ``<h3 id="<reference>">`` alone, and what follows it. In the text part it
is found by its heading, and where that cannot be found nothing of the text part is left.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_CELL = '<td style="padding:8px 24px">{}</td>'
_ROWS = {"table": f"<tr>{_CELL}</tr>", "tbody": f"<tr>{_CELL}</tr>", "tr": _CELL}
_HEADINGS = ("h1", "h2", "h3")
# not ", with which an attribute ends
_QUOTES = r"(?:[\u201a-\u201f\u2018\u2019\u00bb\u00ab\u203a\u2039]|&quot;|&#34;)*"
_TELLING = 4  # words of a title that means one item, wherever it stands


@dataclass(slots=True)
class _Element:
    tag: str
    facts: dict[str, str]
    start: int
    inner: int  # where its content begins
    parent: "_Element | None"
    inner_end: int = 0
    end: int = 0
    children: list["_Element"] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.facts.get("class", "").split()

    def all(self) -> Iterator["_Element"]:
        """It and what is in it, in reading order."""
        waiting = [self]
        while waiting:
            it = waiting.pop()
            yield it
            waiting += reversed(it.children)


class _Reader(HTMLParser):
    """Where each element begins and ends. What stands in comments (for Outlook) is none."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *(it.end() for it in re.finditer("\n", html))]
        self.root = self._open = _Element("", {}, 0, 0, None)
        self.feed(html)
        self.close()
        while self._open.parent:
            self._shut(len(html), len(html))
        self.root.inner_end = self.root.end = len(html)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at, written = self._at(), self.get_starttag_text() or ""
        facts = {name: value or "" for name, value in attrs}
        it = _Element(tag, facts, at, at + len(written), self._open)
        it.inner_end = it.end = it.inner
        self._open.children.append(it)
        if tag not in _VOID and not written.endswith("/>"):
            self._open = it

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        it: _Element | None = self._open
        while it and it.tag != tag:
            it = it.parent
        if it is None or not tag:
            return
        while self._open is not it:
            self._shut(self._at(), self._at())
        self._shut(self._at(), self._at() + len(tag) + 3)

    def _shut(self, inner_end: int, end: int) -> None:
        self._open.inner_end, self._open.end = inner_end, end
        if self._open.parent:
            self._open = self._open.parent


def holds(html: str, reference: str) -> bool:
    """Whether an HTML part shows the item."""
    return bool(re.search(rf'\bid="{reference}"|\bitem-{reference}(?![\w-])', html))


def from_html(html: str, reference: str, said: str, line: str) -> str:
    """The HTML part without the item: ``said`` in its place, ``line`` in the contents list."""
    root = _Reader(html).root
    everything = list(root.all())
    cuts = [_emptied(it, reference, said) for it in everything if f"item-{reference}" in it.classes]
    if not cuts:
        titles = [it for it in everything if it.facts.get("id") == reference]
        cuts = [_up_to_the_next(it, reference, said) for it in titles]
    cuts += [_renamed(it, line) for it in everything if it.facts.get("href") == f"#{reference}"]
    cuts += [(it.start, it.end, "") for it in everything if "ld+json" in it.facts.get("type", "")]
    return _cut(html, cuts)


def headings(html: str) -> dict[str, str]:
    """The words of the headings of an HTML part, in reading order, by their id or place."""
    found = {}
    for number, it in enumerate(_Reader(html).root.all()):
        if it.tag in _HEADINGS:
            words = re.sub(r"<[^>]+>", "", html[it.inner : it.inner_end])
            found[it.facts.get("id") or str(number)] = words
    return found


_Cut = tuple[int, int, str]


def _said(reference: str, said: str) -> str:
    return f'<p id="{reference}">{escape(said)}</p>'


def _emptied(it: _Element, reference: str, said: str) -> _Cut:
    return it.inner, it.inner_end, _ROWS.get(it.tag, "{}").format(_said(reference, said))


def _up_to_the_next(title: _Element, reference: str, said: str) -> _Cut:
    """From an item's heading to the rule or heading after it, or to where its section ends."""
    around = title.parent or title
    after = (it for it in around.children if it.start >= title.end)
    next_ = next((it.start for it in after if it.tag in {"hr", *_HEADINGS}), around.inner_end)
    return title.start, next_, _said(reference, said)


def _renamed(link: _Element, line: str) -> _Cut:
    """A link of the contents list; what its line said besides, too."""
    around = link.parent
    if around is None or around.tag != "li":
        return link.inner, link.inner_end, escape(line)
    looks = ((name, link.facts[name]) for name in ("href", "class", "style") if name in link.facts)
    opens = "".join(f' {name}="{escape(value)}"' for name, value in looks)
    return around.inner, around.inner_end, f"<a{opens}>{escape(line)}</a>"


def _cut(html: str, cuts: Sequence[_Cut]) -> str:
    """The text with these parts replaced; one within another goes with it."""
    parts, at = [], 0
    for start, end, new in sorted(cuts, key=lambda it: (it[0], -it[1])):
        if start >= at:
            parts += [html[at:start], new]
            at = end
    return "".join([*parts, html[at:]])


# -- the text part --------------------------------------------------------------------------


def from_text(text: str, title: str, known: Sequence[str], said: str, line: str) -> str:
    """The text part without the item of this ``title``; ``said`` alone if it is not found.

    ``known`` are the words of all headings: the item ends where the next of them begins.
    """
    lines = text.split("\n")
    heads = [it for it in _underlined(lines) if _key(it[2]) in {_key(each) for each in known}]
    place = next((n for n, it in enumerate(heads) if _key(it[2]) == _key(title)), None)
    if place is None or not _key(title):
        return f"{said}\n"
    start = heads[place][0]
    end = heads[place + 1][0] if place + 1 < len(heads) else len(lines)
    before = _without_lines(lines[:start], title, line)
    return "\n".join([*before, said, "", "", *_without_lines(lines[end:], title, line)])


def _underlined(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Headings with a line drawn under them: where each begins, where its line is, its words."""
    for number, each in enumerate(lines):
        if number and re.fullmatch(r"([-=~*_#])\1+", each) and lines[number - 1].strip():
            start = number
            while start and lines[start - 1].strip():
                start -= 1
            yield start, number, " ".join(lines[start:number])


def _without_lines(lines: Sequence[str], title: str, line: str) -> list[str]:
    """Lines of the contents list that name the title, over as many lines as it takes, renamed."""
    out, number = [], 0
    while number < len(lines):
        taken = _naming(lines[number : number + 8], title)
        mark = re.match(r"\s*([-*•]|\d+[.)])?\s*", lines[number])
        out.append(f"{mark[0] if mark else ''}{line}" if taken else lines[number])
        number += taken or 1
    return out


def _naming(lines: Sequence[str], title: str) -> int:
    """How many of these lines are one that ends with the title; 0: they say something else."""
    wanted, said = _key(title), ""
    for number, each in enumerate(lines, 1):
        said += _key(each)
        if not each.strip() or len(said) > len(wanted) + 80:
            return 0
        if said.endswith(wanted) and len(said) - len(wanted) < len(_key(lines[0])):
            return number
    return 0


def _key(words: str) -> str:
    """Words without what typography and wrapping change in them."""
    plain = unicodedata.normalize("NFKC", unescape(words)).casefold()
    return "".join(it for it in plain if it.isalnum())


def names(text: str, title: str) -> bool:
    """Whether a text names the title, however it is set."""
    return bool(_key(title)) and _key(title) in _key(text)


def unnamed(text: str, title: str, line: str, leads: Sequence[str] = ()) -> str:
    """A part in which the title is named nowhere else: ``line`` says it instead, for example in
    the first line of the dates. A title of a word or two may be said of something else, and
    stays, but not after one of ``leads``, words of ours that a title follows.
    """
    words = re.findall(r"[^\W_]+", unescape(title).replace("\u00ad", ""))
    if not words:
        return text
    spelled = ("\u00ad?".join(map(re.escape, word)) for word in words)
    named = _QUOTES + r"(?:[^\w<>]|&#?\w+;){1,24}?".join(spelled) + _QUOTES + "[!?…]?"
    if len(words) >= _TELLING:
        return re.sub(named, lambda _: line, text)
    for lead in leads:
        before = r"(?:\s|&nbsp;)+".join(map(re.escape, lead.split()))
        text = re.sub(rf"({before}(?:\s|&nbsp;)+){named}(?!\w)", lambda it: it[1] + line, text)
    return text


def from_calendar(calendar: str, uid: str) -> str:
    """A calendar without the event of this UID."""
    if not uid:
        return calendar
    events = re.compile(r"BEGIN:VEVENT\r?\n.*?END:VEVENT\r?\n?", re.DOTALL)

    def kept(it: re.Match[str]) -> str:
        return "" if f"UID:{uid}" in re.sub(r"\r?\n[ \t]", "", it[0]).splitlines() else it[0]

    return events.sub(kept, calendar)
