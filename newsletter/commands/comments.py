"""How editors' comments look at the terminal and as JSON."""

from collections.abc import Iterator, Sequence

from newsletter.commands import moments
from newsletter.language import _
from newsletter.models.colleague import Comment


def lines(said: Sequence[Comment]) -> Iterator[str]:
    """Comments for the terminal, the oldest first; nothing without any."""
    if said:
        yield "\n" + _("Kommentare der Redaktion:")
    for each in said:
        text = each.text.replace("\n", "\n    ")
        yield f"  {moments.moment(each.made_at)}  {each.made_by}: {text}"


def facts(said: Sequence[Comment]) -> list[dict[str, object]]:
    """Comments as JSON."""
    return [
        {"at": each.made_at.isoformat(), "by": each.made_by, "text": each.text} for each in said
    ]
