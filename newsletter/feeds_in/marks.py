"""By what something in a feed is known again (pure)."""

import hashlib

from newsletter.brought import Found, Setting, day_of
from newsletter.likeness import telling_page


def marks(found: Found, setting: Setting) -> tuple[str, str]:
    """How a feed calls it, with its day; and what it says. A series is one, whatever comes next."""
    day = None if found.more_days else day_of(found.starts, setting.zone)
    link = telling_page(found.link or "")
    said = f"{found.kind} {found.title.casefold()} {day} {link}"
    named = f"{found.kind} {found.uid or said} {day if found.uid else ''}"
    return _digest(named), _digest(said)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
