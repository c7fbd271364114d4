"""An item in the words of schema.org, for search engines and other sites (pure).

DOMAIN §5.1: news are a NewsArticle, dates an Event, success stories an Article.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from newsletter import texts
from newsletter.content import LAENDER, EventState, Item, Kind, Origin

_ARTICLES = {Kind.NEWS: "NewsArticle", Kind.SUCCESS_STORY: "Article"}
_STATES = {
    EventState.ON: "EventScheduled",
    EventState.POSTPONED: "EventPostponed",
    EventState.CANCELLED: "EventCancelled",
}
_ALL_OF_IT = 1_000_000  # columns: no line is broken


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an item stands, since when, and who publishes it."""

    url: str
    published_at: datetime
    changed_at: datetime
    publisher: str
    home_url: str
    zone: ZoneInfo
    issues: tuple[tuple[str, str], ...] = ()  # name and address, the oldest first
    licence: str = ""  # an address


def described(item: Item, where: Setting) -> dict[str, Any]:
    """JSON-LD. What is not known stands nowhere; people are never named, only organisations."""
    its = _event(item, where) if item.kind is Kind.DATE else _article(item, where)
    found = {"@context": "https://schema.org", **its, **_common(item, where)}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _common(item: Item, where: Setting) -> dict[str, Any]:
    return {
        "@id": where.url,
        "mainEntityOfPage": where.url,
        "description": item.teaser,
        "inLanguage": item.language,
        "image": _image(item),
        "keywords": [LAENDER[land] for land in _laender(item) if land in LAENDER],
    }


def _article(item: Item, where: Setting) -> dict[str, Any]:
    origins = [_organization(each) for each in _origins(item)]
    return {
        "@type": _ARTICLES[item.kind],
        "headline": item.title,
        "url": where.url,
        "articleBody": whole_text(item),
        "datePublished": _iso(where.published_at, where.zone),
        "dateModified": _iso(where.changed_at, where.zone),
        "author": origins,
        "publisher": {"@type": "Organization", "name": where.publisher, "url": where.home_url},
        "copyrightHolder": origins,
        "license": where.licence,
        "isBasedOn": item.link,
        "isPartOf": [
            {"@type": "PublicationIssue", "name": name, "url": url} for name, url in where.issues
        ],
    }


def _event(item: Item, where: Setting) -> dict[str, Any]:
    when = item.when
    mode = "Mixed" if item.online and item.location else "Online" if item.online else "Offline"
    return {
        "@type": "Event",
        "name": item.title,
        "url": item.link or where.url,
        "startDate": _iso(when.starts, where.zone) if when else "",
        "endDate": _iso(when.ends, where.zone) if when and when.ends else "",
        "eventStatus": f"https://schema.org/{_STATES[item.event_state]}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "location": _places(item, where),
        "organizer": [_organization(each) for each in _origins(item)],
    }


def _places(item: Item, where: Setting) -> list[dict[str, str]]:
    found = []
    if item.location:
        found.append({"@type": "Place", "name": item.location, "address": item.location})
    if item.online:
        found.append({"@type": "VirtualLocation", "url": item.link or where.url})
    return found


def _image(item: Item) -> dict[str, Any]:
    if item.picture is None:
        return {}
    found = {
        "@type": "ImageObject",
        "url": item.picture.url,
        "caption": "" if item.picture.decorative else item.picture.alt,
        "creditText": item.picture.credit,
    }
    return {name: value for name, value in found.items() if value}


def _organization(who: Origin) -> dict[str, str]:
    found = {"@type": "Organization", "name": who.name, "url": who.website or ""}
    return {name: value for name, value in found.items() if value}


def whole_text(item: Item) -> str:
    """All that an item says below its teaser, as plain text."""
    parts = (item.challenge, item.solution, item.result, item.quote)
    return "\n\n".join(filter(None, (texts.to_text(item.body, _ALL_OF_IT), *parts)))


def _origins(item: Item) -> tuple[Origin, ...]:
    return (item.origin, *item.more_origins)


def _laender(item: Item) -> Iterable[str]:
    return dict.fromkeys(land for who in _origins(item) for land in who.laender)


def _iso(at: date, zone: ZoneInfo) -> str:
    """A moment with its offset, to the second; a whole day as a day."""
    if isinstance(at, datetime):
        return at.astimezone(zone).isoformat(timespec="seconds")
    return at.isoformat()
