"""The texts of an issue and of its items, each with the name of its field."""

from collections.abc import Iterable, Iterator

from newsletter.content import IssueContent, Item
from newsletter.language import _

Texts = Iterable[tuple[str, str]]


def texts_of(item: Item) -> Iterator[tuple[str, str]]:
    """Every text of an item that readers see."""
    yield _("Titel"), item.title
    yield _("Teaser"), item.teaser
    yield from markdown_of(item)
    yield _("Ort"), item.location or ""
    if item.picture:
        yield _("Alternativtext"), item.picture.alt or ""
        yield _("Bildnachweis"), item.picture.credit or ""


def prose_of(item: Item) -> Iterator[tuple[str, str]]:
    """What is written in sentences."""
    yield _("Titel"), item.title
    yield _("Teaser"), item.teaser
    yield from markdown_of(item)


def markdown_of(item: Item) -> Iterator[tuple[str, str]]:
    """The texts that may have links and lists."""
    yield _("Text"), item.body
    yield _("Herausforderung"), item.challenge or ""
    yield _("Lösung"), item.solution or ""
    yield _("Ergebnis"), item.result or ""
    yield _("Zitat"), item.quote or ""


def words_of(content: IssueContent) -> tuple[tuple[str, str], ...]:
    """What an issue says besides its items."""
    return (
        (_("Betreff"), content.subject),
        (_("Vorschauzeile"), content.preheader),
        (_("Begrüßung"), content.opening),
    )
