"""RSS and Atom as news; and whatever else a feed's address may answer with, by what it is.

Read with defusedxml and no document type at all: a feed that declares entities is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING

from newsletter import texts
from newsletter.content import Kind
from newsletter.language import N_, _

from . import pages
from .calendars import of_calendar
from .found import Found, Setting, Unusable, link_of, parted, title_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST = 60  # entries; feeds name the newest first
_LONGEST = 5_000  # characters of an entry's text that are read
_ENTRIES = {"item", "entry"}
_ROOTS = {"rss", "feed", "RDF"}
_XML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!DOCTYPE\s+(?:rss|feed)|<rss|<feed|<rdf:RDF)",
    re.IGNORECASE,
)
_LINK = re.compile(rb"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_FEED = re.compile(rb"application/(?:rss|atom)\+xml|text/calendar", re.IGNORECASE)
_HREF = re.compile(rb"""href=["']?([^\s"'<>]+)""", re.IGNORECASE)
_BROKEN = N_(
    "Dieser Feed ist kein gültiges XML, oder er enthält eine Dokumenttyp-Angabe, die wir nicht"
    " lesen."
)


@dataclass(frozen=True, slots=True)
class Source:
    """What an address has answered with. ``complete``: what is not named, is not there.

    ``beyond``: dates that whoever reads it leaves for later.
    """

    found: tuple[Found, ...]
    complete: bool
    beyond: int = 0


def of_source(raw: bytes, charset: str, url: str, setting: Setting) -> Source:
    """A calendar, RSS, Atom, or the dates on a page; Unusable if it is none of these."""
    if b"BEGIN:VCALENDAR" in raw[:4_000].upper():
        return Source(tuple(of_calendar(raw, setting)), complete=True)
    if _XML.match(raw) and b"<html" not in raw[:2_000].lower():
        return Source(tuple(of_feed(raw, url)), complete=False)
    dates = [each for each in pages.of_page(raw, charset, url, setting) if each.kind is Kind.DATE]
    if not dates:
        raise Unusable(why=_without_dates(raw, url))
    return Source(tuple(dates), complete=len(dates) < pages.MOST)


def _without_dates(raw: bytes, url: str) -> str:
    """A page often names its feed: that is the address that was meant."""
    for found in islice(_LINK.finditer(raw[:200_000]), 50):
        named = _HREF.search(found[0]) if _FEED.search(found[0]) else None
        address = link_of(named[1].decode("ascii", "replace"), None, url) if named else None
        if address:
            why = _("Diese Seite ist kein Feed, sie nennt aber einen; bitte ihn eintragen: {url}")
            return why.format(url=address)
    return _("Auf dieser Seite steht kein Termin, den wir lesen können, und sie ist kein Feed.")


def of_feed(raw: bytes, url: str) -> list[Found]:
    """The newest entries of RSS or Atom, as news; Unusable if it is neither, or empty."""
    root = _root(raw)
    if _name(root) not in _ROOTS:
        raise Unusable(why=_("Das ist weder RSS noch Atom noch ein Kalender."))
    entries = islice((each for each in root.iter() if _name(each) in _ENTRIES), MOST)
    found = [news for entry in entries if (news := _news(entry, url))]
    if not found:
        raise Unusable(why=_("In diesem Feed steht kein Beitrag mit einem Titel."))
    return found


def _root(raw: bytes) -> "Element":
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(raw.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise Unusable(why=_(_BROKEN)) from exc
    return root


def _name(element: "Element") -> str:
    return str(element.tag).rpartition("}")[2]


def _news(entry: "Element", url: str) -> Found | None:
    title = title_of(_plain(_said(entry, "title")))
    if not title:
        return None
    teaser, body = parted(_plain(_said(entry, "summary", "description", "encoded", "content")))
    return Found(
        kind=Kind.NEWS,
        title=title,
        teaser=teaser,
        body=texts.markdown(body),
        link=link_of(_link(entry), None, url),
        uid=_said(entry, "guid", "id").strip()[:300],
        said_at=_moment(_said(entry, "pubDate", "published", "updated", "date")),
    )


def _children(entry: "Element", *names: str) -> Iterator["Element"]:
    for name in names:
        yield from (each for each in entry if _name(each) == name)


def _said(entry: "Element", *names: str) -> str:
    said = ("".join(each.itertext())[:_LONGEST] for each in _children(entry, *names))
    return next((text for text in said if text.strip()), "")


def _link(entry: "Element") -> str:
    for each in _children(entry, "link"):
        if each.get("rel", "alternate") == "alternate":
            return (each.get("href") or each.text or "").strip()
    return ""


def _plain(text: str) -> str:
    return texts.to_text(texts.from_html(text), 10_000) if "<" in text or "&" in text else text


def _moment(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            when = parsedate_to_datetime(text.strip())
        except (ValueError, TypeError, IndexError):
            return None
    try:
        return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None
