"""What is due by the clock: the tables decide, APScheduler only rings the bell.

Every moment stands in the database, in UTC, so a restart forgets nothing and a change of the
clocks changes nothing: „10:00“ in Berlin became its moment when somebody said it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine, Select, select
from sqlmodel import Session, col

from newsletter import database, editors, issues, loop, queue, readers
from newsletter.database import DatabaseAway
from newsletter.dispatch import engine as sender
from newsletter.dispatch import ledger
from newsletter.dispatch.engine import Sent, Tell, quietly
from newsletter.dispatch.home_guard import AnotherSender, HomeFull
from newsletter.errors import NewsletterError
from newsletter.history import SYSTEM, Act, Clock, acting, now
from newsletter.language import N_, _, speaking
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.settings import Settings

LATE_AFTER = timedelta(hours=2)  # below that, an issue that was missed simply starts
_RING_EVERY = 5  # seconds: how long a letter waits that the web or a command has posted
_TIDY_EVERY = timedelta(minutes=10)
_ANNOUNCE_EVERY = timedelta(minutes=1)
_READ_EVERY = timedelta(minutes=1)  # one feed at most
_ASK_AGAIN = 2.0  # seconds, while another sender works, or the database is away


def open_due(engine: Engine, settings: Settings, clock: Clock = now, tell: Tell = quietly) -> None:
    """Let every issue begin whose time has come; each in an act of its own.

    More than two hours late: it waits for a yes. Not as it was approved: it is held back,
    with the reasons in its history.
    """
    with database.reading(engine) as session:
        due = session.scalars(_scheduled().where(col(Issue.send_at) <= clock())).all()
    for issue_id in due:
        with acting(engine, settings, SYSTEM, clock=clock) as act:
            issue = act.session.get_one(Issue, issue_id)
            if issue.state is IssueState.SCHEDULED:  # not taken back meanwhile
                tell(_begin(act, issue))


def _begin(act: Act, issue: Issue) -> str:
    """Open, hold back, or call late; what was done, for people."""
    if issue.send_at is not None and act.now - issue.send_at > LATE_AFTER:
        why = N_("Die Zeit war um mehr als zwei Stunden vorbei, als der Versand wieder lief.")
        act.move(issue, ISSUE, IssueState.LATE, why=why)
        editors.alarm(act, issue, why)
        said = _("{issue}: überfällig, wartet auf ein Ja (newsletter issue schedule {issue} now)")
        return said.format(issue=issue.id)
    findings = issues.ready_to_send(act.session, act.settings, issue, act.now)
    if findings:
        issues.hold_back(act, issue, findings)
        said = _("{issue}: nicht versandt, wieder Entwurf. {why}")
        return said.format(issue=issue.id, why=findings[0].text)
    readers.resume_due(act, [issue.newsletter])
    ledger.open_issue(act, issue)
    return _("{issue}: die Zeit ist gekommen").format(issue=issue.id)


def _scheduled() -> Select[str]:
    return (
        select(col(Issue.id))
        .where(col(Issue.state) == IssueState.SCHEDULED)
        .order_by(col(Issue.send_at), col(Issue.id))
    )


def tidy(engine: Engine, settings: Settings, clock: Clock = now) -> None:
    """Let sign-ups and approvals expire that nobody gave in time; begin the drafts that are due;
    write to editors how their issues stand, and to contributors what is due: calls, how their
    edited items will appear, and that they have.
    """
    with _alone(engine, settings, clock) as act:
        readers.expire_pending(act)
        readers.resume_due(act, list(settings.newsletters))
        issues.lapse(act)
        issues.lapse_plans(act)
        issues.remind_approvers(act)
        issues.draft_due(act)
        issues.call_due(act)
        issues.remind_due(act)
        issues.tell_edited(act)
        issues.tell_contributors(act)
    announce(engine, settings, clock)


def announce(engine: Engine, settings: Settings, clock: Clock = now) -> None:
    """Tell the editors of new items, if it is time to."""
    with database.reading(engine) as session:
        due = queue.digest_due(session, settings)
    if due is not None and due <= clock():
        with _alone(engine, settings, clock) as act:
            queue.post_digest(act)


def read_feeds(engine: Engine, settings: Settings, clock: Clock = now) -> None:
    """Read a member's feed, if one is due; what is new there is suggested to the cluster."""
    from newsletter import feeds_in, outside  # late: a sender that reads none needs neither

    fetcher = outside.Fetcher(settings.network, settings.agent)
    with speaking(settings.language):
        feeds_in.read_due(engine, settings, fetcher, clock)


@contextmanager
def _alone(engine: Engine, settings: Settings, clock: Clock) -> Iterator[Act]:
    """An act in a thread of the bell's own, which knows nothing of the language we speak."""
    act = acting(engine, settings, SYSTEM, clock=clock, durable=False)
    with speaking(settings.language), act as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class NextDue:
    """What comes next, and when: an issue's id, "letter" or "delivery"."""

    at: datetime
    what: str


def next_due(session: Session, moment: datetime) -> NextDue | None:
    """The next moment at which something is to be done; None if nothing waits."""
    found = []
    issue = session.scalars(
        select(Issue)
        .where(col(Issue.state) == IssueState.SCHEDULED)
        .order_by(col(Issue.send_at))
        .limit(1)
    ).first()
    if issue is not None and issue.send_at is not None:
        found.append(NextDue(issue.send_at, issue.id))
    row = ledger.next_due(session, moment)
    if row is not None:
        found.append(NextDue(row.at, row.what))
    return min(found, key=lambda due: due.at, default=None)


def send_what_is_due(
    engine: Engine,
    settings: Settings,
    *,
    clock: Clock = now,
    stop: asyncio.Event | None = None,
    tell: Tell = quietly,
) -> Sent:
    """Begin and send all that is due now, then return; a relay's trouble is in the result.

    AnotherSender, NotThisHome if sending from here is refused.
    """
    return loop.run(until_empty(engine, settings, stop or asyncio.Event(), clock, tell))


async def until_empty(
    engine: Engine,
    settings: Settings,
    stop: asyncio.Event,
    clock: Clock = now,
    tell: Tell = quietly,
) -> Sent:
    """``send_what_is_due`` for a loop that runs already."""

    def before_round() -> None:
        open_due(engine, settings, clock, tell)

    tidy(engine, settings, clock)
    return await sender.run(
        engine,
        settings,
        stop,
        until_empty=True,
        clock=clock,
        before_round=before_round,
        tell=tell,
    )


async def keep_sending(
    engine: Engine,
    settings: Settings,
    stop: asyncio.Event,
    clock: Clock = now,
    tell: Tell = quietly,
) -> None:
    """Send whatever is due, whenever it is, until told to stop. NotThisHome if refused.

    While another sender is at work, it waits for its turn; while the database is away, for
    its return.
    """
    bell = Bell(engine, clock)
    waits: set[type[NewsletterError]] = set()  # what we have told that we wait for

    def before_round() -> None:
        if DatabaseAway in waits:
            tell(_("Die Datenbank antwortet wieder; der Versand geht weiter."))
        waits.intersection_update({HomeFull})  # which shows only later in a round
        open_due(engine, settings, clock, tell)
        bell.set_for_next()

    # At once as well: a sender that is started again and again must not put them off for ever.
    for chore, every in (
        (tidy, _TIDY_EVERY),
        (announce, _ANNOUNCE_EVERY),
        (read_feeds, _READ_EVERY),
    ):
        bell.scheduler.add_job(
            _if_it_can,
            "interval",
            (chore, engine, settings, clock),
            seconds=every.total_seconds(),
            next_run_time=datetime.now(UTC),
        )
    bell.scheduler.start()
    try:
        while not stop.is_set():
            try:
                await sender.run(
                    engine,
                    settings,
                    stop,
                    clock=clock,
                    before_round=before_round,
                    bell=bell.rings,
                    tell=tell,
                )
            except (AnotherSender, DatabaseAway) as reason:
                if type(reason) not in waits:
                    tell(_waiting(reason))
                waits.add(type(reason))
                await sender.first_of(_ASK_AGAIN, stop)
    finally:
        bell.scheduler.shutdown(wait=False)


def _waiting(reason: NewsletterError) -> str:
    if isinstance(reason, HomeFull):
        return _("{reason} Ich versuche es weiter.").format(reason=reason)
    if isinstance(reason, DatabaseAway):
        return _("{reason} Ich warte, bis sie wieder antwortet.").format(reason=reason)
    return _("{another} – ich warte, bis er fertig ist.").format(another=reason)


def _if_it_can(
    chore: Callable[[Engine, Settings, Clock], None],
    engine: Engine,
    settings: Settings,
    clock: Clock,
) -> None:
    with suppress(DatabaseAway):  # next time, then
        chore(engine, settings, clock)


class Bell:
    """Rings every few seconds, and at the very moment at which something is due."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.rings = asyncio.Event()
        self._engine, self._clock = engine, clock
        # However late the machine wakes up, it rings once and not once per missed time.
        self.scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self.scheduler.add_job(self._ring, "interval", seconds=_RING_EVERY)

    async def _ring(self) -> None:
        self.rings.set()

    def set_for_next(self) -> None:
        """Ring when the next thing is due."""
        moment = self._clock()
        with database.reading(self._engine) as session:
            due = next_due(session, moment)
        if due is not None and due.at > moment:
            self.scheduler.add_job(
                self._ring, "date", run_date=due.at, id="next", replace_existing=True
            )
