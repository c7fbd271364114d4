"""Which items are like this one: looked up along an index, then compared by ``likeness``.

At 10,000 items a look takes a few milliseconds: what an item can be found by stands in a table
of its own (Trait), and only the most promising ones are read and compared.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Integer,
    Row,
    Select,
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

from newsletter.content import Kind
from newsletter.history import Act
from newsletter.likeness import Likeness, Traits, keys, likeness
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
    act.session.connection().execute(_KEPT, rows)


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
    telling = _telling(connection.execute(_frequencies(), {"keys": keys}))
    wanted = {
        "keys": telling,
        "least": _least(telling, kind),
        "besides": besides or 0,
        "of_cluster": of_cluster,
    }
    found = (
        (row, likeness(traits, traits_of(row, zone)))
        for row in connection.execute(_promising(), wanted)
    )
    likely = [(row, how) for row, how in found if how.likely]
    likely.sort(key=lambda it: (-it[1].score, -it[0].id))
    return [_twin(row, how) for row, how in likely[:NAMED]]


def _twin(row: Row[Any], how: Likeness) -> Twin:
    origin = row.name or row.source or ""
    reference = f"q{row.id}"
    return Twin(row.id, reference, row.title, origin, row.state, row.received_at, how)


# The statements are built once: to build them took longer than the database does to answer.
_KEPT = insert(Trait)
_KEYS = col(Trait.key).in_(bindparam("keys", expanding=True))


@lru_cache(maxsize=1)
def _frequencies() -> Select[str, int]:
    """How many items each of the keys finds, the rarest first."""
    number = func.count()
    key = col(Trait.key)
    return select(key, number).where(_KEYS).group_by(key).order_by(number, key)


def _telling(frequent: Iterable[Row[str, int]]) -> list[str]:
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
def _promising() -> Select[Any]:
    """The items that share most of the keys, a rare one counting more."""
    # Only along the keys shall it look for items: hence no bare column that has an index.
    usable: Any = literal_column(f"coalesce(submission.state, '') IN ({quoted(USABLE)})")
    whose = bindparam("of_cluster", type_=Integer)
    each = (
        select(
            col(Trait.submission_id).label("id"),
            func.count().over(partition_by=col(Trait.key)).label("frequent"),
            case((col(Trait.key).like("% word %"), 1), else_=2).label("counts"),
        )
        .join(Submission, col(Submission.id) == col(Trait.submission_id))
        .where(
            _KEYS,
            usable,
            col(Submission.id) != bindparam("besides"),
            or_(whose.is_(None), col(Submission.cluster_id) + 0 == whose),
        )
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
    return (
        select(*_COLUMNS)
        .select_from(sharing)
        .join(Submission, col(Submission.id) == sharing.c.id)
        .join(Revision, newest)
        .outerjoin(Cluster, col(Cluster.id) == col(Submission.cluster_id))
    )
