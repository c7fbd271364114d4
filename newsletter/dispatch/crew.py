"""One claim's rows over several connections: compose, keep the pace, intend, carry, settle.

Each connection has one row in hand. What is felt in common (the pace, failures in a row, the
relay's troubles, an order to stop) lies here; what is written goes through the scribe.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsletter.errors import NewsletterError
from newsletter.history import Clock
from newsletter.language import N_, _
from newsletter.settings import Relay, Settings

from . import ledger, pace
from .copies import Copies
from .courier import Courier, Trouble
from .fleet import Berth, Fleet, Lately
from .message import Message
from .replies import Deferred, Outcome, Receipt, Refused, Stage, Unknown, denies_relaying
from .scribe import Scribe
from .traffic import Traffic
from .waiting import first_of

_ROWS_PER_CONNECTION = 10  # a handful of letters needs no eight connections


def _nothing() -> None:
    pass


@dataclass(slots=True)
class Sent:
    """What a run did: how many messages went out, for which issues, and what stopped it."""

    letters: int = 0
    copies: int = 0
    issues: list[str] = field(default_factory=list)
    trouble: Trouble | None = None

    def touched(self, issue_id: str) -> None:
        """Remember an issue, once."""
        if issue_id not in self.issues:
            self.issues.append(issue_id)


_REFUSED = N_(
    "Von {tried} Adressen hat der Mailserver {refused} endgültig abgelehnt, mehr als {percent} %."
    " Das schadet unserem Ruf als Absender. Bitte prüfen, woher die Adressen stammen; welche es"
    " sind, zeigt: newsletter issue audience {issue} --state refused. Geht die Ausgabe danach"
    " weiter, wird neu gezählt, und die Grenze liegt doppelt so hoch."
)


@dataclass(frozen=True, slots=True)
class Halt:
    """Why an issue must not go on by itself; ``brake``: what held it, for the history."""

    why: str
    brake: str


@dataclass(slots=True)
class _Hand:
    """One connection's: what it has ready to go next."""

    next: tuple[ledger.Row, Message | None] | None = None


class Crew:
    """The connections of a run, and what they have in common."""

    def __init__(
        self,
        settings: Settings,
        scribe: Scribe,
        stop: asyncio.Event,
        clock: Clock,
        lately: Lately,
        failures: Callable[[str], int],
        traffic: Traffic,
    ) -> None:
        self.sent = Sent()
        self.copies = Copies(settings)
        limits = pace.limits_of(settings.sending)
        self.pace = pace.Pace(limits, lately(limits, None))
        self.fleet = Fleet(settings, clock, lately, failures)
        self._traffic = traffic
        self._scribe, self._stop, self._clock = scribe, stop, clock
        self._most = settings.sending.connections
        self._unfit = pace.Brake()  # for what cannot be composed
        self._rows: deque[ledger.Row] = deque()
        self._half, self._halfway = 0, _nothing
        self._enough = False  # what came back speaks against all that is still to go
        self.unfit: dict[str, Halt] = {}  # issues that must not go on, and why
        self.refusals: dict[str, pace.Refusals] = {}  # of the issues that are going out
        self.relays: set[str] = set()  # those that took a message of the last claim

    async def carry(
        self, rows: Sequence[ledger.Row], halfway: Callable[[], None] = _nothing
    ) -> None:
        """Send these rows, as far as relays take them; their troubles are the fleet's to tell.

        ``halfway`` is called when half of them have gone.

        What is not sent (a stop, no relay for it, an issue that must not go on) stays claimed;
        the caller gives it back.
        """
        self._rows, self._enough = deque(rows), False
        self._half, self._halfway = len(rows) // 2, halfway
        self.unfit.clear()
        self.relays.clear()
        wanted = min(self._most, 1 + (len(rows) - 1) // _ROWS_PER_CONNECTION)
        self._scribe.listen_to(wanted)
        works = (self._work() for _ in range(wanted))
        results = await asyncio.gather(*works, return_exceptions=True)
        results += await asyncio.gather(self._scribe.written(), return_exceptions=True)
        await self.fleet.rest(all_of_them=False)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def rest(self) -> None:
        """Take leave of the relays."""
        await self.fleet.rest()

    # -- one connection ---------------------------------------------------------------------

    async def _work(self) -> None:
        hand = _Hand()
        while (self._rows or hand.next) and not self._enough and not self._stop.is_set():
            going = await self._picked(hand)
            if going is not None:
                outcome = await self._one(*going, hand)
                if self._traffic.limited:
                    self._traffic.ends(going[0], outcome)

    async def _picked(self, hand: _Hand) -> tuple[ledger.Row, Message | None] | None:
        """The row that goes next, and its message if it has one; None after a wait in vain."""
        if hand.next is not None:
            going, hand.next = hand.next, None
            return going
        row = await self._next_free() if self._traffic.limited else self._pop()
        return None if row is None else (row, self._composed(row))

    def _pop(self) -> ledger.Row:
        row = self._rows.popleft()
        if len(self._rows) == self._half:
            self._halfway()
        return row

    def _prepare(self, hand: _Hand) -> None:
        """Compose the next message while this one's connection has to wait; not long before it
        goes, for it bears a date.
        """
        limited = self._traffic.limited or self.pace.limits or self.fleet.limited
        if self._rows and hand.next is None and not limited:
            row = self._pop()
            hand.next = (row, self._composed(row))

    async def _next_free(self) -> ledger.Row | None:
        """The next row whose provider takes one more connection; None after a wait for that."""
        for __ in range(len(self._rows)):
            row = self._rows.popleft()
            if self._traffic.begins(row):
                return row
            self._rows.append(row)
        self._traffic.freed.clear()
        await first_of(None, self._traffic.freed, self._stop)
        return None

    async def _one(self, row: ledger.Row, message: Message | None, hand: _Hand) -> Outcome | None:
        """What came of it; None if it did not go."""
        if message is None or self._must_not_go(row):
            return None
        aboard = await self.fleet.board(self.copies.newsletter_of(row), self._stop)
        if aboard is None:
            return None
        berth, courier = aboard
        try:
            return await self._over(berth, courier, row, message, hand)
        except Trouble as trouble:
            self.fleet.away(berth, trouble)
            self._enough = self._enough or trouble.speaks_against_all
            return None
        finally:
            self.fleet.leave(berth, courier)

    def _must_not_go(self, row: ledger.Row) -> bool:
        return isinstance(row, ledger.InHand) and row.issue_id in self.unfit

    async def _over(
        self, berth: Berth, courier: Courier, row: ledger.Row, message: Message, hand: _Hand
    ) -> Outcome | None:
        booked = await self._kept_pace(berth, row)
        if booked is None:
            return None
        granted = self._scribe.intend(row)
        try:
            outcome = await courier.carry(message, granted, lambda: self._prepare(hand))
        except Trouble as trouble:
            if await granted:
                why = Deferred(trouble.stage, trouble.why, trouble.relay)
                self._scribe.settle(row, why, again=self._clock())
            raise
        if not await granted or outcome is None:  # only what says "sending" can be settled
            booked.give_back()
            return None
        now = self._clock()
        booked.went(now)
        self._scribe.settle(row, outcome)
        ours = not self._traffic.limited or self._traffic.moment(row) is None
        if (ours or isinstance(outcome, Receipt)) and berth.rate.felt(outcome, now):
            self._enough = True  # the rest of the claim goes at the new pace
        self._feel(row, outcome, berth)
        return outcome

    async def _kept_pace(self, berth: Berth, row: ledger.Row) -> pace.Booking | None:
        """Wait until one more may go: its moments; None if we were told to stop."""
        if not (self._traffic.limited or self.pace.limits or berth.tempo.limits):
            return _ANY_TIME
        now = self._clock()
        lane = self._traffic.moment(row) if self._traffic.limited else None
        booked = pace.Booking((berth.tempo, self.pace), now, spread=isinstance(row, ledger.InHand))
        wait = max(booked.wait, (lane - now).total_seconds()) if lane else booked.wait
        if wait > 0:
            await first_of(wait, self._stop)
            if self._stop.is_set():
                booked.give_back()
                return None
        return booked

    def _composed(self, row: ledger.Row) -> Message | None:
        """The row's message; None if it must not go or has none, which the ledger then knows."""
        if self._must_not_go(row) or not self.fleet.serves(self.copies.newsletter_of(row)):
            return None
        try:
            message = self.copies.message(row, self._clock())
        except NewsletterError as error:
            self._unfitting(row, str(error))
            return None
        except Exception as error:  # a row fails with its reason; the run goes on
            self._unfitting(row, f"{type(error).__name__}: {error}")
            return None
        self._unfit.felt(None)
        if message is None:
            self._scribe.end_row(row, ledger.skip, "erased")
        return message

    def _unfitting(self, row: ledger.Row, why: str) -> None:
        """Write the reason down; one that is the same for reader after reader is the issue's."""
        self._scribe.end_row(row, ledger.fail, why)
        if isinstance(row, ledger.InHand) and self._unfit.felt(why):
            # the rest of the claim goes back to the queue
            self.unfit[row.issue_id] = Halt(why, "unfit")

    def _feel(self, row: ledger.Row, outcome: Outcome, berth: Berth) -> None:
        """Count what went out; Trouble if the last few speak against us."""
        if isinstance(outcome, Receipt):
            self.relays.add(outcome.relay)
            if isinstance(row, ledger.InHand):
                self.sent.copies += 1
                self.sent.touched(row.issue_id)
            else:
                self.sent.letters += 1
        if isinstance(row, ledger.InHand):
            self._count_refusals(row.issue_id, outcome)
        tripped = berth.brake.felt(_against_us(outcome))
        if tripped and not isinstance(outcome, Receipt):
            berth.brake = pace.Brake()
            raise _speaks_against_us(outcome, berth.relay)

    def _count_refusals(self, issue_id: str, outcome: Outcome) -> None:
        """An issue with too many dead addresses goes no further (BO-06)."""
        counted = self.refusals.get(issue_id)
        if counted is None or not isinstance(outcome, (Receipt, Refused)):
            return
        if counted.felt(isinstance(outcome, Refused)) and issue_id not in self.unfit:
            percent = round(counted.allowed * 100)
            facts = {"tried": counted.tried, "refused": counted.refused, "percent": percent}
            why = _(_REFUSED).format(issue=issue_id, **facts)
            self.unfit[issue_id] = Halt(why, ledger.BRAKE)


def _speaks_against_us(outcome: Deferred | Refused | Unknown, relay: Relay) -> Trouble:
    why = _("{times}-mal hintereinander: {reply}")
    said = why.format(times=pace.Brake.IN_A_ROW, reply=outcome.reply)
    # what they say to our content a person must read (BO-03), and another relay won't change it
    content = isinstance(outcome, Refused)
    person = content or _against_us(outcome) == "relaying"
    return Trouble(outcome.stage, relay, said, needs_somebody=person, speaks_against_all=content)


_ANY_TIME = pace.Booking((), datetime.min.replace(tzinfo=UTC))  # where nothing is limited


def _against_us(outcome: Outcome) -> str | None:
    """The kind of failure that must not happen several times in a row; None for all others."""
    match outcome:
        case Receipt():
            return None
        case Unknown():
            return "unknown"
        case Refused(about_content=True):
            return "content"
        case Deferred(code=None):
            return "lost"
        case Deferred(stage=Stage.RCPT, code=int(code), reply=reply) if denies_relaying(
            code, reply
        ):
            return "relaying"
        case _:
            return None
