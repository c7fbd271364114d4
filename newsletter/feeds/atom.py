"""A feed as Atom (pure): RFC 4287, its pages as RFC 5005 §3 links them."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from newsletter.texts.characters import clean

from .entry import Author, Entry, Feed

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"


def atom(feed: Feed) -> bytes:
    """The same feed gives the same bytes. No character is in them that XML forbids."""
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _stamp(feed.updated_at))
    _link(root, "self", feed.here, MEDIA_TYPE)
    _link(root, "alternate", feed.home, "text/html")
    pages = {"first": feed.first, "previous": feed.newer, "next": feed.older, "last": feed.last}
    for rel, url in pages.items():
        _link(root, rel, url, MEDIA_TYPE)
    _author(root, feed.publisher)
    _add(root, "generator", "cluster-newsletter")
    for each in feed.entries:
        _entry(ET.SubElement(root, "entry", {"xml:lang": each.language}), each)
    written: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written


def _entry(parent: ET.Element, it: Entry) -> None:
    _add(parent, "id", it.id)
    _add(parent, "title", it.title)
    _add(parent, "published", _stamp(it.published_at))
    _add(parent, "updated", _stamp(it.updated_at))
    _link(parent, "alternate", it.url, "text/html")
    _link(parent, "related", it.link)
    _link(parent, "related", it.calendar, "text/calendar")
    for author in it.authors:
        _author(parent, author)
    for category in it.categories:
        ET.SubElement(parent, "category", {"term": category.term, "label": category.label})
    _add(parent, "summary", it.summary)
    _add(parent, "content", it.html).set("type", "html")


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = clean(text)
    return element


def _link(parent: ET.Element, rel: str, url: str, kind: str = "") -> None:
    if url:
        facts = {"rel": rel, "href": clean(url)} | ({"type": kind} if kind else {})
        ET.SubElement(parent, "link", facts)


def _author(parent: ET.Element, author: Author) -> None:
    element = ET.SubElement(parent, "author")
    _add(element, "name", author.name)
    if author.url:
        _add(element, "uri", author.url)


def _stamp(at: datetime) -> str:
    """RFC 3339, to the second, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
