"""Tables that fit: columns where there is room, else a short card per row."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

GAP = "  "
BETWEEN = " · "
NARROWEST = 8  # no column gets narrower than this, or than its longest word
_TALLEST = 2  # lines of a cell; what needs more is a card


def room() -> int | None:
    """How many characters a line may have; None if nobody looks: pipes get whole lines."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        return None
    return max(20, shutil.get_terminal_size().columns)


def laid_out(
    heads: Sequence[str], rows: Sequence[Sequence[str]], most: int | None = None, lead: int = 1
) -> list[str]:
    """Rows as lines of at most ``most`` characters, nothing left out.

    Columns side by side if they fit with cells of two lines at most; else a card per row: its
    first cell and that of column ``lead``, and below it all the others that say something.
    """
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    if most is not None and _whole(widths) > most:
        least = [_longest_word(column) for column in zip(heads, *rows, strict=True)]
        narrow = _narrowed(widths, least, most)
        if narrow is None or any(_tall(row, narrow) for row in (heads, *rows)):
            return [line for row in rows for line in _card(row, most, lead)]
        widths = narrow
    rule = ["-" * width for width in widths]
    return [line for row in (heads, rule, *rows) for line in _in_columns(row, widths)]


def _whole(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _longest_word(column: Sequence[str]) -> int:
    return max([NARROWEST, *(len(word) for cell in column for word in cell.split())])


def _narrowed(widths: Sequence[int], least: Sequence[int], most: int) -> list[int] | None:
    """The widths, the widest ones cut until all fit; None if no id would stay whole."""
    narrow = list(widths)
    while _whole(narrow) > most:
        able = [at for at, width in enumerate(narrow) if width > least[at]]
        if not able:
            return None
        narrow[max(able, key=lambda at: narrow[at])] -= 1
    return narrow


def _tall(row: Sequence[str], widths: Sequence[int]) -> bool:
    cells = zip(row, widths, strict=True)
    return any(len(_wrapped(cell, width)) > _TALLEST for cell, width in cells)


def _wrapped(text: str, width: int, indent: str = "", further: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=further,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [""]


def sentences(text: str, indent: str = "") -> list[str]:
    """A sentence or two as lines that the terminal need not break inside a word."""
    most = room()
    return [indent + text] if most is None else _wrapped(text, most, indent, indent)


def _in_columns(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    for at in range(max(map(len, cells), default=0)):
        line = (cell[at] if at < len(cell) else "" for cell in cells)
        padded = (part.ljust(width) for part, width in zip(line, widths, strict=True))
        yield GAP.join(padded).rstrip()


def _card(row: Sequence[str], most: int, lead: int) -> Iterator[str]:
    first = [row[0], *([row[lead]] if 0 < lead < len(row) else [])]
    rest = [cell for at, cell in enumerate(row) if at not in {0, lead} and cell not in {"", "–"}]
    yield from _wrapped(GAP.join(first), most, "", "    ")
    if rest:
        yield from _wrapped(BETWEEN.join(rest), most, "    ", "    ")
