"""Why a page was not read, in words for whoever named it."""

from newsletter.errors import NewsletterError


class OutsideError(NewsletterError):
    """A page was not read."""

    sentence = "{why}"
    http_status = 422


class NotOpened(OutsideError):
    """We do not open this address, whatever is behind it."""


class NotReached(OutsideError):
    """From here it does not answer just now; that says nothing of the page."""

    exit_code = 3


class Unreadable(OutsideError):
    """It answers with something that we do not read."""


class Gone(OutsideError):
    """Its own server says that there is nothing (404, 410)."""
