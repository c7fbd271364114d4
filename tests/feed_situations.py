"""The rules of JSON Feed 1.1, as a validator would apply them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

_TEXTS = {"title", "home_page_url", "feed_url", "description", "next_url", "language"}
_OF_ITEMS = {"id", "url", "external_url", "title", "content_html", "summary", "image", "language"}


def wrong_in(feed: Any) -> list[str]:
    """What is wrong with a feed; empty: it is valid."""
    return list(_of_feed(feed))


def _of_feed(feed: Any) -> Iterator[str]:
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "version"
    if not feed.get("title"):
        yield "a feed needs a title"
    yield from _texts(feed, _TEXTS)
    yield from _authors(feed)
    for name in ("home_page_url", "feed_url"):
        if not str(feed.get(name, "")).startswith("http"):
            yield name
    items = feed.get("items")
    if not isinstance(items, list):
        yield "items"
        return
    ids = [item.get("id") for item in items]
    if len(set(ids)) < len(ids):
        yield "an id twice"
    for item in items:
        yield from _of_item(item)


def _of_item(item: Any) -> Iterator[str]:
    if not isinstance(item.get("id"), str):
        yield "an id is a text"
    if not (item.get("content_html") or item.get("content_text")):
        yield "content"
    yield from _texts(item, _OF_ITEMS)
    yield from _authors(item)
    for name in ("date_published", "date_modified"):
        try:
            if datetime.fromisoformat(item[name]).tzinfo is None:
                yield f"{name} without its zone"
        except (KeyError, ValueError):
            yield name
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        yield "tags"
    if not all(it.get("url") and it.get("mime_type") for it in item.get("attachments", [])):
        yield "attachments"


def _texts(facts: Any, names: set[str]) -> Iterator[str]:
    for name in names & facts.keys():
        if not isinstance(facts[name], str):
            yield f"{name} is a text"


def _authors(facts: Any) -> Iterator[str]:
    authors = facts.get("authors", [])
    if not isinstance(authors, list) or not all(it.get("name") for it in authors):
        yield "authors"
