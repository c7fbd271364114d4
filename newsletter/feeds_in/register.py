"""Which addresses are read for which cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from newsletter import clusters
from newsletter.errors import NotFound, Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.cluster import Cluster
from newsletter.models.feed import Feed, Suggestion, SuggestionState
from newsletter.outside import guard

MOST = 10  # feeds of one cluster


class NoSuchFeed(NotFound):
    sentence = N_("{slug} hat keinen Feed {url}. Alle zeigt: newsletter clusters feed list {slug}")


class TooManyFeeds(Refused):
    sentence = N_("{slug} hat schon {most} Feeds; mehr lesen wir nicht für ein Cluster.")


@dataclass(frozen=True, slots=True)
class Line:
    """A feed in the list, and how many of its suggestions are open."""

    slug: str
    feed: Feed
    open: int


def add(act: Act, slug: str, url: str) -> Feed:
    """Have an address read for a cluster from now on; nothing changes if it is already.

    NotOpened says what is wrong with an address that we never open.
    """
    cluster = clusters.get(act.session, slug)
    plain = guard.target(url).url
    theirs = [line.feed for line in feeds_of(act.session, slug)]
    if known := next((feed for feed in theirs if feed.url == plain), None):
        return known
    if len(theirs) >= MOST:
        raise TooManyFeeds(slug=slug, most=MOST)
    feed = Feed(cluster_id=cluster.id or 0, url=plain, added_at=act.now, next_at=act.now)
    act.session.add(feed)
    act.session.flush()
    act.record("cluster", slug, "feed added", detail={"url": plain})
    return feed


def remove(act: Act, slug: str, url: str) -> None:
    """Read it no more; what was suggested from it goes, what was begun from it stays."""
    feed = find(act.session, slug, url)
    act.session.execute(delete(Suggestion).where(col(Suggestion.feed_id) == feed.id))
    act.session.delete(feed)
    act.record("cluster", slug, "feed removed", detail={"url": feed.url})


def find(session: Session, slug: str, url: str) -> Feed:
    """The feed with this address. NoSuchFeed."""
    for line in feeds_of(session, slug):
        if line.feed.url.rstrip("/") == url.strip().rstrip("/"):
            return line.feed
    raise NoSuchFeed(slug=slug, url=url)


def feeds_of(session: Session, slug: str = "") -> Sequence[Line]:
    """The feeds of a cluster, or of all, by cluster and address."""
    if slug:
        clusters.get(session, slug)
    waiting = (
        select(func.count())
        .where(
            col(Suggestion.feed_id) == col(Feed.id),
            col(Suggestion.state) == SuggestionState.OPEN,
        )
        .scalar_subquery()
    )
    wanted = select(col(Cluster.slug), Feed, waiting).join(
        Cluster, col(Cluster.id) == col(Feed.cluster_id)
    )
    if slug:
        wanted = wanted.where(col(Cluster.slug) == slug)
    rows = session.execute(wanted.order_by(col(Cluster.slug), col(Feed.url)))
    return [Line(row[0], row[1], row[2]) for row in rows]
