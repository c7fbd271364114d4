"""Which items of a public newsletter everybody may read, in which revision, and since when."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from newsletter import archive, submissions
from newsletter.archive import Note, NotHere
from newsletter.content import Audience, Item, Kind
from newsletter.language import N_
from newsletter.models.correction import Correction, Erratum
from newsletter.models.event import Event
from newsletter.models.issue import Placement, Publication
from newsletter.models.submission import EVENT, USABLE, Revision, Submission, Via
from newsletter.models.take_down import TakeDown
from newsletter.settings import Settings

T = TypeVar("T")

_AT_ONCE = 1_000  # items in one statement


class NoSuchItem(NotHere):
    """The same for what never was, is not out yet, is for members only, or was taken back."""

    title = N_("Diesen Beitrag gibt es hier nicht")
    sentence = N_(
        "Vielleicht wurde er zurückgezogen oder ist noch nicht erschienen. Bitte prüfen Sie die"
        " Adresse, oder suchen Sie im Archiv."
    )


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """How an item came before the public: in an issue, or by itself (``number`` is empty)."""

    at: datetime
    revision: int
    number: str = ""


@dataclass(slots=True)
class Out:
    """An item that everybody may read."""

    id: int
    kind: Kind
    cluster_id: int | None
    source: str
    ways: list[Way] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return f"q{self.id}"

    @property
    def revision(self) -> int:
        """The newest that is out; what was edited since is not."""
        return max(way.revision for way in self.ways)

    @property
    def published_at(self) -> datetime:
        return min(way.at for way in self.ways)

    @property
    def shown_since(self) -> datetime:
        """When the revision that is shown came out."""
        return min(way.at for way in self.ways if way.revision == self.revision)

    @property
    def numbers(self) -> list[str]:
        """Of the issues it stands in, the oldest first."""
        return [way.number for way in sorted(self.ways) if way.number]


@dataclass(frozen=True, slots=True)
class Page:
    """One item as its page shows it, and its neighbours by the day they came out."""

    out: Out
    item: Item
    changed_at: datetime
    notes: tuple[Note, ...]  # what was wrong and what is right, oldest first
    older: Item | None = None
    newer: Item | None = None


def published(session: Session, settings: Settings, slug: str, now: datetime) -> list[Out]:
    """Every item of a public newsletter that everybody may read, newest first. NotHere."""
    opened = {it.number: it.opened_at for it in archive.list_(session, settings, slug, now)}
    found: dict[int, Out] = {}
    for row in session.execute(_placed(slug, now)):
        number = row.issue_id.removeprefix(f"{slug}-")
        if number in opened:
            _out(found, row).ways.append(Way(opened[number], row.revision, number))
    for row in session.execute(_by_itself(slug, now)):
        _out(found, row).ways.append(Way(row.published_at, row.revision))
    return sorted(found.values(), key=lambda it: (it.published_at, it.id), reverse=True)


def page_of(session: Session, settings: Settings, slug: str, reference: str, now: datetime) -> Page:
    """One item, its notes, its neighbours. NotHere; NoSuchItem unless everybody may read it."""
    outs = published(session, settings, slug, now)
    place = next((n for n, out in enumerate(outs) if out.reference == reference), None)
    if place is None:
        raise NoSuchItem
    out = outs[place]
    near = outs[max(0, place - 1) : place + 2]
    items = items_of(session, settings, near, now)
    older = outs[place + 1] if place + 1 < len(outs) else None
    newer = outs[place - 1] if place else None
    return Page(
        out,
        items[out.id],
        changed_at(session, [out])[out.id],
        notes_of(session, settings, slug, [out])[out.id],
        items[older.id] if older else None,
        items[newer.id] if newer else None,
    )


def items_of(
    session: Session, settings: Settings, outs: Collection[Out], now: datetime
) -> dict[int, Item]:
    """The items in the revisions that are out, by id."""
    today = now.astimezone(settings.zone).date()
    wanted = [(out.id, out.revision) for out in outs]
    found: dict[int, Item] = {}
    for part in in_parts(wanted):
        found |= submissions.items_of(session, settings, part, today)
    return found


def gone(session: Session, settings: Settings, slug: str, now: datetime) -> list[str]:
    """References of what had come out and is not to be shown any more, as other sites must know.

    Not those under an embargo, nor of issues that the archive does not show: they are nobody's
    business. NotHere.
    """
    opened = {f"{slug}-{it.number}" for it in archive.list_(session, settings, slug, now)}
    placed = select(col(Placement.submission_id), col(Placement.issue_id)).where(
        col(Placement.newsletter) == slug, col(Placement.audience) == Audience.PUBLIC
    )
    once = {id_ for id_, issue in session.execute(placed) if issue in opened}
    by_itself = select(col(Publication.submission_id)).where(
        col(Publication.newsletter) == slug, col(Publication.audience) == Audience.PUBLIC
    )
    once |= set(session.scalars(by_itself))
    dark = select(col(Submission.id)).join(
        Revision,
        and_(
            col(Revision.submission_id) == col(Submission.id),
            col(Revision.number) == col(Submission.revision),
        ),
    )
    once -= set(session.scalars(dark.where(col(Revision.embargo_until) > now)))
    return [
        f"q{id_}"
        for id_ in sorted(once - {it.id for it in published(session, settings, slug, now)})
    ]


def upcoming(session: Session, settings: Settings, slug: str, now: datetime) -> list[Item]:
    """The dates that are not over, the next one first. NotHere."""
    known = _ahead(session, now)
    dates = [
        it
        for it in published(session, settings, slug, now)
        if it.kind is Kind.DATE and (it.id, it.revision) in known
    ]
    items = items_of(session, settings, dates, now)
    ahead = [it for it in items.values() if not _is_over(it, settings, now)]
    return sorted(ahead, key=lambda it: (_begins(it, settings), it.reference))


def _ahead(session: Session, now: datetime) -> set[tuple[int, int]]:
    """Revisions of dates that may not be over, by id and number: few of all that ever were."""
    moments, days = ("starts_at", "ends_at"), ("starts_on", "ends_on")
    yesterday = now.date() - timedelta(days=1)  # whatever the time zone
    later = [col(getattr(Revision, name)) >= now for name in moments]
    later += [col(getattr(Revision, name)) >= yesterday for name in days]
    rows = session.execute(
        select(col(Revision.submission_id), col(Revision.number)).where(or_(*later))
    )
    return {(id_, number) for id_, number in rows}


def changed_at(session: Session, outs: Collection[Out]) -> dict[int, datetime]:
    """When what everybody sees of each last changed: text, notes, whether a date takes place."""
    found = {out.id: out.shown_since for out in outs}
    ids = list(found)
    for part in in_parts(ids):
        noted = select(col(Erratum.submission_id), func.max(col(Erratum.noted_at))).where(
            col(Erratum.submission_id).in_(part)
        )
        moved = select(col(Event.key), func.max(Event.at)).where(
            col(Event.noun) == EVENT.noun, col(Event.key).in_([str(each) for each in part])
        )
        rows = [
            *session.execute(noted.group_by(col(Erratum.submission_id))),
            *session.execute(moved.group_by(col(Event.key))),
        ]
        for key, at in rows:
            found[int(key)] = max(found[int(key)], at)
    return found


# -- who is out -----------------------------------------------------------------------------


def _out(found: dict[int, Out], row: Any) -> Out:
    if row.id not in found:
        found[row.id] = Out(row.id, row.kind, row.cluster_id, row.source or "")
    return found[row.id]


def _placed(slug: str, now: datetime) -> Select[Any]:
    return _shown(Placement, now, col(Placement.issue_id)).where(
        col(Placement.newsletter) == slug, col(Placement.audience) == Audience.PUBLIC
    )


def _by_itself(slug: str, now: datetime) -> Select[Any]:
    return _shown(Publication, now, col(Publication.published_at)).where(
        col(Publication.newsletter) == slug, col(Publication.audience) == Audience.PUBLIC
    )


def _shown(way: type[Placement] | type[Publication], now: datetime, more: Any) -> Select[Any]:
    """Usable items under no embargo and with their rights, by one way out."""
    newest, then = aliased(Revision), aliased(Revision)
    its, kind, source = col(Submission.id), col(Submission.kind), col(Submission.source)
    return (
        select(its, kind, source, col(Submission.cluster_id), col(way.revision), more)
        .join(way, col(way.submission_id) == its)
        .join(
            newest,
            and_(col(newest.submission_id) == its, col(newest.number) == Submission.revision),
        )
        .join(then, and_(col(then.submission_id) == its, col(then.number) == col(way.revision)))
        .where(
            col(Submission.state).in_(USABLE),
            or_(col(newest.embargo_until).is_(None), col(newest.embargo_until) <= now),
            _with_rights(newest, then),
            its.not_in(select(col(TakeDown.submission_id))),
        )
    )


def _with_rights(newest: type[Revision], then: type[Revision]) -> ColumnElement[bool]:
    """What ``submissions.taken_back`` decides of one item, for all of them."""
    own = and_(col(Submission.via) == Via.EDITOR, ~col(then.rights_confirmed))
    return or_(col(newest.rights_confirmed), own)


def notes_of(
    session: Session, settings: Settings, slug: str, outs: Collection[Out]
) -> dict[int, tuple[Note, ...]]:
    """What was noted at each item, and by the corrections that brought another text of it."""
    noted: dict[int, list[Note]] = {out.id: [] for out in outs}
    for part in in_parts(list(noted)):
        for it in session.scalars(select(Erratum).where(col(Erratum.submission_id).in_(part))):
            noted[it.submission_id].append(Note(it.noted_at, it.note))
    its = select(Correction).where(col(Correction.issue_id).startswith(f"{slug}-", autoescape=True))
    said = {each.issue_id: each.note for each in session.scalars(its)}
    for out in outs:
        first = min(out.ways).revision
        noted[out.id] += [
            Note(way.at, said[key], settings.links.archive(slug, way.number))
            for way in out.ways
            if way.revision != first and (key := f"{slug}-{way.number}") in said
        ]
    return {id_: _once(notes) for id_, notes in noted.items()}


def _once(notes: list[Note]) -> tuple[Note, ...]:
    """The oldest first; one that stands at an item in several issues is said once."""
    found: dict[str, Note] = {}
    for note in sorted(notes, key=lambda it: it.at):
        found.setdefault(note.text, note)
    return tuple(found.values())


def in_parts(all_: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(all_), _AT_ONCE):
        yield all_[first : first + _AT_ONCE]


# -- when -----------------------------------------------------------------------------------


def _begins(item: Item, settings: Settings) -> datetime:
    """A date has a time; whole days begin with their first minute."""
    starts = item.when.starts if item.when else date.max
    return _moment(starts, time.min, settings)


def _is_over(item: Item, settings: Settings, now: datetime) -> bool:
    if item.when is None:
        return True
    return _moment(item.when.ends or item.when.starts, time.max, settings) < now


def _moment(at: date, clock: time, settings: Settings) -> datetime:
    """A moment as it is; of a whole day its moment at ``clock``."""
    return at if isinstance(at, datetime) else datetime.combine(at, clock, settings.zone)
