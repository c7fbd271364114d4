"""What a public newsletter has brought, for feed readers and other sites.

``entry``       a feed and what stands in it    ``collecting``  which items those are
``atom``        as Atom (RFC 4287, RFC 5005)    ``json_feed``   as JSON Feed 1.1

An entry is an item that ``portal`` shows; so embargo, audience, rights and take-down hold here
without another word about them.
"""

from .atom import atom
from .collecting import MOST, NoSuchFeed, collected
from .entry import Author, Entry, Feed
from .json_feed import json_feed

__all__ = [
    "MOST",
    "Author",
    "Entry",
    "Feed",
    "NoSuchFeed",
    "atom",
    "collected",
    "json_feed",
]
