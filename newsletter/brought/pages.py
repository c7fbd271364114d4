"""A web page as an item: what it says of itself for search engines and for other sites.

schema.org as JSON-LD first, since it knows dates and places; then Open Graph and the title. Only
the few elements that hold these are looked at, one after the other: a tree of two megabytes that
is made to be slow costs nothing.
"""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from newsletter import texts
from newsletter.content import EventState, Kind
from newsletter.language import _
from newsletter.rhythm import YEARS

from .found import (
    TEASER,
    Found,
    Setting,
    Unusable,
    link_of,
    ordered,
    place_of,
    placed,
    shortened,
    title_of,
    whole_days,
)

_NODES = 20_000  # of JSON-LD in one page
_LARGEST_DATA = 500_000  # characters of one block of it
MOST = 60  # dates of one page
_BLOCKS = 100  # of JSON-LD; some pages have one for each date
_METAS = 500
_LONGEST_WORDS = 1_500  # characters of one text
_META = re.compile(r"<(?:meta|link|time)\b[^<>]{1,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_TITLE = re.compile(r"<title\b[^<>]{0,500}>([^<]{1,2000})", re.IGNORECASE)
_DATA = re.compile(r"<script\b[^<>]{0,500}application/ld\+json[^<>]{0,500}>", re.IGNORECASE)
# What Python knows beside charsets; Punycode of two megabytes takes it minutes.
_NO_CHARSETS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape"}
_ARTICLES = {"article", "newsarticle", "blogposting", "report", "techarticle"}
_STATES = {
    "eventcancelled": EventState.CANCELLED,
    "eventpostponed": EventState.POSTPONED,
}


def of_page(raw: bytes, charset: str, url: str, setting: Setting) -> list[Found]:
    """The dates that a page names; else the page itself, as news. Unusable if it says nothing."""
    html = _without_comments(_decoded(raw, charset))
    data = list(_data(html))
    dates: dict[Found, None] = {}
    for node in data:
        if len(dates) < MOST and (it := _date(node, url, setting)):
            dates[it] = None
    if dates:
        return list(dates)
    return [_page(html, data, url, setting)]


def _decoded(raw: bytes, charset: str) -> str:
    named = re.search(rb"""charset=["']?([\w-]{2,40})""", raw[:2_000], re.IGNORECASE)
    for name in (charset, named[1].decode("ascii") if named else "", "utf-8"):
        with suppress(LookupError, UnicodeError):
            known = codecs.lookup(name or "utf-8").name
            if known not in _NO_CHARSETS:
                return raw.decode(known)
    return raw.decode("cp1252", "replace")


def _without_comments(html: str) -> str:
    first, *parts = html.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in parts)


# -- schema.org ---------------------------------------------------------------------------------


def _data(html: str) -> Iterator[dict[str, Any]]:
    """Every object of every JSON-LD block, an outer one before those inside it."""
    waiting: list[Any] = []
    for found in islice(_DATA.finditer(html), _BLOCKS):
        end = html.find("</script", found.end(), found.end() + _LARGEST_DATA)
        try:
            waiting.append(json.loads(html[found.end() : end], strict=False) if end > 0 else None)
        except (ValueError, RecursionError):  # one that is broken spoils no other
            continue
    waiting.reverse()
    for __ in range(_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += [it for it in reversed(node.values()) if isinstance(it, dict | list)]
        elif isinstance(node, list):
            waiting += reversed(node)


def _types(node: dict[str, Any]) -> set[str]:
    given = node.get("@type")
    named = given if isinstance(given, list) else [given]
    return {each.rpartition("/")[2].lower() for each in named if isinstance(each, str)}


def _date(node: dict[str, Any], url: str, setting: Setting) -> Found | None:
    if not any(each.endswith("event") or each == "festival" for each in _types(node)):
        return None
    notes: list[str] = []
    begins = _moment(_said(node.get("startDate")), setting, notes)
    if begins is None:
        return None
    starts, ends = whole_days(begins, _moment(_said(node.get("endDate")), setting, []))
    place, online = _place(node)
    here = link_of(_said(node.get("url")), link_of(url), url)
    return Found(
        kind=Kind.DATE,
        title=title_of(_words(node.get("name"))),
        teaser=shortened(_words(node.get("description")), TEASER),
        link=here if _same_site(here, url) else link_of(url),
        starts=starts,
        ends=ordered(starts, ends, notes.append),
        location=place,
        online=online,
        state=_STATES.get(_said(node.get("eventStatus")).rpartition("/")[2].lower(), EventState.ON),
        uid=_said(node.get("@id"))[:300],
        notes=tuple(dict.fromkeys(notes)),
    )


def _said(value: Any) -> str:
    """Text, the first of several, or what an object is called."""
    for __ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("@id") or value.get("name") or ""
    return value.strip() if isinstance(value, str) else ""


def _words(value: Any) -> str:
    """One line without the HTML that some put into it."""
    said = unescape(_said(value)[:_LONGEST_WORDS])
    return texts.line(texts.to_text(texts.from_html(said)) if "<" in said else unescape(said))


def _moment(text: str, setting: Setting, notes: list[str]) -> datetime | date | None:
    try:
        whole = len(text) == len("2027-03-16")
        when = date.fromisoformat(text) if whole else datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.year not in YEARS:
        return None
    if not isinstance(when, datetime):
        return when
    if when.tzinfo is None:
        notes.append(_("Zur Uhrzeit stand keine Zeitzone; wir haben die deutsche Zeit angenommen."))
    return placed(when, setting, notes.append)


def _place(node: dict[str, Any]) -> tuple[str, bool]:
    places = node.get("location")
    several = places if isinstance(places, list) else [places]
    attended = _said(node.get("eventAttendanceMode")).lower()
    online = "online" in attended or "mixed" in attended
    named = ""
    for place in several:
        if isinstance(place, dict) and "virtuallocation" in _types(place):
            online = True
        elif not named:
            named, virtual = place_of(_address(place))
            online = online or virtual
    return named, online


def _address(place: Any) -> str:
    if not isinstance(place, dict):
        return _words(place)
    address = place.get("address")
    parts = [_words(place.get("name"))]
    if isinstance(address, dict):
        town = f"{_words(address.get('postalCode'))} {_words(address.get('addressLocality'))}"
        parts += [_words(address.get("streetAddress")), town.strip()]
    else:
        parts.append(_words(address))
    return "\n".join(dict.fromkeys(filter(None, parts)))


# -- the page itself ------------------------------------------------------------------------------


def _page(html: str, data: list[dict[str, Any]], url: str, setting: Setting) -> Found:
    said = _named(html)
    article: dict[str, Any] = next((it for it in data if _types(it) & _ARTICLES), {})
    plain = _TITLE.search(html)
    title = _first(
        _words(article.get("headline")), said.get("og:title"), unescape(plain[1]) if plain else ""
    )
    if not title:
        why = _(
            "Auf dieser Seite steht nichts, was wir übernehmen können: kein Titel, kein Termin."
            " Bitte tippen oder kopieren Sie die Angaben."
        )
        raise Unusable(why=why)
    teaser = _first(
        said.get("og:description"), said.get("description"), _words(article.get("description"))
    )
    notes: list[str] = []
    starts = _moment(said.get("startdate", ""), setting, notes)
    ends = _moment(said.get("enddate", ""), setting, [])
    here = link_of(said.get("og:url") or said.get("canonical") or "", link_of(url), url)
    return Found(
        kind=Kind.DATE if starts else Kind.NEWS,
        title=title_of(title),
        teaser=shortened(texts.line(teaser), TEASER),
        link=here if _same_site(here, url) else link_of(url),
        starts=starts,
        ends=ordered(starts, ends, notes.append) if starts else None,
        notes=tuple(notes),
    )


def _first(*said: str | None) -> str:
    return next((each.strip() for each in said if each and each.strip()), "")


def _same_site(here: str | None, url: str) -> bool:
    """A page that says it is really another site's is linked to where it was found."""
    hosts = [(urlsplit(each or "").hostname or "").removeprefix("www.") for each in (here, url)]
    return hosts[0] == hosts[1]


def _named(html: str) -> dict[str, str]:
    """What the page's meta elements say, by their names; of several, the first."""
    said: dict[str, str] = {}
    for found in islice(_META.finditer(html), _METAS):
        given = {
            name.lower(): unescape(two or one or bare)
            for name, two, one, bare in _ATTRIBUTE.findall(found[0])
        }
        name = given.get("property") or given.get("name") or given.get("itemprop") or ""
        if given.get("rel", "").lower() == "canonical":
            said.setdefault("canonical", given.get("href", ""))
        content = given.get("content") or given.get("datetime")
        if name and content:
            said.setdefault(name.lower(), content)
    return said
