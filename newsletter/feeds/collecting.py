"""Which items stand in a feed, and on which of its pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from newsletter import portal, rendering, templating
from newsletter.content import LAENDER, EventState, Item, Origin
from newsletter.errors import NotFound
from newsletter.language import LANGUAGES, N_, _, speaking
from newsletter.portal import Out
from newsletter.rendering import rich
from newsletter.settings import Settings
from newsletter.submissions.spoken import KINDS

from .entry import Author, Category, Entry, Feed

MOST = 30  # entries on a page
_SINCE = "2026"  # in every id: the year from which our list ids are ours (RFC 4151)
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)


class NoSuchFeed(NotFound):
    """A page that the feed does not have, or the feed of no Land."""

    sentence = N_("Unter dieser Adresse gibt es keinen Feed. Er beginnt hier: {first}")


@dataclass(frozen=True, slots=True)
class _Shown:
    """An item with when it came out and when it last changed."""

    out: Out
    item: Item
    changed_at: datetime


def collected(
    session: Session,
    settings: Settings,
    slug: str,
    now: datetime,
    *,
    kind: str,
    land: str = "",
    page: int = 1,
    most: int = MOST,
) -> Feed:
    """A page of a newsletter's feed: what changed last comes first, so that nobody misses it.

    ``kind`` ("atom", "json") decides the addresses of its pages, ``land`` ("DE-BY") whose items
    they hold, ``most`` how many. NotHere unless the newsletter is public, NoSuchFeed.
    """
    known = _shown(session, settings, slug, now, land)
    links = settings.links
    last = max(1, -(-len(known) // most))
    if not 1 <= page <= last or (land and land not in LAENDER):
        raise NoSuchFeed(first=links.feed(slug, kind))
    its = settings.newsletters[slug]
    pages = {number: links.feed(slug, kind, land, number) for number in range(1, last + 1)}
    part = known[(page - 1) * most : page * most]
    title = its.name
    if land:
        title = _("{newsletter}: {land}").format(newsletter=its.name, land=LAENDER[land])
    return Feed(
        id=_id(settings, slug, f"feed/{land}" if land else "feed"),
        title=title,
        subtitle=its.description,
        home=links.archive(slug),
        here=pages[page],
        publisher=Author(its.imprint.name, links.home()),
        updated_at=max((each.changed_at for each in known), default=_NEVER),
        entries=tuple(_entry(settings, slug, each) for each in part),
        language=settings.language,
        first=pages[1] if last > 1 else "",
        newer=pages.get(page - 1, ""),
        older=pages.get(page + 1, ""),
        last=pages[last] if last > 1 else "",
    )


def _shown(
    session: Session, settings: Settings, slug: str, now: datetime, land: str
) -> Sequence[_Shown]:
    outs = portal.published(session, settings, slug, now)
    changed = portal.changed_at(session, outs)
    items = portal.items_of(session, settings, outs, now)
    found = [_Shown(out, items[out.id], changed[out.id]) for out in outs]
    wanted = [each for each in found if not land or land in _laender(each.item)]
    return sorted(wanted, key=lambda each: (each.changed_at, each.out.id), reverse=True)


def _entry(settings: Settings, slug: str, it: _Shown) -> Entry:
    item, links = it.item, settings.links
    spoken = item.language if item.language in LANGUAGES else settings.language
    with speaking(spoken):
        heading, html = rendering.heading(item), _html(settings, item)
        categories = tuple(_categories(item))
    takes_place = item.uid is not None and item.event_state is not EventState.CANCELLED
    return Entry(
        id=_id(settings, slug, item.reference),
        url=links.item(slug, item.reference),
        title=f"{heading}{item.title}",
        summary=item.teaser,
        html=html,
        published_at=it.out.published_at,
        updated_at=it.changed_at,
        authors=tuple(Author(who.name, who.website or "") for who in _origins(item)),
        language=item.language,
        categories=categories,
        link=item.link or "",
        picture=item.picture.url if item.picture else "",
        calendar=links.date(item.uid or "") if takes_place else "",
    )


def _id(settings: Settings, slug: str, what: str) -> str:
    """A tag URI (RFC 4151) below the List-Id: that stays when the website moves (RFC 2919 §3)."""
    return f"tag:{settings.newsletters[slug].list_id.lower()},{_SINCE}:{what}"


def _html(settings: Settings, item: Item) -> str:
    facts = {
        "item": item,
        "span": rendering.span,
        "place": rendering.place,
        "deadline": rendering.deadline,
        "credit": rendering.credit,
        "boxes": rendering.boxes,
        "paragraphs": rich.paragraphs,
        "body": rich.body,
    }
    where = templating.folders(settings.home)
    return templating.rendered(where, "web/feed_entry.html", facts).strip()


def _categories(item: Item) -> Iterable[Category]:
    yield Category(item.kind.value, _(KINDS[item.kind]))
    for land in _laender(item):
        yield Category(land, LAENDER.get(land, land))
    for field in dict.fromkeys(field for who in _origins(item) for field in who.fields):
        yield Category(field, field)


def _origins(item: Item) -> tuple[Origin, ...]:
    return (item.origin, *item.more_origins)


def _laender(item: Item) -> list[str]:
    return list(dict.fromkeys(land for who in _origins(item) for land in who.laender))
