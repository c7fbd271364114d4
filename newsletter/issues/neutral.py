"""An edition as one would see it who is no reader: each slot filled with words for anybody."""

from html import escape

from newsletter.content import TO_ANYBODY, Edition, Slot
from newsletter.language import _, speaking

NO_GOODBYE = "#abbestellen"  # leads nowhere: there is nobody here to unsubscribe


def html_of(edition: Edition, goodbye: str = NO_GOODBYE) -> str:
    """The HTML part, byte for byte but for its slots."""
    with speaking(edition.language):
        return _filled(edition.html, escape(_(TO_ANYBODY)), escape(goodbye))


def text_of(edition: Edition, goodbye: str = "") -> str:
    """The text part."""
    with speaking(edition.language):
        goodbye = goodbye or _("(hier steht der persönliche Link)")
        return _filled(edition.text, _(TO_ANYBODY), goodbye)


def _filled(part: str, salutation: str, goodbye: str) -> str:
    part = part.replace(Slot.SALUTATION.marker, salutation)
    return part.replace(Slot.UNSUBSCRIBE.marker, goodbye)
