"""The relays of a run: which of them takes the next message, and which is left alone for now.

A relay that makes trouble is left alone, longer each time; meanwhile the others take its
messages. A message goes over another relay only when nothing of it was handed over, or after
a temporary no: either way its row says so in the ledger first.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter.history import Clock
from newsletter.settings import Relay, Settings

from . import pace
from .courier import Courier, Trouble
from .replies import Stage
from .waiting import first_of

_BEFORE_A_MESSAGE = frozenset({Stage.CONNECT, Stage.EHLO, Stage.AUTH})
Lately = Callable[[Sequence[pace.Limit], str | None], list[datetime]]


@dataclass(slots=True)
class Berth:
    """One relay: its connections, its pace, and until when it is left alone."""

    relay: Relay
    settings: Settings
    rate: pace.RelayPace
    connections: pace.Connections
    failures: int = 0  # in a row
    until: datetime | None = None
    brake: pace.Brake = field(default_factory=pace.Brake)
    _idle: list[Courier] = field(default_factory=list)
    _busy: int = 0

    @property
    def tempo(self) -> pace.Pace:
        """The pace to be kept just now."""
        return self.rate.pace

    def free(self, now: datetime) -> bool:
        """Whether it may have one more connection at work."""
        return self.connections.free(self._busy, now)

    def open(self, now: datetime) -> bool:
        """Whether it is not left alone at this moment."""
        return self.until is None or self.until <= now

    def take(self) -> Courier:
        """A connection, the one used last before all others."""
        self._busy += 1
        return self._idle.pop() if self._idle else Courier(self.settings, self.relay)

    def put(self, courier: Courier) -> None:
        """It is free again; one that would have to connect anew is taken last."""
        self._busy -= 1
        self._idle.insert(len(self._idle) if courier.stands else 0, courier)

    def full(self, trouble: Trouble, now: datetime) -> bool:
        """Whether it takes no more connections than it has, rather than being away."""
        others = self._busy + sum(1 for courier in self._idle if courier.stands)
        greeting = trouble.stage in _BEFORE_A_MESSAGE
        return greeting and self.connections.refused(trouble.code, others, now)

    async def rest(self) -> None:
        """Take leave of the relay."""
        await asyncio.gather(*(courier.close() for courier in self._idle))


class Fleet:
    """All relays, and the troubles of this run that nobody has asked for yet."""

    def __init__(
        self, settings: Settings, clock: Clock, lately: Lately, failures: Callable[[str], int]
    ) -> None:
        self._clock, self._newsletters = clock, tuple(settings.newsletters)
        self._berths = {
            relay.name: _berth(settings, relay, lately, failures(relay.name))
            for relay in settings.relays
        }
        self._spread = pace.Spread({relay.name: relay.weight for relay in settings.relays})
        self._freed = asyncio.Event()
        self._troubles: list[tuple[Trouble, timedelta]] = []

    # -- who takes a message ----------------------------------------------------------------

    def serves(self, newsletter: str | None) -> bool:
        """Whether some relay takes it just now; None: a letter."""
        return bool(self._taking(newsletter))

    def _taking(self, newsletter: str | None) -> list[Berth]:
        return [
            berth
            for berth in self._berths.values()
            if berth.relay.takes(newsletter) and (berth.until is None or berth.open(self._clock()))
        ]

    async def board(
        self, newsletter: str | None, stop: asyncio.Event
    ) -> tuple[Berth, Courier] | None:
        """A relay and a connection over which a message can go; None if there is none, or we
        were told to stop. The caller gives the connection back (``leave``).
        """
        while not stop.is_set():
            berth = self._next(newsletter)
            if berth is None:
                if not self.serves(newsletter):
                    return None
                self._freed.clear()
                await first_of(None, self._freed, stop)
                continue
            courier = berth.take()
            try:
                await courier.ready()
            except BaseException as failure:
                self.leave(berth, courier)
                if not isinstance(failure, Trouble):
                    raise
                if not berth.full(failure, self._clock()):
                    self.away(berth, failure)
            else:
                if berth.connections.came():
                    self._freed.set()
                return berth, courier
        return None

    def leave(self, berth: Berth, courier: Courier) -> None:
        """Give a connection back."""
        berth.put(courier)
        self._freed.set()

    def _next(self, newsletter: str | None) -> Berth | None:
        now = self._clock()
        fit = [berth for berth in self._taking(newsletter) if berth.free(now)]
        if len(fit) < 2:
            return fit[0] if fit else None
        waits = {berth.relay.name: berth.tempo.wait(now) for berth in fit}
        shortest = min(waits.values())
        return self._berths[self._spread.turn([n for n, wait in waits.items() if wait == shortest])]

    # -- who is left alone ------------------------------------------------------------------

    def away(self, berth: Berth, trouble: Trouble) -> None:
        """Leave a relay alone; what several connections met at the same time is one trouble."""
        now = self._clock()
        if not berth.open(now):
            return
        berth.connections.away()
        berth.failures += 1
        wait = pace.relay_again_after(berth.failures)
        if trouble.needs_somebody or trouble.stage is Stage.DOT:
            wait = pace.AFTER_BAD_LOGIN
        berth.until = now + wait
        self._troubles.append((trouble, wait))

    def troubles(self) -> list[tuple[Trouble, timedelta]]:
        """Those since the last question, and for how long the relay is left alone."""
        found, self._troubles = self._troubles, []
        return found

    def recovered(self, took: Iterable[str]) -> list[str]:
        """Of the relays that took a message, those that had made trouble before."""
        back = [berth for name in took if (berth := self._berths[name]).failures]
        for berth in back:
            berth.failures, berth.until = 0, None
        return [berth.relay.name for berth in back]

    @property
    def stranded(self) -> frozenset[str]:
        """Newsletters that no relay takes just now."""
        return frozenset(slug for slug in self._newsletters if not self.serves(slug))

    @property
    def closed(self) -> bool:
        """Whether every relay is left alone, so that not even a letter can go."""
        return not self.serves(None)

    def opens_in(self) -> float | None:
        """Seconds until the first of those that are left alone is tried again; None: none is."""
        now = self._clock()
        waits = [berth.until - now for berth in self._berths.values() if berth.until]
        return min((wait.total_seconds() for wait in waits if wait > timedelta(0)), default=None)

    # -- how fast ---------------------------------------------------------------------------

    def amount(self, most: int) -> int:
        """How many rows to claim at a time, by what the relays may take."""
        now = self._clock()
        open_ = [berth for berth in self._berths.values() if berth.open(now)]
        for berth in open_:
            berth.rate.recover(now)
        return min(most, sum(pace.batch_size(berth.tempo.limits, most) for berth in open_) or most)

    @property
    def limited(self) -> bool:
        """Whether some relay has a limit now, configured or learnt."""
        return any(berth.tempo.limits for berth in self._berths.values())

    def wait(self) -> timedelta:
        """How long the next copy would wait for the pace of its relay."""
        now = self._clock()
        waits = [berth.tempo.wait(now) for berth in self._berths.values() if berth.open(now)]
        return min(waits, default=timedelta(0))

    async def rest(self, *, all_of_them: bool = True) -> None:
        """Take leave of the relays; else only of those that are left alone."""
        now = self._clock()
        leaving = [b for b in self._berths.values() if all_of_them or not b.open(now)]
        await asyncio.gather(*(berth.rest() for berth in leaving))


def _berth(settings: Settings, relay: Relay, lately: Lately, failures: int) -> Berth:
    limits = pace.limits_of(relay)
    kept = pace.RelayPace(limits, lately(limits, relay.name) if limits else ())
    connections = pace.Connections(relay.connections or settings.sending.connections)
    return Berth(relay, settings, kept, connections, failures)
