"""Lines of the text part (pure)."""

import re
import textwrap

from .. import texts

COLUMNS = 72  # of the text part; the law of the house is 76, a bullet needs some


def plain(markdown: str) -> str:
    """A Markdown text as plain text."""
    return texts.to_text(markdown, COLUMNS)


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


def underlined(text: str, stroke: str) -> str:
    """A heading of the text part."""
    lines = wrapped(" ".join(text.split()))
    return f"{lines}\n{stroke * max((len(line) for line in lines.splitlines()), default=0)}"


def tight(text: str) -> str:
    """A block of the text part: no more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", text.strip("\n"))


def tidy(text: str) -> str:
    """A whole text part: no blanks at the ends of lines, no more than three empty lines."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines).strip("\n") + "\n"
