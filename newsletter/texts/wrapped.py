"""Markdown as plain text for the text part of a mail."""

import re
import textwrap
from collections.abc import Callable, Iterator

from .marked import tree
from .tree import Node


def to_text(text: str, width: int = 72, printed: Callable[[str], str] = str) -> str:
    """Wrapped plain text; each address stands alone on its line and is never broken.

    A link in a sentence leaves its words there, and its address follows the paragraph; with
    several links each address is announced by its words. ``printed`` sets each paragraph's
    running text before it is wrapped; no line breaks at its no-break spaces.
    """
    return "\n\n".join(_blocks(tree(text), width, printed))


def _blocks(node: Node, width: int, printed: Callable[[str], str]) -> Iterator[str]:
    for child in node.children:
        match child.type:
            case "bullet_list" | "ordered_list":
                yield _list(child, width, printed)
            case "blockquote":
                inner = "\n\n".join(_blocks(child, width - 2, printed))
                yield "\n".join(f"> {row}".rstrip() for row in inner.split("\n"))
            case "paragraph" | "heading":
                yield _paragraph(child, width, printed)
            case _:
                yield from _blocks(child, width, printed)


def _list(node: Node, width: int, printed: Callable[[str], str]) -> str:
    items: list[str] = []
    for number, item in enumerate(node.children, 1):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        inner = "\n".join(_blocks(item, width - len(mark), printed))
        items.append(mark + textwrap.indent(inner, " " * len(mark)).lstrip())
    return "\n".join(items)


def _paragraph(node: Node, width: int, printed: Callable[[str], str]) -> str:
    """The words, then the addresses of its links."""
    lines: list[str] = [""]
    links: list[tuple[str, str]] = []
    for inline in node.children:
        _words(inline, lines, links)
    rows = [row for line in lines for row in _fill(printed(line), width)]
    for words, url in links:
        rows += [url] if len(links) == 1 else [*_fill(f"{printed(words)}:", width), url]
    return "\n".join(rows)


def _words(node: Node, lines: list[str], links: list[tuple[str, str]]) -> None:
    """Collect lines of running text and links, in reading order."""
    for child in node.children:
        match child.type:
            case "text":
                lines[-1] += child.content if lines[-1] or len(lines) < 2 else _later(child.content)
            case "softbreak":
                lines[-1] += " "
            case "hardbreak":
                lines.append("")
            case "link" if child.info == "auto" and not _is_mail(child):
                lines += [_said(child), ""]
            case "link":
                lines[-1] += _said(child)
                if not (_is_mail(child) and child.info == "auto"):
                    links.append((_said(child), _address(child)))
            case _:
                _words(child, lines, links)


def _later(text: str) -> str:
    """What follows an address: the mark that closed its clause has no place on a new line."""
    return re.sub(r"^\s*[.,;:]*\s*", "", text)


def _said(node: Node) -> str:
    """The words of a link."""
    if node.type == "text":
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    return "".join(_said(child) for child in node.children)


def _address(node: Node) -> str:
    return str(node.attrs["href"]).removeprefix("mailto:").removeprefix("tel:")


def _is_mail(node: Node) -> bool:
    return str(node.attrs["href"]).startswith("mailto:")


def _fill(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(20, width), break_long_words=False, break_on_hyphens=False)
