"""What a public newsletter has brought, item by item: for its pages, its search, and other sites.

``published``  which items everybody may read, in which revision, and since when
``searching``  finds them by their words      ``folded``  words as they are compared (pure)
``described``  an item in the words of schema.org (pure)

An item is here while the archive shows an issue that holds it, or while it is published by
itself; and only as long as it is usable, under no embargo, and with its rights.
"""

from .described import Setting, described, whole_text
from .folded import LONGEST, Asked, marked
from .published import (
    NoSuchItem,
    Out,
    Page,
    changed_at,
    gone,
    items_of,
    notes_of,
    page_of,
    published,
    upcoming,
)
from .searching import Found, Hit, Index, Wanted, of_land, search

__all__ = [
    "LONGEST",
    "Asked",
    "Found",
    "Hit",
    "Index",
    "NoSuchItem",
    "Out",
    "Page",
    "Setting",
    "Wanted",
    "changed_at",
    "described",
    "gone",
    "items_of",
    "marked",
    "notes_of",
    "of_land",
    "page_of",
    "published",
    "search",
    "upcoming",
    "whole_text",
]
