"""The loop of the sender: claim, compose, intend, carry, settle; drain when told to stop.

One round
    1. fix the audience of issues that are opening
    2. take issues out of the way that may not go out any more (issues.ready_to_send)
    3. wake what is due, claim a few rows, letters first; write the claim's number to the mark
    4. per row: compose; have a connection; keep the pace; intend; carry; settle
    5. give back what was claimed and not sent; keep the account of what is finished

Whatever kills this process leaves one row ``sending`` at most, for the one connection it has.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat

from sqlalchemy import Engine

from newsletter import database, invalidation, issues
from newsletter.database import DatabaseAway
from newsletter.errors import NewsletterError
from newsletter.history import SYSTEM, Act, Clock, acting, now
from newsletter.language import N_, _, n_
from newsletter.models.delivery import Delivery
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Settings

from . import home_guard, ledger, pace
from .copies import Copies
from .courier import Courier, Trouble
from .message import Message
from .replies import Deferred, Outcome, Receipt, Refused, Stage, Unknown

_LOOK_EVERY = 5.0  # seconds, if nobody rings a bell
# The database is away (a restart, a full disk, a lock): pauses between tries, in seconds.
_DATABASE_AWAY = (0.5, 1.0, 2.0, 4.0, 8.0)
_KEPT_IN_MIND = 900.0  # seconds: a server that moves to other hardware
_KEPT_WHEN_STOPPING = 30.0  # less than a supervisor's patience

Tell = Callable[[str], None]

_HELD = N_("{issue}: angehalten. {why}")


def quietly(_sentence: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Sent:
    """What a run did: how many messages went out, for which issues, and what stopped it."""

    letters: int = 0
    copies: int = 0
    issues: list[str] = field(default_factory=list)
    trouble: Trouble | None = None


async def run(
    engine: Engine,
    settings: Settings,
    stop: asyncio.Event,
    *,
    until_empty: bool = False,
    clock: Clock = now,
    before_round: Callable[[], None] = lambda: None,
    bell: asyncio.Event | None = None,
    tell: Tell = quietly,
) -> Sent:
    """Send what is due, until told to stop; or until nothing is, with ``until_empty``.

    ``before_round`` is called before each claim, for what becomes due by the clock; ``bell``
    ends the wait for work. AnotherSender, NotThisHome if sending is refused; DatabaseAway,
    with nothing lost, if it is away for longer than a moment. A relay's Trouble ends a run
    until_empty (it is in the result); else it is waited out.
    """
    with home_guard.only_sender(settings.home, engine) as still_ours:
        with acting(engine, settings, SYSTEM, clock=clock) as act:
            home_guard.enter(act)
        sender = _Sender(engine, settings, stop, clock, tell)
        try:
            while not stop.is_set():
                still_ours()
                before_round()
                try:
                    worked = await sender.round()
                except Trouble as trouble:
                    sender.sent.trouble = trouble
                    if until_empty:
                        break
                    await sender.leave_alone(trouble)
                    continue
                if not worked:
                    if until_empty:
                        break
                    await first_of(_LOOK_EVERY if bell is None else None, stop, bell)
                    if bell is not None:
                        bell.clear()
        finally:
            await sender.courier.close()
    return sender.sent


class _Sender:
    """One run: its connection, its pace, and what it has done so far."""

    def __init__(
        self, engine: Engine, settings: Settings, stop: asyncio.Event, clock: Clock, tell: Tell
    ) -> None:
        self.engine, self.settings = engine, settings
        self.stop, self.clock, self.tell = stop, clock, tell
        self.sent = Sent()
        self.courier = Courier(settings)
        self.copies = Copies(settings)
        self.brake = pace.Brake()  # for what relays say
        self.unfit = pace.Brake()  # for what cannot be composed
        self.held: set[str] = set()  # issues that were paused in the middle of a claim
        self.limits = pace.limits_of(settings.sending)
        self.pace = pace.Pace(self.limits, self._lately())
        self.failures = 0

    def _act(self, *, durable: bool = True, in_turn: bool = True) -> AbstractContextManager[Act]:
        return acting(
            self.engine,
            self.settings,
            SYSTEM,
            clock=self.clock,
            durable=durable,
            in_turn=in_turn,
        )

    def _stroke(self) -> AbstractContextManager[Act]:
        """What is done per message: it checks and writes in one statement, so it need not wait
        for people's acts, nor they for it.
        """
        return self._act(durable=False, in_turn=False)

    def _lately(self) -> list[datetime]:
        span = max((limit.span for limit in self.limits), default=timedelta(0))
        most = max((limit.count for limit in self.limits), default=0)
        with database.reading(self.engine) as session:
            return ledger.lately(session, self.clock() - span, most)

    # -- a round ----------------------------------------------------------------------------

    async def round(self) -> bool:
        """Send one claim's worth; False if there was nothing to do."""
        self._fix_audiences()
        self._hold_back()
        self.held.clear()
        claim, woken = self._claim()
        if claim is None:
            return self._close_accounts() or woken
        try:
            with database.reading(self.engine) as session:
                self.copies.look_up(session, claim.rows)
            for row in claim.rows:
                if self.stop.is_set():
                    break
                if not (isinstance(row, Delivery) and row.issue_id in self.held):
                    await self._carry(row)
        finally:
            with self._stroke() as act:
                ledger.release(act, claim.number)
            self._close_accounts()
        return True

    def _fix_audiences(self) -> None:
        with database.reading(self.engine) as session:
            opening = ledger.opening(session)
        for issue_id in opening:
            more = True
            while more and not self.stop.is_set():
                with self._act(durable=False) as act:
                    more = ledger.fill_audience(act, issue_id)
            if not more:
                self._start_sending(issue_id)

    def _start_sending(self, issue_id: str) -> None:
        with database.reading(self.engine) as session:
            recipients = ledger.recipients_of(session, issue_id)
        with self._act() as act:
            if act.session.get_one(Issue, issue_id).state is not IssueState.OPENING:
                return  # stopped meanwhile
            ledger.start_sending(act, issue_id, recipients)
        self._touched(issue_id)
        said = _("{issue}: geht hinaus; Adressen: {count}")
        self.tell(said.format(issue=issue_id, count=recipients))

    def _hold_back(self) -> None:
        """Nothing unapproved leaves: asked again before each claim (promise 3)."""
        with database.reading(self.engine) as session:
            going = [session.get_one(Issue, key) for key in ledger.sendable(session)]
            stopped = [
                (issue.id, findings)
                for issue in going
                if issue.state is IssueState.SENDING
                and (findings := issues.ready_to_send(session, self.settings, issue, self.clock()))
            ]
        for issue_id, findings in stopped:
            with self._act() as act:
                issues.hold_back(act, act.session.get_one(Issue, issue_id), findings)
            self.tell(_(_HELD).format(issue=issue_id, why=findings[0].text))

    def _claim(self) -> tuple[ledger.Claim | None, bool]:
        """A claim, and whether anything was done. Its number is on the disk before we use it."""
        with database.reading(self.engine) as session:
            due = ledger.next_due(session, self.clock())
        if due is None or due.at > self.clock():
            return None, False
        with self._act() as act:
            woken = ledger.wake(act)
            claim = ledger.claim(act, pace.batch_size(self.limits))
        if claim is not None:
            home_guard.write_mark(self.settings.home, claim.number)
        return claim, woken > 0

    def _close_accounts(self) -> bool:
        """Keep the account of what is finished; whether there was any (its letters wait then)."""
        with database.reading(self.engine) as session:
            finished = ledger.finished(session)
        for issue_id, account in finished.items():
            with self._act() as act:
                ledger.close(act, issue_id, account)
            self._touched(issue_id)
            said = _("{issue}: abgeschlossen; {account}")
            self.tell(said.format(issue=issue_id, account=in_words(account)))
        return bool(finished)

    def _touched(self, issue_id: str) -> None:
        if issue_id not in self.sent.issues:
            self.sent.issues.append(issue_id)

    # -- a row ------------------------------------------------------------------------------

    async def _carry(self, row: ledger.Row) -> None:
        message = self._composed(row)
        if message is None:
            return
        await self.courier.ready()
        if not await self._kept_pace():
            return
        with self._stroke() as act:
            if not ledger.intend(act, row):
                return
        try:
            outcome = await self.courier.carry(message)
        except Trouble as trouble:
            await self._settle(row, Deferred(trouble.stage, trouble.why, trouble.relay), again=True)
            raise
        self.pace.went(self.clock())
        await self._settle(row, outcome)
        self._feel(row, outcome)

    def _composed(self, row: ledger.Row) -> Message | None:
        """The row's message; None if it has none, which the ledger then knows."""
        try:
            message = self.copies.message(row, self.clock())
        except NewsletterError as error:
            self._fail(row, str(error))
            return None
        except Exception as error:  # a row fails with its reason; the run goes on
            self._fail(row, f"{type(error).__name__}: {error}")
            return None
        self.unfit.felt(None)
        if message is None:
            with self._stroke() as act:
                ledger.skip(act, row, "erased")
        return message

    def _fail(self, row: ledger.Row, why: str) -> None:
        """Write the reason down; one that is the same for reader after reader is the issue's."""
        with self._stroke() as act:
            ledger.fail(act, row, why)
        if not isinstance(row, Delivery) or not self.unfit.felt(why):
            return
        with self._act() as act:
            issue = act.session.get_one(Issue, row.issue_id)
            if issue.state is IssueState.SENDING:
                invalidation.take_back(act, issue, why, detail={"alarm": why})
        self.held.add(row.issue_id)  # the rest of the claim goes back to the queue
        self.tell(_(_HELD).format(issue=row.issue_id, why=why))

    async def _kept_pace(self) -> bool:
        """Wait until one more may go; False if we were told to stop meanwhile."""
        while wait := self.pace.wait(self.clock()):
            await first_of(wait.total_seconds(), self.stop)
            if self.stop.is_set():
                return False
        return True

    async def _settle(self, row: ledger.Row, outcome: Outcome, *, again: bool = False) -> None:
        """Write down what came of a message; while the database is away it is only in our
        memory, so we keep trying.
        """
        waited = 0.0
        for pause in chain(_DATABASE_AWAY, repeat(_DATABASE_AWAY[-1])):
            try:
                with self._stroke() as act:
                    ledger.settle(act, row, outcome, again=act.now if again else None)
            except DatabaseAway as away:
                if waited > (_KEPT_WHEN_STOPPING if self.stop.is_set() else _KEPT_IN_MIND):
                    raise  # the row says "sending", so it will be unknown, not lost
                if pause == _DATABASE_AWAY[1]:
                    self.tell(str(away))
            else:
                return
            await asyncio.sleep(pause)
            waited += pause

    def _feel(self, row: ledger.Row, outcome: Outcome) -> None:
        """Count what went out; Trouble if the last few speak against us."""
        if isinstance(outcome, Receipt):
            self.failures = 0
            if isinstance(row, Delivery):
                self.sent.copies += 1
                self._touched(row.issue_id)
            else:
                self.sent.letters += 1
        if self.brake.felt(_against_us(outcome)):
            self.brake = pace.Brake()
            why = _("{times}-mal hintereinander: {reply}")
            why = why.format(times=pace.Brake.IN_A_ROW, reply=outcome.reply)
            stage = Stage.DOT if isinstance(outcome, Receipt) else outcome.stage
            raise Trouble(stage, outcome.relay, why)

    async def leave_alone(self, trouble: Trouble) -> None:
        """Wait before the relay is tried again, longer each time."""
        self.failures += 1
        wait = pace.relay_again_after(self.failures)
        if trouble.stage in {Stage.AUTH, Stage.DOT}:
            wait = pace.AFTER_BAD_LOGIN
        with self._stroke() as act:
            act.record("sender", trouble.relay, "trouble", why=str(trouble))
        minutes = max(1, round(wait / timedelta(minutes=1)))
        said = n_(
            "{trouble} Nächster Versuch in {minutes} Minute.",
            "{trouble} Nächster Versuch in {minutes} Minuten.",
            minutes,
        )
        self.tell(said.format(trouble=trouble, minutes=minutes))
        await self.courier.close()
        await first_of(wait.total_seconds(), self.stop)


def _against_us(outcome: Outcome) -> str | None:
    """The kind of failure that must not happen several times in a row; None for all others."""
    match outcome:
        case Unknown():
            return "unknown"
        case Refused(about_content=True):
            return "content"
        case Deferred(code=None):
            return "lost"
        case _:
            return None


_WORDS = {
    "accepted": N_("{count} übergeben"),
    "refused": N_("{count} abgelehnt"),
    "unknown": N_("{count} unklar"),
    "skipped": N_("{count} übersprungen"),
    "expired": N_("{count} aufgegeben"),
    "failed": N_("{count} nicht zusammengesetzt"),
    "left": N_("{count} unklar belassen"),
    "queued": N_("{count} wartend"),
    "claimed": N_("{count} in Arbeit"),
    "sending": N_("{count} unterwegs"),
    "deferred": N_("{count} zurückgestellt"),
}


def in_words(account: dict[str, int]) -> str:
    """Sums per state, for people: „38 übergeben, 2 abgelehnt“."""
    told = [
        _(said).format(count=account[state]) for state, said in _WORDS.items() if account.get(state)
    ]
    return ", ".join(told) or _("niemand auf der Liste")


async def first_of(seconds: float | None, *events: asyncio.Event | None) -> None:
    """Wait until one of the events is set, or the time is over."""
    waits = [asyncio.ensure_future(event.wait()) for event in events if event is not None]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
