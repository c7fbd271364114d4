"""Settled tokens as a tree. markdown-it has one of its own; that one knows its parents, and so
leaves work to the garbage collector, and asks its tokens anew at every look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token


@dataclass(slots=True)
class Node:
    """A token, or what stands between an opening and its closing one."""

    type: str  # without „_open“
    content: str = ""
    markup: str = ""
    info: str = ""
    hidden: bool = False  # a paragraph of a tight list
    attrs: dict[str, Any] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)


def grown(tokens: Sequence[Token]) -> Node:
    """The tree of these tokens, below a root."""
    root = Node("root")
    open_ = [root]
    for token in tokens:
        if token.nesting < 0:
            open_.pop()
            continue
        kind = token.type.removesuffix("_open") if token.nesting else token.type
        below = grown(token.children).children if token.children else []
        node = Node(kind, token.content, token.markup, token.info, token.hidden, token.attrs, below)
        open_[-1].children.append(node)
        if token.nesting:
            open_.append(node)
    return root
