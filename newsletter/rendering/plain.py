"""Lines of the text part (pure)."""

import re
import textwrap
from collections.abc import Sequence
from functools import partial

from .. import texts
from ..language import spoken
from ..texts.typography import plainly, typeset

COLUMNS = 72  # of the text part; the law of the house is 76, a bullet needs some


def plain(markdown: str, language: str = "", *, typography: bool = True) -> str:
    """A Markdown text as plain text, with the typography of its language, else of the issue's."""
    printed = partial(typeset, language=language or spoken()) if typography else str
    return texts.to_text(markdown, COLUMNS, printed)


def wrapped(text: str, first: str = "", later: str | None = None) -> str:
    """Plain text in lines of ``COLUMNS``; a word that is longer stays whole, above all a URL."""
    later = " " * len(first) if later is None else later
    return "\n".join(
        textwrap.fill(
            line,
            COLUMNS,
            initial_indent=first if number == 0 else later,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(text.splitlines())
    )


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Facts below each other, each behind its label; rows without a fact are left out."""
    told = [(label, _on_one_line(fact)) for label, fact in rows if fact]
    wide = max((len(label) for label, _fact in told), default=0) + 1
    return "\n".join(wrapped(fact, label.ljust(wide), " " * wide) for label, fact in told)


def underlined(text: str, stroke: str) -> str:
    """A heading of the text part."""
    lines = wrapped(_on_one_line(text))
    return f"{lines}\n{stroke * max((len(line) for line in lines.splitlines()), default=0)}"


def _on_one_line(text: str) -> str:
    return re.sub(r"[ \n\t]+", " ", text).strip()  # no-break spaces stay


def tight(text: str) -> str:
    """A block of the text part: no more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", text.strip("\n"))


def tidy(text: str) -> str:
    """A whole text part: no blanks at the ends of lines, no more than three empty lines.

    Lines break where they may; what kept them from breaking elsewhere is a plain space now.
    """
    text = plainly(text)
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines).strip("\n") + "\n"
