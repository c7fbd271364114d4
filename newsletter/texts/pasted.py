"""HTML that people paste, above all from Word, turned into clean Markdown."""

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import nh3

from .characters import clean
from .marked import markdown, target

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

DEEPEST = 100  # nested elements; the converter works recursively
MOST_ELEMENTS = 6_000  # opening and closing; pasted Word needs some 1,500 for a long text

# What is read; what is written, marked.to_html decides.
_READ = {
    *("p", "div", "br", "span", "a", "b", "strong", "i", "em", "blockquote", "hr", "pre"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"),
    *("section", "article", "header", "footer", "main", "figure", "figcaption"),
}
_NEVER = {"script", "style", "title", "xml", "svg", "math", "iframe", "object", "template"}
_TAG = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_ELEMENT = re.compile(r'<(/?)([a-z][a-z0-9:]*)[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_END_BY_THEMSELVES = frozenset(
    {*("br", "hr", "img", "p", "li", "td", "th", "tr", "dt", "dd", "meta", "link", "col", "input")}
)
_MSO_LEVEL = re.compile(r"mso-list:[^;]*\blevel(\d)")


def from_html(html: str) -> str:
    """Clean Markdown from HTML: words, lists, links and emphasis stay, the rest goes.

    Word's conditional comments and styles vanish, its fake lists become real ones, tables
    become lists or paragraphs. Contents of script and style are dropped, no other text is.
    """
    given = _without_conditions(clean(html))
    # Readers of HTML take a time that grows with the square of its depth.
    if _too_tangled(given.lower()):
        return markdown(_only_text(given))
    safe = _reader().clean(given)
    if _too_tangled(safe):
        return markdown(_only_text(safe))
    soup = _soup(safe)
    _lists_from_word(soup)
    _settle_blocks(soup)
    _settle_links(soup)
    _tables_as_text(soup)
    soup.smooth()
    return markdown(_converted(soup))


def _reader() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_READ,
        clean_content_tags=_NEVER,
        attributes={"a": {"href"}, "ol": {"start"}, "p": {"style", "class"}, "span": {"style"}},
        link_rel=None,
        url_relative="deny",
    )


def _soup(html: str) -> "BeautifulSoup":
    from bs4 import BeautifulSoup  # 40 ms: only for those who paste

    return BeautifulSoup(html, "html.parser")


def _converted(soup: "BeautifulSoup") -> str:
    from markdownify import MarkdownConverter

    converter: Any = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        newline_style="BACKSLASH",
        escape_misc=True,
        autolinks=False,
    )
    return str(converter.convert_soup(soup))


def _without_conditions(html: str) -> str:
    """HTML without what is meant for Word alone: ``<!--[if gte mso 9]> … <![endif]-->``."""
    first, *parts = re.split(r"<!--\[if\b", html, flags=re.IGNORECASE)
    return first + "".join(_after_condition(part) for part in parts)


def _after_condition(part: str) -> str:
    if revealed := re.match(r"[^>]*\]><!-*>", part):  # <!--[if !mso]><!--> is for all others
        return part[revealed.end() :]
    _, end, rest = part.partition("<![endif]-->")
    return rest if end else part


def _too_tangled(html: str) -> bool:
    """Whether there are too many elements, or too deep ones; some end by themselves."""
    found = _ELEMENT.findall(html)
    depth = deepest = 0
    for closing, name in found:
        if name not in _END_BY_THEMSELVES:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest > DEEPEST or len(found) > MOST_ELEMENTS


def _only_text(html: str) -> str:
    """The words of HTML that is nested too deep for a converter, as Markdown."""
    words = unescape(_TAG.sub(" ", re.sub(r"<(p|div|br|li)\b", r"\n\n<\1", html)))
    return re.sub(r"([\\`*_\[\]<>#+|~&-])", r"\\\1", words)


def _settle_blocks(soup: "BeautifulSoup") -> None:
    for words in soup.find_all(string=True):
        if words.find_parent("pre") is None:
            words.replace_with(re.sub(r"\s+", " ", words))
    for numbered in soup.find_all("ol"):
        if len(numbered.find_all("li", recursive=False)) == 1:
            numbered.name = "ul"  # one item counts nothing
    for term in soup.find_all(["dt", "dd", "caption", "figcaption"]):
        term.name = "p"
    for verbatim in soup.find_all("pre"):
        verbatim.name = "p"


def _settle_links(soup: "BeautifulSoup") -> None:
    for anchor in soup.find_all("a"):
        address = target(str(anchor.get("href", "")))
        if address is None:
            anchor.unwrap()
        else:
            anchor["href"] = address.replace("(", "%28").replace(")", "%29")


# -- Word's lists: paragraphs of the class MsoListParagraph, their mark in a span -----------


def _lists_from_word(soup: "BeautifulSoup") -> None:
    run: list[Tag] = []
    for paragraph in soup.find_all("p"):
        if not _MSO_LEVEL.search(str(paragraph.get("style", ""))):
            continue
        if run and paragraph.find_previous_sibling() is not run[-1]:
            _make_list(soup, run)
            run = []
        run.append(paragraph)
    if run:
        _make_list(soup, run)


def _make_list(soup: "BeautifulSoup", run: list["Tag"]) -> None:
    """Turn a run of list paragraphs into nested lists, in the place of the first."""
    anchor = soup.new_tag("div")
    run[0].insert_before(anchor)
    open_: list[tuple[int, Tag]] = []
    for paragraph in run:
        level = int(_MSO_LEVEL.findall(str(paragraph["style"]))[0])
        name = "ol" if re.match(r"\W?\w{1,3}[.)]", _take_mark(paragraph)) else "ul"
        while open_ and (
            open_[-1][0] > level or (open_[-1][0] == level and open_[-1][1].name != name)
        ):
            open_.pop()
        if not open_ or open_[-1][0] < level:
            inner = soup.new_tag(name)
            outer = open_[-1][1].find_all("li", recursive=False)[-1] if open_ else anchor
            outer.append(inner)
            open_.append((level, inner))
        paragraph.name = "li"
        open_[-1][1].append(paragraph.extract())


def _take_mark(paragraph: "Tag") -> str:
    """Remove „·      “ or „1.   “ from the paragraph and return it."""
    for span in paragraph.find_all("span"):
        if "mso-list:ignore" in str(span.get("style", "")).lower().replace(" ", ""):
            mark = span.get_text().strip()
            span.decompose()
            return mark
    return ""


# -- tables ---------------------------------------------------------------------------------


def _tables_as_text(soup: "BeautifulSoup") -> None:
    for table in reversed(soup.find_all("table")):
        rows = [list(row.find_all(["td", "th"])) for row in table.find_all("tr")]
        if any(_holds_blocks(cell) for row in rows for cell in row) or not any(rows):
            _unwrap_cells(table)
        else:
            _rows_as_list(soup, table, rows)


def _holds_blocks(cell: "Tag") -> bool:
    """Whether a table only arranges: a cell with several paragraphs, a list, a heading."""
    return len(cell.find_all("p")) > 1 or bool(cell.find(["ul", "ol", "h1", "h2", "h3", "h4"]))


def _unwrap_cells(table: "Tag") -> None:
    for part in table.find_all(["td", "th", "tr", "thead", "tbody", "tfoot"]):
        part.name = "div"
    table.name = "div"


def _rows_as_list(soup: "BeautifulSoup", table: "Tag", rows: list[list["Tag"]]) -> None:
    """Each row becomes an item: „Kopf: Zelle; Kopf: Zelle“, or „Zelle: Zelle“."""
    heads: list[str] = []
    if len(rows) > 1 and all(cell.name == "th" for cell in rows[0]):
        heads = [cell.get_text(" ", strip=True) for cell in rows.pop(0)]
    between = "; " if heads else ": " if all(len(row) == 2 for row in rows) else " – "
    made = soup.new_tag("ul" if len(rows) > 1 else "div")
    for row in rows:
        item = soup.new_tag("li" if len(rows) > 1 else "p")
        for number, cell in enumerate(row):
            for paragraph in cell.find_all(["p", "div"]):
                paragraph.unwrap()
            item.append(between if number else "")
            item.append(f"{heads[number]}: " if number < len(heads) else "")
            item.extend(list(cell.contents))
        made.append(item)
    table.replace_with(made)
