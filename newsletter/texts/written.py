"""Settled tokens written as Markdown again, canonically: one way to write each thing.

Only what our own parser would read as markup is escaped, so that editors see the text as it
was typed. Every step is linear in the text.
"""

import re
import textwrap
from collections.abc import Iterator

from .tree import Node

_EMPHASIS = re.compile(r"(?<!\s)\*|\*(?!\s)|(?<![^\W_])_|_(?![^\W_])")
_AUTOLINK = re.compile(r"<(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]*>|[^<>\s@]+@[^<>\s]+>)")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,31};)")
# What begins a block when it stands at the start of a line.
_OPENS_A_BLOCK = re.compile(r"^(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|\||[-*_](?=(?:\s*[-*_]){2,}\s*$))")
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def written(tree: Node) -> str:
    """The Markdown of a tree of settled tokens."""
    return "\n\n".join(_blocks(tree))


def _blocks(node: Node) -> Iterator[str]:
    before, second = "", False
    for child in node.children:
        second = child.type == before and not second  # two lists in a row differ in their mark
        before = child.type
        match child.type:
            case "paragraph":
                yield _lines(_inline(child))
            case "heading":
                words = _inline(child).replace("\\\n", " ").replace("\n", " ")
                yield f"{child.markup} " + re.sub(r"(#+)$", r"\\\1", words)
            case "blockquote":
                inner = "\n\n".join(_blocks(child))
                yield "\n".join(f"> {row}".rstrip() for row in inner.split("\n"))
            case "bullet_list":
                yield _list(child, ["* " if second else "- "] * len(child.children))
            case "ordered_list":
                dot = ") " if second else ". "
                yield _list(child, [f"{n}{dot}" for n in range(1, len(child.children) + 1)])
            case _:
                yield from _blocks(child)


def _list(node: Node, marks: list[str]) -> str:
    tight = all(
        part.hidden for item in node.children for part in item.children if part.type == "paragraph"
    )
    between = "\n" if tight else "\n\n"
    items = (
        mark + textwrap.indent(between.join(_blocks(item)), " " * len(mark)).lstrip(" ")
        for mark, item in zip(marks, node.children, strict=True)
    )
    return between.join(item.rstrip() for item in items)


def _lines(text: str) -> str:
    """Running text of which no line opens a block."""
    rows = (_NUMBER.sub(r"\1\\\2", row) for row in text.split("\n"))
    return "\n".join(_OPENS_A_BLOCK.sub(r"\\\1", row) for row in rows)


def _inline(node: Node) -> str:
    return "".join(_spans(node))


def _spans(node: Node) -> Iterator[str]:
    children = node.children
    for child, after in zip(children, [*children[1:], None], strict=True):
        match child.type:
            case "text":
                text = _escaped(child.content)
                is_image = text.endswith("!") and after is not None and after.type == "link"
                yield text[:-1] + "\\!" if is_image else text
            case "softbreak":
                yield "\n"
            case "hardbreak":
                yield "\\\n"
            case "strong":
                yield f"**{_inline(child)}**"
            case "em":
                yield f"*{_inline(child)}*"
            case "link" if child.info == "auto":
                yield f"<{str(child.attrs['href']).removeprefix('mailto:')}>"
            case "link":
                yield f"[{_inline(child)}]({_destination(str(child.attrs['href']))})"
            case _:
                yield _inline(child)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("](", "\\](")
    text = _EMPHASIS.sub(lambda found: "\\" + found[0], text)
    return _ENTITY.sub(r"\\&", _AUTOLINK.sub(r"\\<", text))


def _destination(href: str) -> str:
    return f"<{href}>" if re.search(r"[()]", href) else href
