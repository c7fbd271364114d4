"""Which features of HTML and CSS a mail uses, by the names that caniemail.com gives them (pure).

What only Word reads, in conditional comments, is not looked at.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

_ELEMENTS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "li", "dl", "dt", "dd"), "html-lists"),
    **dict.fromkeys(("map", "area"), "html-image-maps"),
    **dict.fromkeys(("s", "strike"), "html-strike"),
    **dict.fromkeys(("article", "aside", "details", "figcaption", "figure"), "html-semantics"),
    **dict.fromkeys(("footer", "header", "main", "mark", "nav"), "html-semantics"),
    **dict.fromkeys(("section", "summary", "time"), "html-semantics"),
}
_ATTRIBUTES = {"loading": "html-loading-attribute", "popover": "html-popover"}
_SIDES = re.compile(r"(border|margin|padding)-(?:top|right|bottom|left)(?:-\w+)?")
_LOGICAL = re.compile(r"(?:border|margin|padding|inset)-(?:block|inline)")
_FUNCTIONS = {
    **dict.fromkeys(("rgb", "rgba"), "css-{}"),
    **dict.fromkeys(("clamp", "max", "min", "light-dark"), "css-function-{}"),
    **dict.fromkeys(("linear-gradient", "radial-gradient", "conic-gradient"), "css-{}"),
    "calc": "css-unit-calc",
    "var": "css-variables",
}
_UNIT = re.compile(r"(?<![\w#.-])-?\d*\.?\d+(ch|cm|em|ex|in|mm|pc|pt|rem|vh|vmax|vmin|vw)\b")
_AT_MEDIA = (
    "prefers-color-scheme",
    "prefers-reduced-motion",
    "device-pixel-ratio",
    "hover",
    "orientation",
)
_SELECTORS = {
    "css-selector-attribute": re.compile(r"\["),
    "css-selector-child": re.compile(r">"),
    "css-selector-adjacent-sibling": re.compile(r"\+"),
    "css-selector-general-sibling": re.compile(r"~"),
    "css-selector-universal": re.compile(r"(?<![\w.#-])\*"),
    "css-selector-id": re.compile(r"#[\w-]"),
    "css-selector-chaining": re.compile(r"\.[\w-]+\.[\w-]"),
}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{};]+)\{|([^{};]+);?|\}")


@lru_cache(maxsize=8)
def used(html: str) -> frozenset[str]:
    """The features of an HTML document; names that no table has may be among them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return frozenset(reader.found)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        self.found.add(_ELEMENTS.get(tag, f"html-{tag}"))
        for name, value in attrs:
            self.found.update(_of_attribute(tag, name, value or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.found.update(_of_sheet(_COMMENT.sub(" ", data)))


def _of_attribute(tag: str, name: str, value: str) -> Iterator[str]:
    if name == "style":
        yield from _of_declarations(value)
    elif name == "href" and tag == "a":
        yield from _of_link(value)
    elif name == "src" and tag == "img":
        yield from _of_picture(value)
    elif (tag, name) == ("meta", "name"):
        yield f"html-meta-{value.lower()}"
    else:
        yield _ATTRIBUTES.get(name, f"html-{name}")


def _of_link(address: str) -> Iterator[str]:
    if address.startswith("#"):
        yield "html-anchor-links"
    if address.startswith("mailto:"):
        yield "html-mailto-links"


def _of_picture(address: str) -> Iterator[str]:
    if address.startswith("data:"):
        yield "image-base64"
    kind = urlsplit(address).path.rpartition(".")[2].lower()
    yield f"image-{'jpg' if kind == 'jpeg' else kind}"


def _of_sheet(sheet: str) -> Iterator[str]:
    for found in _RULE.finditer(sheet):
        selector, declaration = (found[1] or "").strip(), (found[2] or "").strip()
        if selector.startswith("@"):
            yield from _of_at_rule(selector)
        elif selector:
            yield from _of_selector(selector)
        elif declaration.startswith("@"):
            yield from _of_at_rule(declaration)
        elif declaration:
            yield from _of_declarations(declaration)


def _of_at_rule(rule: str) -> Iterator[str]:
    name = re.split(r"[\s(]", rule[1:], maxsplit=1)[0]
    yield f"css-at-{name}"
    yield from (f"css-at-media-{each}" for each in _AT_MEDIA if name == "media" and each in rule)


def _of_selector(selector: str) -> Iterator[str]:
    yield from (name for name, pattern in _SELECTORS.items() if pattern.search(selector))
    for colons, name in re.findall(r"(::?)([\w-]+)", re.sub(r"\[[^\]]*\]", "", selector)):
        yield f"css-pseudo-{'element' if colons == '::' else 'class'}-{name}"


@lru_cache(maxsize=1_024)  # a mail says the same hundreds of times
def _declared(declarations: str) -> frozenset[str]:
    return frozenset(_each_declared(declarations))


def _of_declarations(declarations: str) -> Iterator[str]:
    yield from _declared(declarations)


def _each_declared(declarations: str) -> Iterator[str]:
    for each in declarations.split(";"):
        name, colon, value = each.partition(":")
        if colon:
            yield from _of_property(name.strip().lower(), value.strip().lower())


def _of_property(name: str, value: str) -> Iterator[str]:
    if name.startswith(("mso-", "-ms-")):
        return
    yield f"css-{_general(name)}"
    if name == "display":
        yield f"css-display-{value.removeprefix('inline-').split(' ')[0]}"
    if "!important" in value:
        yield "css-important"
    if "url(" in value and name.startswith("background"):
        yield "css-background-image"
    for function in re.findall(r"([a-z-]+)\(", value):
        yield _FUNCTIONS.get(function, "css-function-{}").format(function)
    yield from (f"css-unit-{unit}" for unit in _UNIT.findall(value))


def _general(name: str) -> str:
    """The name under which a property is known: „padding“ for „padding-left“."""
    if name in {"left", "right", "top", "bottom"}:
        return "left-right-top-bottom"
    if name.endswith("-radius"):
        return "border-radius"
    if _LOGICAL.match(name):
        return name
    return found[1] if (found := _SIDES.fullmatch(name)) else name
