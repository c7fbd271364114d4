"""Reading feeds: one at a time, seldom, asking only for what has changed (RFC 9110 §13)."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from newsletter import database, submissions
from newsletter.brought import Found, Setting, Source, Unusable, day_of, of_source
from newsletter.content import EventState, Kind
from newsletter.history import SYSTEM, Act, Actor, Clock, acting
from newsletter.likeness import Traits
from newsletter.models.cluster import Cluster
from newsletter.models.feed import SUGGESTION, Feed, Hint, Suggestion, SuggestionState
from newsletter.models.submission import Submission
from newsletter.outside import Fetched, Fetcher, OutsideError
from newsletter.settings import Settings

from .kept import as_kept, of_kept
from .marks import marks
from .nearest import Known, is_over, nearest

EVERY = timedelta(hours=6)
_AGAIN, _SELDOM = timedelta(hours=1), timedelta(hours=48)  # after failures: 1, 2, 4 … 48 hours
_UNDER_WAY = timedelta(minutes=15)  # for another worker, while one reads
_FRESH = timedelta(days=60)  # older news are none
_UNDATED = 10  # news without a day of their own that are taken for new: the first ones
_MOVED = 50  # dates that are gone at once and may have moved
_MISSED = 2  # readings without a date, until it is taken for gone
ACCEPTED = {
    *("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml"),
    *("text/xml", "text/calendar", "text/plain", "text/html", "application/xhtml+xml"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What came of reading a feed; ``trouble`` is a sentence, if nothing came."""

    url: str
    new: int = 0
    hints: int = 0
    beyond: int = 0  # dates that lie too far ahead to be suggested yet
    unchanged: bool = False
    trouble: str = ""


def read_due(engine: Engine, settings: Settings, fetcher: Fetcher, clock: Clock) -> Report | None:
    """Read the one feed that has waited longest, if any is due.

    One at a time, so that whoever stops us waits for ten seconds at most.
    """
    wanted = (
        select(col(Feed.id), col(Feed.next_at))
        .join(Cluster, col(Cluster.id) == col(Feed.cluster_id))
        .where(col(Feed.next_at) <= clock(), col(Cluster.deactivated_at).is_(None))
        .order_by(col(Feed.next_at), col(Feed.id))
        .limit(1)
    )
    with database.reading(engine) as session:  # hardly ever is one due: nobody waits for us
        due = session.execute(wanted).first()
    if due is None:
        return None
    with acting(engine, settings, SYSTEM, clock=clock, durable=False) as act:
        mine = _claimed(act, due[0], due[1])
    return read_now(engine, settings, fetcher, clock, due[0]) if mine else None


def _claimed(act: Act, feed_id: int, next_at: datetime) -> bool:
    """Whether it is ours to read: another worker may have been faster."""
    done = act.session.connection().execute(
        update(Feed)
        .where(col(Feed.id) == feed_id, col(Feed.next_at) == next_at)
        .values(next_at=act.now + _UNDER_WAY)
    )
    return done.rowcount == 1


def read_now(
    engine: Engine,
    settings: Settings,
    fetcher: Fetcher,
    clock: Clock,
    feed_id: int,
    actor: Actor = SYSTEM,
) -> Report:
    """Read this feed, due or not; what was found is kept, trouble is written down."""
    with database.reading(engine) as session:
        feed = session.get_one(Feed, feed_id)
        url, known, cluster_id = feed.url, (feed.etag, feed.last_modified), feed.cluster_id
    setting = Setting(settings.zone, clock().astimezone(settings.zone).date())
    page, source, trouble = None, None, ""
    try:
        page = fetcher.fetch(url, ACCEPTED, *known)
        if not page.unchanged:
            source = of_source(page.body, page.charset, page.url, setting)
    except (OutsideError, Unusable) as why:
        trouble = str(why)
    twins: dict[str, int] = {}
    if source:
        twins = _twins(engine, feed_id, cluster_id, source, setting)
        source = nearest(source, _known(engine, feed_id, setting), twins, setting)
    with acting(engine, settings, actor, clock=clock) as act:
        row = act.session.get(Feed, feed_id, with_for_update=True)  # by a person, and by the clock
        if row is None:  # removed meanwhile
            return Report(url)
        if trouble or page is None:
            _failed(act, row, trouble)
            return Report(url, trouble=trouble)
        _came(act, row, page)
        if source is None:
            return Report(url, unchanged=True)
        return _Reading(act, row, setting, twins).keep(source)


def _twins(
    engine: Engine, feed_id: int, cluster_id: int, source: Source, setting: Setting
) -> dict[str, int]:
    """What of it was handed in already, by its mark. Looked up before the act: for a long
    calendar it takes seconds, in which nobody else could write.
    """
    rows = select(col(Suggestion.mark)).where(
        col(Suggestion.feed_id) == feed_id, col(Suggestion.submission_id).is_not(None)
    )
    found: dict[str, int] = {}
    with database.reading(engine) as session:
        matched = set(session.scalars(rows))
        for it in source.found:
            mark, __ = marks(it, setting)
            if mark in matched or is_over(it, setting):
                continue
            if twin := twin_of(session, setting, it, cluster_id):
                found[mark] = twin
    return found


def _known(engine: Engine, feed_id: int, setting: Setting) -> Known:
    rows = select(
        col(Suggestion.mark),
        col(Suggestion.likewise),
        col(Suggestion.found),
        col(Suggestion.last_day),
    ).where(col(Suggestion.feed_id) == feed_id)
    with database.reading(engine) as session:
        all_ = session.execute(rows).all()
    ahead = [found for *_marks, found, last in all_ if last and last > setting.today]
    return Known(
        frozenset(mark for row in all_ for mark in row[:2]),
        frozenset(str(found["title"]).casefold() for found in ahead),
    )


def _failed(act: Act, feed: Feed, trouble: str) -> None:
    feed.failures += 1
    feed.trouble = trouble
    feed.next_at = act.now + min(_SELDOM, _AGAIN * 2 ** min(feed.failures - 1, 10))


def _came(act: Act, feed: Feed, page: Fetched) -> None:
    feed.failures, feed.trouble = 0, None
    feed.read_at, feed.next_at = act.now, act.now + EVERY
    if not page.unchanged:
        feed.etag, feed.last_modified = page.etag, page.last_modified


class _Reading:
    """What one reading of a feed changes."""

    def __init__(self, act: Act, feed: Feed, setting: Setting, twins: Mapping[str, int]) -> None:
        self.act, self.feed, self.setting, self.twins = act, feed, setting, twins
        rows = act.session.scalars(select(Suggestion).where(col(Suggestion.feed_id) == feed.id))
        self.rows = list(rows)
        self.gone: list[tuple[Suggestion, Found]] = []
        self.new = self.hints = 0

    def keep(self, source: Source) -> Report:
        """Keep what is new, refresh what is known, notice what is cancelled or gone."""
        undated = 0
        seen: set[int] = set()  # of objects: new ones are numbered only at the end, all at once
        named = {row.id for found in source.found if (row := self._known(found))}
        self.gone = self._without_their_day(named)
        for found in source.found:
            row = self._known(found) or self._moved(found)
            if row is None:
                undated += found.starts is None and found.said_at is None
                if not self._is_news(found, undated):
                    continue
                row = self._begun(found)
            if id(row) not in seen:
                self._refresh(row, found)
                seen.add(id(row))
        if source.complete:
            self._miss([row for row in self.rows if id(row) not in seen])
        self.feed.beyond = source.beyond
        return Report(self.feed.url, self.new, self.hints, source.beyond)

    def _known(self, found: Found) -> Suggestion | None:
        mark, likewise = marks(found, self.setting)
        named = next((row for row in self.rows if row.mark == mark), None)
        return named or next((row for row in self.rows if row.likewise == likewise), None)

    def _without_their_day(self, named: Container[int | None]) -> list[tuple[Suggestion, Found]]:
        """Dates ahead that are not named any more, with what they were; what is over stays so,
        and where many are gone, their calendar is another one.
        """
        ahead = [
            (row, of_kept(row.found))
            for row in self.rows
            if row.id not in named and row.last_day and row.last_day > self.setting.today
        ]
        gone = [(row, before) for row, before in ahead if not before.more_days]
        return gone if len(gone) <= _MOVED else []

    def _moved(self, found: Found) -> Suggestion | None:
        """The one date that was called so and is not named by its day any more, if there is one:
        this is its new day.
        """
        if found.kind is not Kind.DATE or found.more_days:
            return None
        gone = [it for it in self.gone if self._is_but_for_its_day(*it, found)]
        if len(gone) != 1:
            return None
        ((row, before),) = gone
        theirs = self.twins.get(marks(found, self.setting)[0], row.submission_id)
        if theirs != row.submission_id:  # the day of another item
            return None
        if row.submission_id is None and row.state is SuggestionState.TAKEN:
            twin = twin_of(self.act.session, self.setting, before, self.feed.cluster_id)
            if twin is None:  # begun, and not handed in: what is new is shown
                return None
            self._match(row, twin)
        self.gone = [it for it in self.gone if it[0] is not row]
        row.hint_seen = False
        if row.submission_id is not None:
            item = self.act.session.get_one(Submission, row.submission_id)
            self.hints += on_another_day(self.act.session, self.setting.zone, found, item)
        return row

    def _is_but_for_its_day(self, row: Suggestion, before: Found, found: Found) -> bool:
        mark, likewise = marks(replace(found, starts=before.starts), self.setting)
        return row.mark == mark or row.likewise == likewise

    def _is_news(self, found: Found, undated: int) -> bool:
        """Whether it is worth a suggestion, or belongs to an item that was handed in."""
        if not found.title:
            return False
        if found.kind is Kind.DATE:
            return not is_over(found, self.setting)
        if found.said_at is None:
            return undated <= _UNDATED
        return self.act.now - _FRESH <= found.said_at <= self.act.now + timedelta(days=1)

    def _begun(self, found: Found) -> Suggestion:
        mark, likewise = marks(found, self.setting)
        row = Suggestion(
            feed_id=self.feed.id or 0,
            mark=mark,
            likewise=likewise,
            state=SuggestionState.OPEN,
            found=as_kept(found),
            last_day=found.last_day(self.setting.zone),
            first_seen_at=self.act.now,
            seen_at=self.act.now,
        )
        self.act.session.add(row)
        self.rows.append(row)
        self.new += 1
        return row

    def _refresh(self, row: Suggestion, found: Found) -> None:
        mark, row.likewise = marks(found, self.setting)
        if row.mark != mark:
            row.mark = mark
            self.act.session.flush()  # before another takes the mark that this one had
        row.seen_at, row.missed = self.act.now, 0
        row.found, row.last_day = as_kept(found), found.last_day(self.setting.zone)
        if row.submission_id is None and (twin := self.twins.get(mark)):
            self._match(row, twin)
        self._notice(row, Hint.CANCELLED if found.state is EventState.CANCELLED else None)

    def _match(self, row: Suggestion, twin: int) -> None:
        """What was handed in by other ways is not suggested."""
        row.submission_id = twin
        if row.state is SuggestionState.OPEN:
            self.act.session.flush()
            self.act.move(row, SUGGESTION, SuggestionState.TAKEN, why=f"q{twin}")

    def _miss(self, absent: Sequence[Suggestion]) -> None:
        for row in absent:
            if row.last_day is None or row.last_day < self.setting.today:
                continue
            row.missed += 1
            if row.missed >= _MISSED:
                self._notice(row, Hint.GONE)

    def _notice(self, row: Suggestion, hint: Hint | None) -> None:
        """A hint that is new is shown; one that was answered comes back only if it changes."""
        if row.submission_id is None or row.hint == hint:
            return
        row.hint, row.hint_seen = hint, False
        self.hints += hint is not None


def on_another_day(session: Session, zone: ZoneInfo, found: Found, item: Submission) -> bool:
    """Whether a page names another day than the item that was handed in; of a series never."""
    if found.kind is not Kind.DATE or found.more_days:
        return False
    ours = submissions.traits_of(submissions.revision_of(session, item), zone).first_day
    return ours is not None and ours != day_of(found.starts, zone)


def twin_of(session: Session, setting: Setting, found: Found, cluster_id: int) -> int | None:
    """The item of this cluster's that says the same, if there is one."""
    traits = Traits(
        title=found.title,
        teaser=found.teaser,
        link=found.link,
        first_day=day_of(found.starts, setting.zone),
        last_day=day_of(found.ends, setting.zone),
        place=found.location or None,
    )
    twins = submissions.similar_to(session, setting.zone, traits, found.kind, of_cluster=cluster_id)
    return twins[0].submission_id if twins else None
