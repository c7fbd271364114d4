"""Slower when asked to, and carefully back (BO-12, BO-13; pure)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.dispatch.replies import Deferred, Outcome, Receipt

_MINUTE = timedelta(minutes=1)
_SLOWEST = 1 / 64
_HOLD = timedelta(minutes=10)  # Gmail, after 4.7.28; then one connection, and one more per success
_MANY = 8  # connections: the hold is forgotten when so many are reached
_ENHANCED = re.compile(r"\b4\.7\.(\d{1,3})\b")
_OTHER = re.compile(r"\b4\.[0-6]\.\d{1,3}\b")  # 421 4.3.2 is a server that closes, for all


_GREYLISTED = re.compile(r"gr[ae]y", re.IGNORECASE)  # 4.7.1, and of this reader (BO-03)


def asks_to_slow_down(outcome: Outcome) -> bool:
    """4.7.x, or 421 without a reason of another kind: our rate or our name, not this reader."""
    if not isinstance(outcome, Deferred) or outcome.code is None:
        return False
    said = _ENHANCED.search(outcome.reply) and not _GREYLISTED.search(outcome.reply)
    return bool(said) or (outcome.code == 421 and not _OTHER.search(outcome.reply))


def asks_to_hold(outcome: Outcome) -> bool:
    """Gmail's 4.7.28: nothing at all for ten minutes."""
    found = _ENHANCED.search(outcome.reply) if isinstance(outcome, Deferred) else None
    return found is not None and found[1] == "28"


@dataclass(slots=True)
class Throttle:
    """The share of a limit that may be used just now; it is kept in the database.

    Halved when asked to slow down, once a minute at most: what was on its way gets the same
    answer. Ten per cent of the limit come back with every minute that is clean.
    """

    factor: float = 1.0
    changed_at: datetime | None = None
    held_until: datetime | None = None
    connections: int | None = None  # at work at the same time; None: as configured

    def felt(self, outcome: Outcome, now: datetime) -> bool:
        """Take in what came of a message; True if anything changed."""
        if asks_to_hold(outcome):
            self.held_until, self.connections = now + _HOLD, 1
            self._halve(now)
            return True
        if asks_to_slow_down(outcome):
            return self._halve(now)
        if isinstance(outcome, Receipt) and self.connections is not None:
            self.connections = self.connections + 1 if self.connections < _MANY else None
            return True
        return False

    def _halve(self, now: datetime) -> bool:
        if self.changed_at is not None and now - self.changed_at < _MINUTE:
            return False
        self.factor, self.changed_at = max(self.factor / 2, _SLOWEST), now
        return True

    def recovered(self, now: datetime) -> bool:
        """Give back what clean minutes have earned; True if anything changed."""
        if self.factor >= 1 or self.changed_at is None:
            return False
        minutes = int((now - self.changed_at) / _MINUTE)
        if minutes < 1:
            return False
        self.factor = min(1.0, self.factor + 0.1 * minutes)
        self.changed_at += minutes * _MINUTE
        return True
