"""When a message that was deferred, or a relay that was away, is tried again (pure)."""

from datetime import datetime, timedelta
from random import Random

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
TROUBLES_IN_A_ROW = 20  # BO-06; with the pauses above some four hours, so no short absence


def relay_again_after(failures: int) -> timedelta:
    """How long to leave a relay alone that was away ``failures`` times in a row."""
    return _AWAY[min(max(failures, 1), len(_AWAY)) - 1]
