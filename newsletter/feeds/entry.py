"""A feed and what stands in it (pure). Every text is plain but ``html``."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Author:
    """Whom an entry is from: an organisation, never a person."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """``term`` for programs ("DE-BB", "date"), ``label`` for people („Brandenburg“)."""

    term: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item. ``id`` never changes and is never used again."""

    id: str
    url: str
    title: str
    summary: str
    html: str  # clean, with absolute addresses
    published_at: datetime
    updated_at: datetime
    authors: tuple[Author, ...]
    language: str = "de"
    categories: tuple[Category, ...] = ()
    link: str = ""  # where the item itself leads
    picture: str = ""  # its address
    calendar: str = ""  # of a date: its .ics


@dataclass(frozen=True, slots=True)
class Feed:
    """One page of a feed; the addresses of the others are empty where there is none."""

    id: str
    title: str
    home: str  # for people
    here: str
    publisher: Author
    updated_at: datetime
    entries: tuple[Entry, ...]
    language: str = "de"
    subtitle: str = ""
    first: str = ""
    newer: str = ""
    older: str = ""
    last: str = ""
