"""One mailbox provider's lane: which copy may go now, and when the others are to come (pure).

Nothing waits in hand for a provider: what may not go now is given back to the queue with the
moment at which it may, so other providers' copies pass. The moments lie behind each other, as
far as the queue is long; a row that comes too early all the same is sent to the end again.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from newsletter.dispatch.replies import Outcome
from newsletter.settings import Provider

from .keeping import Pace
from .limits import Limit
from .throttle import Throttle

_MINUTE = timedelta(minutes=1)
QUANTUM = timedelta(seconds=5)  # copies come in steps of so long: a claim for each would cost more
GRACE = timedelta(seconds=1)  # for so long a copy may wait in hand: no claim is on the dot
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def limits_per_minute(rate: float) -> tuple[Limit, ...]:
    """So many in any minute, and its share in any five seconds, so that it is a steady stream."""
    whole = max(1, int(rate))
    share = max(1, int(rate * QUANTUM / _MINUTE))
    return (Limit(whole, _MINUTE * whole / rate), Limit(share, _MINUTE * share / rate))


class Lane:
    """The copies to one provider; ``busy`` of them are on their way."""

    def __init__(
        self,
        provider: Provider,
        lately: Iterable[datetime] = (),
        throttle: Throttle | None = None,
    ) -> None:
        self._provider = provider
        self._went = sorted(lately)
        self.throttle = throttle or Throttle()
        self._step = QUANTUM
        self._pace = self._paced()
        self._tail: datetime | None = None
        self.busy = 0

    def _paced(self) -> Pace:
        rate = self._provider.per_minute
        limits = limits_per_minute(rate * self.throttle.factor) if rate else ()
        self._step = limits[-1].span if limits else QUANTUM
        return Pace(limits, self._went)

    @property
    def free(self) -> bool:
        """Whether one more may be on its way."""
        most = (self._provider.connections, self.throttle.connections)
        return all(self.busy < limit for limit in most if limit is not None)

    def place(self, now: datetime, *, letter: bool = False) -> tuple[bool, datetime]:
        """Whether it may go, and when: now, or in a moment; else when it is to come again.

        Letters pass the queue: the next free moment is theirs.
        """
        if self.throttle.recovered(now):
            self._change_pace()
        at = self._frees(now)
        if at <= now + GRACE:
            if not self._in_use(now):
                self._tail = None  # whatever stood in the queue has been stopped, or has left
            return True, self._pace.book(at, spread=False)
        return False, at if letter else self._behind_the_others(at)

    def _in_use(self, now: datetime) -> bool:
        """Whether copies have come in the last steps, as they do while there is a queue."""
        return any(now - moment < 3 * self._step for moment in self._pace.moments[-1:])

    def _behind_the_others(self, first: datetime) -> datetime:
        behind = self._tail + self._spacing() if self._tail is not None else first
        self._tail = max(first, behind)
        return max(first, _EPOCH + (self._tail - _EPOCH) // self._step * self._step)

    def _frees(self, now: datetime) -> datetime:
        at = now + self._pace.wait(now, spread=False)
        return max(at, self.throttle.held_until or at)

    def _spacing(self) -> timedelta:
        """As configured: a throttle is over in minutes, and the queue is long."""
        rate = self._provider.per_minute
        return _MINUTE / rate if rate else timedelta(0)

    def went(self, booked: datetime, now: datetime, outcome: Outcome) -> bool:
        """What came of a copy; True if the throttle changed."""
        self._pace.went(booked, now)
        changed = self.throttle.felt(outcome, now)
        if changed:
            self._change_pace()
        return changed

    def give_back(self, booked: datetime) -> None:
        """It did not go."""
        self._pace.give_back(booked)

    def _change_pace(self) -> None:
        self._went = self._pace.moments
        self._pace = self._paced()

    def idle(self, now: datetime) -> bool:
        """Whether nothing of it need be remembered."""
        nothing = not self.busy and self.throttle == Throttle()
        return nothing and all(now - moment > _MINUTE for moment in self._pace.moments[-1:])
