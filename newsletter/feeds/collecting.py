"""Which items stand in a feed, and on which of its pages."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from newsletter import portal, queue, rendering, templating
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
    """A page that the feed does not have."""

    sentence = N_("Unter dieser Adresse gibt es keinen Feed. Er beginnt hier: {first}")


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
    they hold, ``most`` how many. NotHere unless the newsletter is
    public, NoSuchLand, NoSuchFeed.
    """
    outs = _outs(session, settings, slug, now, land)
    changed = portal.changed_at(session, outs)
    known = sorted(outs, key=lambda out: (-changed[out.id].timestamp(), out.id))
    last = max(1, -(-len(known) // most))
    if not 1 <= page <= last:
        raise NoSuchFeed(first=settings.links.feed(slug, kind, land))
    part = known[(page - 1) * most : page * most]
    items = portal.items_of(session, settings, part, now)
    its = settings.newsletters[slug]
    return Feed(
        id=_id(settings, slug, f"feed/{land}" if land else "feed"),
        title=_titled(its.name, land),
        subtitle=its.description,
        home=settings.links.archive(slug),
        publisher=Author(its.imprint.name, settings.links.home()),
        updated_at=changed[known[0].id] if known else _NEVER,
        entries=tuple(
            _entry(settings, slug, items[out.id], out.published_at, changed[out.id]) for out in part
        ),
        language=settings.language,
        **_pages(page, last, lambda number: settings.links.feed(slug, kind, land, number)),
    )


def _titled(newsletter: str, land: str) -> str:
    if not land:
        return newsletter
    return _("{newsletter}: {land}").format(newsletter=newsletter, land=LAENDER[land])


def _pages(page: int, last: int, at: Callable[[int], str]) -> dict[str, str]:
    """Where this page is, and the others: RFC 5005 §3."""
    several = last > 1
    return {
        "here": at(page),
        "first": at(1) if several else "",
        "newer": at(page - 1) if page > 1 else "",
        "older": at(page + 1) if page < last else "",
        "last": at(last) if several else "",
    }


def _outs(
    session: Session, settings: Settings, slug: str, now: datetime, land: str
) -> Sequence[Out]:
    """What is published, in the country or from clusters of one Land."""
    if land and land not in LAENDER:
        raise queue.NoSuchLand(land=land[:20], known=", ".join(LAENDER))
    return portal.of_land(session, portal.published(session, settings, slug, now), land)


def _entry(
    settings: Settings, slug: str, item: Item, published_at: datetime, updated_at: datetime
) -> Entry:
    links = settings.links
    spoken = item.language if item.language in LANGUAGES else settings.language
    with speaking(spoken):
        heading, html = rendering.heading(item), _html(settings, item)
    takes_place = item.uid is not None and item.event_state is not EventState.CANCELLED
    return Entry(
        id=_id(settings, slug, item.reference),
        url=links.item(slug, item.reference),
        title=f"{heading}{item.title}",
        summary=item.teaser,
        html=html,
        published_at=published_at,
        updated_at=updated_at,
        authors=tuple(Author(who.name, who.website or "") for who in _origins(item)),
        language=item.language,
        categories=tuple(_categories(item)),  # in one language, to sort by
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
