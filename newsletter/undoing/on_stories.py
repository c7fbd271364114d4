"""How what was done to the stock is taken back."""

from newsletter import stories
from newsletter.history import Act
from newsletter.language import _
from newsletter.models.event import Event

from .deeds import About, Deed, Undone, item_of


def kept(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """It is not in stock, as if it had never been; the history keeps the terms."""
    item = item_of(act.session, line)
    stories.forget(act, item.reference)
    said = _("{id} liegt nicht mehr im Vorrat.").format(id=item.reference)
    return [Undone(item.reference, said, "stories list", {"in_stock": False})]


def taken_out(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """It is in stock again, under the terms that it had."""
    item = item_of(act.session, line)
    stories.put_back(act, item.reference)
    said = _("{id} liegt wieder im Vorrat.").format(id=item.reference)
    return [Undone(item.reference, said, f"stories show {item.reference}", {"in_stock": True})]
