"""What a relay takes: the limits that are configured, or what it has shown to take (pure)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from newsletter.dispatch.replies import Outcome, Receipt

from .keeping import Pace
from .lanes import limits_per_minute
from .limits import Limit
from .throttle import Throttle, asks_to_slow_down

_MINUTE = timedelta(minutes=1)
_FORGOTTEN_AFTER = timedelta(minutes=10)
_ONE_MORE_AFTER = timedelta(minutes=10)
_IN_A_ROW = 5  # a relay that counts says it to each message; one that says it once has a whim


class RelayPace:
    """A relay's pace, slower once it has asked for that (421, 4.7.x).

    Configured limits are halved and come back. Without any, the relay has shown what it takes:
    what it took in the last minute, when it has said so five times in a row, is the limit from
    then on, until ten minutes were clean.
    """

    def __init__(self, limits: Sequence[Limit], lately: Iterable[datetime] = ()) -> None:
        self._configured = tuple(limits)
        self._shown: int | None = None  # messages a minute
        self._throttle = Throttle()
        self.pace = Pace(limits, lately)
        self._minute: datetime | None = None
        self._taken = self._taken_before = self._asked = 0

    def felt(self, outcome: Outcome, now: datetime) -> bool:
        """Take in what came of a message; True if it is to go on more slowly."""
        if isinstance(outcome, Receipt):
            self._asked = 0
            self._count(now)
            return False
        if not asks_to_slow_down(outcome):
            return False
        if self._configured or self._shown is not None:
            slower = self._throttle.felt(outcome, now)
            self._change()
            return slower
        self._asked += 1
        if self._asked < _IN_A_ROW:
            return False
        self._count(now, 0)
        self._shown, self._throttle.changed_at = max(1, self._taken + self._taken_before), now
        self.pace = Pace(self._limits(), [now] * self._shown)  # what it took counts for a minute
        return True

    def recover(self, now: datetime) -> None:
        """Give back what clean minutes have earned."""
        if self._throttle.recovered(now):
            self._change()
        since = self._throttle.changed_at
        if self._shown is not None and since is not None and now - since > _FORGOTTEN_AFTER:
            self._shown, self._throttle = None, Throttle()
            self.pace = Pace(())

    def _count(self, now: datetime, more: int = 1) -> None:
        if self._minute is None or now - self._minute > _MINUTE:
            recent = self._minute is not None and now - self._minute < 2 * _MINUTE
            self._minute, self._taken_before = now, self._taken if recent else 0
            self._taken = 0
        self._taken += more

    def _limits(self) -> tuple[Limit, ...]:
        factor = self._throttle.factor
        if self._shown is not None:
            return limits_per_minute(self._shown * factor)
        return tuple(Limit(limit.count, limit.span / factor) for limit in self._configured)

    def _change(self) -> None:
        self.pace = Pace(self._limits(), self.pace.moments)


class Connections:
    """How many connections a relay takes at a time: as configured, or as it has shown.

    The first goes alone, so that a wrong password is tried once and not eight times (SM-08). A
    temporary no while others are there is no absence, it is the relay's limit; another one is
    tried every ten minutes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._proven = False  # one has come to stand since it was last away
        self._shown: int | None = None
        self._shown_at: datetime | None = None

    def free(self, busy: int, now: datetime) -> bool:
        """Whether one more may be at work."""
        if self._shown_at is not None and now - self._shown_at >= _ONE_MORE_AFTER:
            self._shown, self._shown_at = (self._shown or self._most) + 1, now
        most = self._most if self._shown is None else min(self._shown, self._most)
        return busy < (most if self._proven else 1)

    def came(self) -> bool:
        """One has come to stand; True if others may follow now."""
        first, self._proven = not self._proven, True
        return first

    def refused(self, code: int | None, others: int, now: datetime) -> bool:
        """A new one got this reply while so many others were there; True if that is the limit."""
        if others < 1 or not self._proven or code is None or not 400 <= code < 500:
            return False
        self._shown, self._shown_at = others, now
        return True

    def away(self) -> None:
        """It is away: what it took before says nothing of how it comes back."""
        self._proven, self._shown, self._shown_at = False, None, None
