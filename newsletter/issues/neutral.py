"""An edition as one would see it who is no reader: each slot filled with words for anybody."""

from html import escape

from newsletter.content import TO_ANYBODY, Edition, Slot
from newsletter.language import _, speaking

NO_GOODBYE = "#abbestellen"  # leads nowhere: there is nobody here to unsubscribe
PREFERENCES = "/preferences"  # where one types an address; a mail needs it with our host


def html_of(edition: Edition, goodbye: str = NO_GOODBYE, preferences: str = PREFERENCES) -> str:
    """The HTML part, byte for byte but for its slots."""
    with speaking(edition.language):
        words = (escape(_(TO_ANYBODY)), escape(goodbye), escape(preferences))
    return _filled(edition.html, *words)


def text_of(edition: Edition, goodbye: str = "", preferences: str = "") -> str:
    """The text part."""
    with speaking(edition.language):
        personal = _("(hier steht der persönliche Link)")
        words = (_(TO_ANYBODY), goodbye or personal, preferences or personal)
    return _filled(edition.text, *words)


def _filled(part: str, salutation: str, goodbye: str, preferences: str) -> str:
    part = part.replace(Slot.SALUTATION.marker, salutation)
    part = part.replace(Slot.UNSUBSCRIBE.marker, goodbye)
    return part.replace(Slot.PREFERENCES.marker, preferences)
