"""Texts and pictures as the HTML part wants them (pure)."""

import re

from markupsafe import Markup

from .. import texts
from ..content import PictureUse


def sized(picture: PictureUse, widest: int = 552) -> tuple[int, int]:
    """Width and height in CSS pixels; ``widest`` is the column: 600 less both its paddings."""
    width = min(picture.width, widest)
    return width, max(1, round(picture.height * width / max(1, picture.width)))


def body(markdown: str) -> Markup:
    """Clean HTML of a text; its headings stand below the item's own h3."""
    return _from_level(4, markdown)


def opening(markdown: str) -> Markup:
    """Clean HTML of the opening; its headings stand below the h1."""
    return _from_level(2, markdown)


def _from_level(top: int, markdown: str) -> Markup:
    """``texts`` gives h3 and h4; they become the level asked for and the next (HT-11)."""
    levels = {"3": str(top), "4": str(top + 1)}
    html = re.sub(r"(?<=<h)[34]|(?<=</h)[34]", lambda m: levels[m[0]], texts.to_html(markdown))
    return Markup(html)  # noqa: S704 - texts.to_html cleans


def paragraphs(text: str) -> list[list[str]]:
    """Plain text as paragraphs of lines."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return [[line.strip() for line in block.splitlines()] for block in blocks if block.strip()]
