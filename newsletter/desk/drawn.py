"""Text with a role for each piece, as the panes show it; pure, and of no terminal library."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size


class Span(NamedTuple):
    """A piece of text and what it is: "", "dim", "bold", "good", "warn", "bad" or "mark"."""

    text: str
    role: str = ""


Drawn = list[Span]


def fitted(text: str, width: int) -> str:
    """One line of exactly so many cells; what does not fit ends in an ellipsis."""
    text = " ".join(text.split())
    if cell_len(text) > width > 0:
        text = set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, max(width, 0))


def plain(drawn: Iterable[Span]) -> str:
    """What is written there."""
    return "".join(span.text for span in drawn)


def padded(drawn: Sequence[Span], width: int) -> Drawn:
    """A line of exactly so many cells."""
    return list(_cut(drawn, width))


def _cut(drawn: Sequence[Span], width: int) -> Iterator[Span]:
    left = width
    for text, role in drawn:
        needed = cell_len(text)
        yield Span(text if needed <= left else set_cell_size(text, left), role)
        left -= min(needed, left)
    if left:
        yield Span(" " * left)
