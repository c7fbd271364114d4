"""Which items are like this one: looked up along an index, then compared by ``likeness``.

At 10,000 items a look takes a few milliseconds: what an item can be found by stands in a table
of its own (Trait), and only the most promising ones are read and compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, func, insert, select
from sqlmodel import Session, col

from newsletter.content import Kind
from newsletter.history import Act
from newsletter.likeness import Likeness, Traits, keys, likeness
from newsletter.models.cluster import Cluster
from newsletter.models.submission import USABLE, Revision, Submission, SubmissionState, Trait

from .facts import Facts

NAMED = 5  # twins, the likeliest first
_COMPARED = 30  # items, the most promising ones
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


def remember(act: Act, submission: Submission, revision: Revision) -> None:
    """Keep what the item may be found by, instead of what an older revision said."""
    connection = act.session.connection()
    if revision.number > 1:
        connection.execute(delete(Trait).where(col(Trait.submission_id) == submission.id))
    found = keys_of(traits_of(revision, act.settings.zone), submission.kind)
    connection.execute(
        insert(Trait), [{"key": key, "submission_id": submission.id} for key in sorted(found)]
    )


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
    promising = _promising(session, keys_of(traits, kind), besides, of_cluster)
    wanted = (
        select(*_COLUMNS)
        .join(
            Revision,
            (col(Revision.submission_id) == col(Submission.id))
            & (col(Revision.number) == col(Submission.revision)),
        )
        .outerjoin(Cluster, col(Cluster.id) == col(Submission.cluster_id))
        .where(col(Submission.id).in_(promising))
    )
    found = [
        Twin(
            row.id,
            f"q{row.id}",
            row.title,
            row.name or row.source or "",
            row.state,
            row.received_at,
            likeness(traits, traits_of(row, zone)),
        )
        for row in session.execute(wanted)
    ]
    likely = [twin for twin in found if twin.likeness.likely]
    return sorted(likely, key=lambda twin: (-twin.likeness.score, -twin.submission_id))[:NAMED]


def _promising(
    session: Session, wanted: Iterable[str], besides: int | None, of_cluster: int | None
) -> list[int]:
    """The items that share most with the wanted keys, a rare one counting more."""
    frequent = _frequencies(session, wanted)
    usable = [col(Submission.state).in_(USABLE), col(Submission.id) != (besides or 0)]
    if of_cluster is not None:
        usable.append(col(Submission.cluster_id) == of_cluster)
    sharing = (
        select(col(Trait.submission_id), col(Trait.key))
        .join(Submission, col(Submission.id) == col(Trait.submission_id))
        .where(col(Trait.key).in_(_telling(frequent)), *usable)
    )
    worth: dict[int, float] = defaultdict(float)
    for submission_id, key in session.execute(sharing):
        worth[submission_id] += 1 / frequent[key]
    return sorted(worth, key=lambda each: (-worth[each], -each))[:_COMPARED]


def _frequencies(session: Session, wanted: Iterable[str]) -> dict[str, int]:
    counted = select(col(Trait.key), func.count()).where(col(Trait.key).in_(sorted(wanted)))
    return {row[0]: row[1] for row in session.execute(counted.group_by(col(Trait.key)))}


def _telling(frequent: Mapping[str, int]) -> list[str]:
    """The rarest keys, as many as may be read; one at least."""
    chosen: list[str] = []
    rows = 0
    for key in sorted(frequent, key=lambda key: (frequent[key], key)):
        rows += frequent[key]
        if chosen and rows > _LOOKED_UP:
            break
        chosen.append(key)
    return chosen
