"""How fast, when again, and when to stop (pure).

Its state is what went out lately, which the ledger knows: a restart forgets nothing.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from newsletter.settings import Sending

BATCH = 500  # rows per claim: what a crash of the machine may leave unknown
_BATCH_SECONDS = 5  # a slow pace claims less, so that a letter does not wait behind an issue


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` messages in any span of this length."""

    count: int
    span: timedelta


def limits_of(sending: Sending) -> tuple[Limit, ...]:
    """The limits that are configured; half a message a second is one in two seconds."""
    rates = (
        (sending.per_second, timedelta(seconds=1)),
        (sending.per_minute, timedelta(minutes=1)),
        (sending.per_hour, timedelta(hours=1)),
    )
    limits = []
    for rate, span in rates:
        if rate is not None:
            count = max(1, int(rate))
            limits.append(Limit(count, span * count / rate))
    return tuple(limits)


def batch_size(limits: Sequence[Limit]) -> int:
    """How many rows to claim at a time: few seconds' worth, one at least."""
    worth = [limit.count * (_BATCH_SECONDS / limit.span.total_seconds()) for limit in limits]
    return max(1, min(BATCH, *(int(count) for count in worth))) if worth else BATCH


class Pace:
    """Keeps every limit over every span, given the moments at which messages went out.

    Several connections share it: each books a moment before it sends, and says when the relay
    has answered, since that is when the relay counted.
    """

    def __init__(self, limits: Sequence[Limit], lately: Iterable[datetime] = ()) -> None:
        self._limits = tuple(limits)
        self._longest = max((limit.count for limit in limits), default=0)
        self._went = sorted(lately)

    def book(self, now: datetime) -> datetime:
        """The moment at which the next message may go, taken from all others; now or later."""
        at = now + self.wait(now)
        self._keep(at)
        return at

    def went(self, booked: datetime, now: datetime) -> None:
        """The relay has just answered for the message with this moment."""
        place = bisect_left(self._went, booked)
        if self._went[place : place + 1] == [booked]:
            del self._went[place]
        self._keep(now)

    def wait(self, now: datetime) -> timedelta:
        """How long the next message has to wait; zero if it may go."""
        frees = [
            self._went[-limit.count] + limit.span
            for limit in self._limits
            if len(self._went) >= limit.count
        ]
        return max([timedelta(0), *(moment - now for moment in frees)])

    def _keep(self, moment: datetime) -> None:
        if self._limits:
            insort(self._went, moment)
            del self._went[: -self._longest]


# RFC 5321 §4.5.4.1; STANDARDS BO-11. Then every four hours.
_RETRIES = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 180, 240))
_JITTER = 0.2  # so that what was deferred together does not come back together
GIVE_UP_AFTER = timedelta(hours=72)  # an issue has dates in it: later it is no news


def retry_at(attempts: int, now: datetime, rng: Random) -> datetime:
    """When a message that was deferred on its ``attempts``-th try is tried again."""
    step = _RETRIES[min(max(attempts, 1), len(_RETRIES)) - 1]
    return now + step * rng.uniform(1 - _JITTER, 1 + _JITTER)


_AWAY = tuple(timedelta(seconds=s) for s in (15, 30, 60, 120, 300, 900))
AFTER_BAD_LOGIN = timedelta(hours=1)  # trying a wrong password often locks the account (SM-08)


def relay_again_after(failures: int) -> timedelta:
    """How long to leave a relay alone that was away ``failures`` times in a row."""
    return _AWAY[min(max(failures, 1), len(_AWAY)) - 1]


class Brake:
    """Stops the run when several messages in a row fail in a way that speaks against us.

    A lost connection after the dot, or a no to our content, may be one reader's bad luck;
    the third of a kind in a row is not, and going on would spoil the rest of the issue.
    """

    IN_A_ROW = 3  # STANDARDS BO-03

    def __init__(self) -> None:
        self._kind: str | None = None
        self._times = 0

    def felt(self, kind: str | None) -> bool:
        """Count one outcome (None: a good one); True when it is time to stop."""
        self._times = self._times + 1 if kind == self._kind else 1
        self._kind = kind
        return kind is not None and self._times >= self.IN_A_ROW
