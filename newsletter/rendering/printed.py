"""What of an item an issue prints (pure)."""

from ..content import Item
from ..language import _
from ..texts.typography import letters


def boxes(item: Item) -> tuple[tuple[str, str], ...]:
    """The parts of a success story that were filled in, each with its heading."""
    named = (
        (_("Herausforderung"), item.challenge),
        (_("Lösung"), item.solution),
        (_("Ergebnis"), item.result),
        (_("Zitat"), item.quote),
    )
    return tuple((name, text.strip()) for name, text in named if text and text.strip())


def in_full(item: Item) -> bool:
    """Whether the issue prints an item's whole text: only where no link leads to it.

    So the newsletter of the programme has always looked: a teaser, then „Mehr: …“. A mail of
    twenty whole texts would be cut off by Gmail (PR-06) and read by nobody.
    """
    differs = letters(item.body) != letters(item.teaser)  # one may have its typography already
    return differs and bool(item.body.strip()) and not (item.link and item.teaser.strip())
