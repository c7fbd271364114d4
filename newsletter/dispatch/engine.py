"""The loop of the sender: claim, compose, intend, carry, settle; drain when told to stop.

One round
    1. fix the audience of issues that are opening
    2. take issues out of the way that may not go out any more (issues.ready_to_send)
    3. wake what is due, claim a few rows, letters first; write the claim's number to the mark
    4. per row, over several connections (crew): compose, keep the pace, intend and carry (the
       final dot waits for the intent), settle
    5. give back what was claimed and not sent; keep the account of what is finished

Whatever kills this process leaves at most one row ``sending`` for each of its connections.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import Engine
from sqlmodel import Session

from newsletter import database, invalidation, issues
from newsletter.history import SYSTEM, Act, Clock, acting, now
from newsletter.language import N_, _, n_
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Settings

from . import alarms, home_guard, ledger, pace
from .accounts import in_words, number
from .ahead import Ahead, Taken
from .crew import Crew, Sent
from .progress import lasting
from .scribe import Scribe
from .traffic import Traffic
from .trouble import Trouble
from .waiting import first_of

_LOOK_EVERY = 5.0  # seconds, if nobody rings a bell
_OTHERS_WAIT = 0.03  # seconds: a transaction of the audience's fixing (DESIGN §9: 0.05 at most)
_PATIENCE = 5.0  # seconds: for longer, no row is kept in hand that a letter could overtake

__all__ = ["Sent", "Tell", "first_of", "quietly", "run"]

Tell = Callable[[str], None]

_HELD = N_("{issue}: angehalten. {why}")


def quietly(_sentence: str) -> None:
    """Tell nobody."""


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
    with nothing lost, if it is away for longer than a moment. A relay's trouble is in the
    result; what only waits for a relay that is left alone does not keep a run until_empty.
    """
    with home_guard.only_sender(settings.home, engine) as still_ours:
        with acting(engine, settings, SYSTEM, clock=clock) as act:
            unknown = home_guard.enter(act)
            undecided = ledger.undecided(act.session) if unknown else []
        if unknown:
            tell(_left_unknown(unknown, undecided))
        sender = _Sender(engine, settings, stop, clock, tell)
        try:
            while not stop.is_set():
                still_ours()
                before_round()
                worked = await sender.round()
                sender.complain(tell_when=not until_empty)
                if worked:
                    continue
                if until_empty and sender.paced is None:
                    break
                await first_of(sender.wait(_LOOK_EVERY if bell is None else None), stop, bell)
                if bell is not None:
                    bell.clear()
        finally:
            await sender.end()
    return sender.sent


def _left_unknown(count: int, undecided: Sequence[str]) -> str:
    said = n_(
        "Der letzte Versand brach ab; bei {n} Nachricht ist unklar, ob sie ankam.",
        "Der letzte Versand brach ab; bei {n} Nachrichten ist unklar, ob sie ankamen.",
        count,
    )
    decide = _("Entscheiden: newsletter issue resolve {issue}")
    ways = [decide.format(issue=issue) for issue in undecided]
    return " ".join([said.format(n=number(count)), *ways])


class _Sender:
    """One run: its connection, its pace, and what it has done so far."""

    def __init__(
        self, engine: Engine, settings: Settings, stop: asyncio.Event, clock: Clock, tell: Tell
    ) -> None:
        self.engine, self.settings = engine, settings
        self.stop, self.clock, self.tell = stop, clock, tell
        quick = ledger.Quick(engine, clock)
        self.instant = quick.instant
        self.scribe = Scribe(self._stroke, stop, tell, quick)
        with database.reading(engine) as session:
            throttles = ledger.throttles(session)
        self.traffic = Traffic(settings.sending, clock, self._lately_to, throttles)
        self.crew = Crew(
            settings, self.scribe, stop, clock, self._lately, self._troubles, self.traffic
        )
        self.fleet = self.crew.fleet
        self.sent = self.crew.sent
        self.amount = pace.Amount()
        self.readers = pace.Amount(_OTHERS_WAIT, most=ledger.MADE_AT_ONCE)
        self.ahead = Ahead()
        self.had: Sequence[ledger.Row] = ()  # a claim that is not given back yet
        self.paced: float | None = None  # seconds until the pace lets the next copy go

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

    def _lately(self, limits: Sequence[pace.Limit], relay: str | None) -> list[datetime]:
        span = max((limit.span for limit in limits), default=timedelta(0))
        most = max((limit.count for limit in limits), default=0)
        with database.reading(self.engine) as session:
            now = self.clock()  # it may have been put back since these went out
            found = ledger.lately(session, now - span, most, relay)
            return [min(moment, now) for moment in found]

    def _lately_to(self) -> Sequence[tuple[datetime, str]]:
        with database.reading(self.engine) as session:
            return ledger.lately_to(session, self.clock() - timedelta(minutes=2))

    def _troubles(self, relay: str) -> int:
        with database.reading(self.engine) as session:
            return alarms.in_a_row(session, relay)

    # -- a round ----------------------------------------------------------------------------

    async def round(self) -> bool:
        """Send one claim's worth; False if there was nothing to do."""
        self._fix_audiences()
        self._hold_back()
        taken, woken = await self._taken_ahead(), False
        if taken is None:
            taken, woken = self._claim()
        if taken is None:
            return self._close_accounts() or woken
        claim, began = taken.claim, perf_counter()
        self.had = claim.rows
        try:
            self.crew.copies.know(taken.known)
            with database.reading(self.engine) as session:
                self._count_refusals(session, claim.rows)
            go = await self._may_go(claim.rows)
            await self.crew.carry(go, self._look_ahead)
            self.amount.took(len(go), perf_counter() - began)
        finally:
            self._keep_throttles()
            self._note_recovery()
            with self._stroke() as act:
                ledger.release(act, claim.number)
                ledger.reopen(act, claim.rows)
            self.had = ()
            self._hold_unfit()
            self._close_accounts()
        return True

    async def _may_go(self, rows: Sequence[ledger.Row]) -> Sequence[ledger.Row]:
        """Those that their providers' limits let go now; the others are put back."""
        if not self.traffic.limited:
            return rows
        go, later = await self.traffic.sort(rows, self.crew.copies.address_of)
        if later:
            with self._stroke() as act:
                ledger.put_back(act, later)
        return go

    def _keep_throttles(self) -> None:
        if changed := self.traffic.end():
            with self._stroke() as act:
                ledger.keep_throttles(act, changed)

    def _count_refusals(self, session: Session, rows: Sequence[ledger.Row]) -> None:
        """Have the count at hand, begun anew where somebody let an issue go on."""
        known, counts = self.crew.refusals, {}
        for issue_id in {row.issue_id for row in rows if isinstance(row, ledger.InHand)}:
            count = known.get(issue_id)
            if count is None or count.began != ledger.began(session, issue_id):
                count = ledger.refusals(session, issue_id)
            counts[issue_id] = count
        self.crew.refusals = counts

    def _hold_unfit(self) -> None:
        for issue_id, halt in self.crew.unfit.items():
            with self._act() as act:
                issue = act.session.get_one(Issue, issue_id)
                if issue.state is IssueState.SENDING:
                    detail = {"alarm": halt.why, "brake": halt.brake}
                    invalidation.take_back(act, issue, halt.why, detail=detail)
            self.tell(_(_HELD).format(issue=issue_id, why=halt.why))

    def _fix_audiences(self) -> None:
        with database.reading(self.engine) as session:
            opening = ledger.opening(session)
        for issue_id in opening:
            more = True
            while more and not self.stop.is_set():
                rows, began = self.readers.rows, perf_counter()
                with self._act(durable=False) as act:
                    more = ledger.fill_audience(act, issue_id, rows)
                self.readers.took(rows, perf_counter() - began)
            if not more:
                self._start_sending(issue_id)

    def _start_sending(self, issue_id: str) -> None:
        with database.reading(self.engine) as session:
            recipients = ledger.recipients_of(session, issue_id)
        with self._act() as act:
            if act.session.get_one(Issue, issue_id).state is not IssueState.OPENING:
                return  # stopped meanwhile
            ledger.start_sending(act, issue_id, recipients)
        self.sent.touched(issue_id)
        said = _("{issue}: geht hinaus; Adressen: {count}")
        self.tell(said.format(issue=issue_id, count=number(recipients)))

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

    @property
    def _limited(self) -> bool:
        return bool(self.traffic.limited or self.crew.pace.limits or self.fleet.limited)

    def _look_ahead(self) -> None:
        """Take the next claim meanwhile, where that takes its time elsewhere."""
        if not (self.instant or self._limited or self.fleet.closed or self.stop.is_set()):
            most, without = self.fleet.amount(self.amount.rows), self.fleet.stranded
            self.ahead.begin(lambda: self._take(most, most, without)[0])

    async def _taken_ahead(self) -> Taken | None:
        """What was taken meanwhile, unless the claim before it has shown that it should not go:
        at a slow pace a letter would wait behind it, and a held issue has no more to try.
        """
        taken = await self.ahead.taken()
        if taken is not None and (self._limited or self.fleet.closed or self.crew.unfit):
            self._give_back(taken)
            return None
        return taken

    def _give_back(self, taken: Taken) -> None:
        with self._stroke() as act:
            ledger.release(act, taken.claim.number)

    def _claim(self) -> tuple[Taken | None, bool]:
        """A claim, and whether anything was done.

        While the next copy would have to wait for its moment, only letters are claimed.
        """
        self.paced = None
        if self.fleet.closed:
            return None, False
        with database.reading(self.engine) as session:
            due = ledger.next_due(session, self.clock())
        if due is None or due.at > self.clock():
            self.paced = self._next_moment() if self.traffic.limited else None
            return None, False
        wait = max(self.crew.pace.wait(self.clock()), self.fleet.wait()).total_seconds()
        self.paced = wait if wait > _PATIENCE else None
        most = pace.batch_size(self.crew.pace.limits, self.fleet.amount(self.amount.rows))
        copies = most if self.paced is None else 0
        return self._take(most, copies, self.fleet.stranded)

    def _take(self, most: int, copies: int, without: Collection[str]) -> tuple[Taken | None, bool]:
        """A claim, whose number is on the disk before we use it; and whether anything was done."""
        with self._act() as act:
            woken = ledger.wake(act)
        # Thousands of rows take their time, and people are waiting for their turn.
        with self._act(in_turn=False) as act:
            claim = ledger.claim(act, most, copies, without=without)
        if claim is None:
            return None, woken > 0
        home_guard.write_mark(self.settings.home, claim.number)
        with database.reading(self.engine) as session:
            return Taken(claim, self.crew.copies.look_up(session, claim.rows)), True

    def _next_moment(self) -> float | None:
        with database.reading(self.engine) as session:
            moment = ledger.next_moment(session)
        return None if moment is None else max(0.0, (moment - self.clock()).total_seconds())

    def _close_accounts(self) -> bool:
        with database.reading(self.engine) as session:
            finished = ledger.finished(session)
            skipped = {issue_id: ledger.skipped_why(session, issue_id) for issue_id in finished}
        closed = False
        for issue_id, account in finished.items():
            with self._act() as act:
                if not ledger.close(act, issue_id, account, skipped[issue_id]):
                    continue  # paused, or decided about, since we counted
            closed = True
            self.sent.touched(issue_id)
            said = _("{issue}: abgeschlossen; {account}")
            self.tell(said.format(issue=issue_id, account=in_words(account)))
        return closed

    async def end(self) -> None:
        """Leave the relays, and see that all is written."""
        try:
            await self.crew.rest()
        finally:
            await self.scribe.end()
        with suppress(database.DatabaseAway):
            if taken := await self.ahead.taken():
                self._give_back(taken)
        if self.had:
            with suppress(database.DatabaseAway), self._stroke() as act:
                ledger.reopen(act, self.had)  # what was written after a while away counts

    def complain(self, *, tell_when: bool) -> None:
        """Write relays' troubles down; one that lasts holds issues and is told (BO-06)."""
        for trouble, wait in self.fleet.troubles():
            self.sent.trouble = self.sent.trouble or trouble
            nowhere_else = None if trouble.speaks_against_all else self.fleet.stranded
            with self._act() as act:
                held = alarms.complain(act, trouble, nowhere_else, wait)
            for issue in held:
                self.tell(_(_HELD).format(issue=issue.id, why=trouble))
            if tell_when:
                self._tell_when(trouble, wait)

    def _tell_when(self, trouble: Trouble, wait: timedelta) -> None:
        said = _("{trouble} Bis zum nächsten Versuch: {time}.")
        self.tell(said.format(trouble=trouble, time=lasting(wait)))

    def _note_recovery(self) -> None:
        for relay in self.fleet.recovered(self.crew.relays):
            with self._stroke() as act:
                alarms.well(act, relay)

    def wait(self, usual: float | None) -> float | None:
        """Seconds until there may be work again: the pace, a relay that was left alone."""
        known = (self.paced, self.fleet.opens_in(), usual)
        return min((seconds for seconds in known if seconds is not None), default=None)
