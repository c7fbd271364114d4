"""Which items are like this one: looked up along an index, then compared by ``likeness``.

At 10,000 items a look takes a few milliseconds: what an item can be found by stands in a table
of its own (Trait), and only the most promising ones are read and compared.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Integer,
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session, col

from newsletter import database
from newsletter.content import Kind
from newsletter.history import Act
from newsletter.likeness import MOST_KEYS, Likeness, Traits, keys, likeness
from newsletter.models.cluster import Cluster
from newsletter.models.submission import USABLE, Revision, Submission, SubmissionState, Trait
from subscribers.columns import quoted

from .facts import Facts

NAMED = 5  # twins, the likeliest first
_COMPARED = 30  # items, the most promising ones
_SHORT_WORD = 3  # letters
_MANY_WORDS = 4  # of a title
_LOOKED_UP = 1_500  # rows of the index: rare words tell most, frequent ones cost most
_COLUMNS: tuple[Any, ...] = (
    *(Submission.id, Submission.state, Submission.received_at, Submission.source, Cluster.name),
    *(Revision.title, Revision.teaser, Revision.link, Revision.location),
    *(Revision.starts_at, Revision.starts_on, Revision.ends_at, Revision.ends_on),
)


@dataclass(frozen=True, slots=True)
class Twin:
    """An item that is likely the same as another."""

    submission_id: int
    reference: str
    title: str
    origin: str
    state: SubmissionState
    received_at: datetime
    likeness: Likeness


def traits_of(content: Facts | Revision | Row[Any], zone: ZoneInfo) -> Traits:
    """What is compared of facts that come in, or of a revision that is there."""
    if isinstance(content, Facts):
        starts, ends = content.starts, content.ends
    else:
        starts, ends = content.starts_at or content.starts_on, content.ends_at or content.ends_on
    return Traits(
        title=content.title,
        teaser=content.teaser,
        link=content.link,
        first_day=_day(starts, zone),
        last_day=_day(ends, zone),
        place=content.location,
    )


def _day(when: datetime | date | None, zone: ZoneInfo) -> date | None:
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def remember(act: Act, submission_id: int, traits: Traits, kind: Kind) -> None:
    """Keep what an item may be found by from its first revision on."""
    found = sorted(keys_of(traits, kind))
    rows = [{"key": key, "submission_id": submission_id} for key in found]
    _KEPT.run(act.session.connection(), *rows)


def remember_anew(act: Act, submission_id: int, traits: Traits, kind: Kind) -> None:
    """Keep that, instead of what an older revision said."""
    old = delete(Trait).where(col(Trait.submission_id) == submission_id)
    act.session.connection().execute(old)
    remember(act, submission_id, traits, kind)


def keys_of(traits: Traits, kind: Kind) -> set[str]:
    """With the kind: only items of one kind can be merged."""
    return {f"{kind.value} {key}" for key in keys(traits)}


def similar_to(
    session: Session,
    zone: ZoneInfo,
    traits: Traits,
    kind: Kind,
    *,
    besides: int | None = None,
    of_cluster: int | None = None,
) -> list[Twin]:
    """Likely twins among all that was handed in and not withdrawn, in past issues too.

    The likeliest first, ``NAMED`` at most; ``besides`` the item itself, and, where strangers
    must not hear of each other's items, only those ``of_cluster``.
    """
    connection = session.connection()
    keys = _asked_for(keys_of(traits, kind), kind)
    telling = _telling(_frequencies().rows(connection, _placed(keys)))
    wanted = {
        **_placed(telling),
        "least": _least(telling, kind),
        "besides": besides or 0,
        "of_cluster": of_cluster,
    }
    found = (
        (row, likeness(traits, traits_of(row, zone)))
        for row in _promising().rows(connection, wanted)
    )
    likely = [(row, how) for row, how in found if how.likely]
    likely.sort(key=lambda it: (-it[1].score, -it[0].id))
    return [_twin(row, how) for row, how in likely[:NAMED]]


def _placed(keys: Sequence[str]) -> dict[str, str]:
    return dict(zip_longest(_PLACES, keys, fillvalue=""))


def _twin(row: Row[Any], how: Likeness) -> Twin:
    origin = row.name or row.source or ""
    reference = f"q{row.id}"
    return Twin(row.id, reference, row.title, origin, row.state, row.received_at, how)


# The statements are built once: to build them took longer than the database does to answer.
_KEPT = database.Straight(insert(Trait), ("key", "submission_id"))
# Always as many parameters: SQLite reads along its index for those alone, not for one list.
_PLACES = [f"wanted_key_{place}" for place in range(MOST_KEYS)]
_KEYS = col(Trait.key).in_([bindparam(place) for place in _PLACES])


@lru_cache(maxsize=1)
def _frequencies() -> database.Straight:
    """How many items each of the keys finds, the rarest first."""
    number = func.count().label("number")
    key = col(Trait.key)
    found = select(key, number).where(_KEYS).group_by(key).order_by(number, key)
    return database.Straight(found, anew=True)


def _telling(frequent: Iterable[tuple[str, int]]) -> list[str]:
    """The rarest keys, as many as may be read; one at least."""
    chosen: list[str] = []
    rows = 0
    for key, number in frequent:
        rows += number
        if chosen and rows > _LOOKED_UP:
            break
        chosen.append(key)
    return chosen


def _asked_for(keys: Set[str], kind: Kind) -> list[str]:
    """Without „und“ and „mit“, by which half of all would be found, unless a title has no more."""
    most = len(_word(kind)) + _SHORT_WORD
    short = {key for key in keys if key.startswith(_word(kind)) and len(key) <= most}
    words = {key for key in keys if key.startswith(_word(kind))}
    return sorted(set(keys) - (short if words - short else set()))


def _least(telling: Sequence[str], kind: Kind) -> int:
    """How many keys must be shared: a title of many words is not like one that has one of them.

    Whatever else is shared (link, day, the whole title) counts as much as two words.
    """
    words = sum(key.startswith(_word(kind)) for key in telling)
    return 2 if words >= _MANY_WORDS else 1


def _word(kind: Kind) -> str:
    return f"{kind.value} word "


@lru_cache(maxsize=1)
def _promising() -> database.Straight:
    """The items that share most of the keys, a rare one counting more."""
    # A subquery for each row, no join: only along the keys shall it look for items, and a server
    # that knows nothing of its tables yet would go through all of them.
    whose = bindparam("of_cluster", type_=Integer)
    usable = (
        select(col(Submission.id))
        .where(
            col(Submission.id) == col(Trait.submission_id),
            col(Submission.id) != bindparam("besides"),
            literal_column(f"submission.state IN ({quoted(USABLE)})"),
            or_(whose.is_(None), col(Submission.cluster_id) + 0 == whose),
        )
        .scalar_subquery()
    )
    each = (
        select(
            col(Trait.submission_id).label("id"),
            func.count().over(partition_by=col(Trait.key)).label("frequent"),
            case((col(Trait.key).like("% word %"), 1), else_=2).label("counts"),
        )
        .where(_KEYS, usable.is_not(None))
        .cte("each")
    )
    worth = func.sum(1.0 / each.c.frequent)
    sharing = (
        select(each.c.id)
        .group_by(each.c.id)
        .having(func.sum(each.c.counts) >= bindparam("least"))
        .order_by(worth.desc(), each.c.id.desc())
        .limit(_COMPARED)
        .cte("sharing")
    )
    newest = (col(Revision.submission_id) == sharing.c.id) & (
        col(Revision.number) == col(Submission.revision)
    )
    found = (
        select(*_COLUMNS)
        .select_from(sharing)
        .join(Submission, col(Submission.id) == sharing.c.id)
        .join(Revision, newest)
        .outerjoin(Cluster, col(Cluster.id) == col(Submission.cluster_id))
    )
    return database.Straight(found, anew=True)
