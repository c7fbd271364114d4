"""Finding something in stock: by words, cluster, Land, field, kind, and whether it may be shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import clusters, submissions
from newsletter.content import LAENDER, Item, Kind
from newsletter.errors import WrongUsage
from newsletter.language import _
from newsletter.models.cluster import Cluster
from newsletter.models.story import Story, StoryState
from newsletter.models.submission import USABLE, Submission
from newsletter.queue.lookup import number_of
from newsletter.settings import Settings
from newsletter.submissions import Place

from .keeping import require
from .reuse import why_not


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; everything that is said must hold."""

    words: str = ""  # all of them somewhere in title, teaser, text, boxes or cluster
    cluster: str | None = None  # its slug
    land: str | None = None  # "DE-BY", or its name
    field: str | None = None  # part of its name
    kind: Kind | None = None
    usable: bool = False  # today


@dataclass(frozen=True, slots=True)
class Stocked:
    """An item in stock, where it has appeared, and why it cannot be shown today, if so."""

    submission: Submission
    story: Story
    item: Item  # in the revision that the company agreed to
    cluster: Cluster | None
    places: tuple[Place, ...]
    why_not: str

    @property
    def last(self) -> Place | None:
        """Where readers had it last."""
        return max(self.places, key=lambda place: place.number, default=None)


def search(session: Session, settings: Settings, query: Query, now: datetime) -> list[Stocked]:
    """What of the stock fits, the longest unseen first. WrongUsage for no such Land,
    NotFound for no such cluster.
    """
    wanted = (
        select(Submission, Story, Cluster)
        .join(Story, col(Story.submission_id) == Submission.id)
        .outerjoin(Cluster, col(Cluster.id) == Submission.cluster_id)
        .where(col(Story.state) == StoryState.IN_STOCK, col(Submission.state).in_(USABLE))
    )
    if query.kind:
        wanted = wanted.where(col(Submission.kind) == query.kind)
    if query.cluster:
        its = clusters.get(session, query.cluster)
        wanted = wanted.where(col(Submission.cluster_id) == its.id)
    rows = [(s, story, cluster) for s, story, cluster in session.execute(wanted)]
    land = _land(query.land) if query.land else None
    kept = [row for row in rows if _of(row[2], land, query.field)]
    found = [it for it in _stocked(session, settings, kept, now) if _says(it, query.words)]
    found = [it for it in found if not (query.usable and it.why_not)]
    return sorted(found, key=lambda it: (it.last.number if it.last else "", it.submission.id))


def show(session: Session, settings: Settings, reference: str, now: datetime) -> Stocked:
    """One item in stock. NotFound, NoneInStock."""
    submission = submissions.by_reference(session, reference)
    story = require(session, submission)
    cluster = session.get(Cluster, submission.cluster_id) if submission.cluster_id else None
    (found,) = _stocked(session, settings, [(submission, story, cluster)], now)
    return found


_Row = tuple[Submission, Story, Cluster | None]


def _stocked(
    session: Session, settings: Settings, rows: Sequence[_Row], now: datetime
) -> Iterator[Stocked]:
    today = now.astimezone(settings.zone).date()
    pins = [(number_of(submission), story.revision) for submission, story, __ in rows]
    items = submissions.items_of(session, settings, pins, today)
    places = submissions.published(session, settings, [number for number, __ in pins])
    for submission, story, cluster in rows:
        number = number_of(submission)
        yield _one(submission, story, cluster, items[number], places.get(number, []), today)


def _one(
    submission: Submission,
    story: Story,
    cluster: Cluster | None,
    item: Item,
    places: Sequence[Place],
    today: date,
) -> Stocked:
    why = why_not(story, today, shown_before=bool(places))
    return Stocked(submission, story, item, cluster, tuple(places), why)


def _land(said: str) -> str:
    """„BY“, „DE-BY“ or „Bayern“ as the register has it."""
    wanted = said.strip().casefold()
    for key, name in LAENDER.items():
        if wanted in {key.casefold(), key.removeprefix("DE-").casefold(), name.casefold()}:
            return key
    why = _("Das Land „{land}“ gibt es nicht. Möglich: {known}.")
    known = ", ".join(key.removeprefix("DE-") for key in LAENDER)
    raise WrongUsage(why=why.format(land=said, known=known))


def _of(cluster: Cluster | None, land: str | None, field: str | None) -> bool:
    laender: Sequence[str] = cluster.laender if cluster else ()
    fields: Sequence[str] = cluster.fields if cluster else ()
    in_field = field is None or any(field.casefold() in each.casefold() for each in fields)
    return in_field and (land is None or land in laender)


def _says(it: Stocked, words: str) -> bool:
    item = it.item
    told = (item.title, item.teaser, item.body, item.challenge, item.solution, item.result)
    text = " ".join([*(part or "" for part in told), item.quote or "", item.origin.name]).casefold()
    return all(word in text for word in words.casefold().split())
