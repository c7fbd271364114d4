"""A feed as JSON Feed 1.1 (pure): https://www.jsonfeed.org/version/1.1/."""

import json
from datetime import UTC, datetime
from typing import Any

from newsletter.texts.characters import clean

from .entry import Author, Entry, Feed

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """The same feed gives the same bytes; what is not known stands nowhere."""
    made = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.here,
        "description": feed.subtitle,
        "next_url": feed.older,
        "authors": [_author(feed.publisher)],
        "language": feed.language,
    }
    items = [_known(_item(each)) for each in feed.entries]
    return json.dumps(_known(made) | {"items": items}, ensure_ascii=False, indent=1).encode()


def _item(it: Entry) -> dict[str, Any]:
    calendar = _known({"url": it.calendar, "mime_type": "text/calendar", "title": it.title})
    return {
        "id": it.id,
        "url": it.url,
        "external_url": it.link,
        "title": it.title,
        "content_html": it.html,
        "summary": it.summary,
        "image": it.picture,
        "date_published": _stamp(it.published_at),
        "date_modified": _stamp(it.updated_at),
        "authors": [_author(each) for each in it.authors],
        "tags": [each.label for each in it.categories],
        "language": it.language,
        "attachments": [calendar] if it.calendar else [],
    }


def _author(author: Author) -> dict[str, str]:
    return _known({"name": author.name, "url": author.url})


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    cleaned = ((name, _clean(value)) for name, value in facts.items())
    return {name: value for name, value in cleaned if value not in ("", [])}


def _clean(value: Any) -> Any:
    """Lone surrogates and the like are in no text that came in the right way; nor here."""
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return clean(value) if isinstance(value, str) else value


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
