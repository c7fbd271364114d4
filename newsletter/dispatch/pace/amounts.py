"""How many rows to claim at a time (pure).

A claim's rows are what a crash of the machine may leave unknown, and what a new letter waits
behind. Each claim costs a synced transaction: a fast relay's are larger.
"""

from collections.abc import Sequence

from .limits import Limit

LEAST, FIRST, MOST = 50, 500, 4_000
_SECONDS = 2.0  # a claim's length at the measured rate
_BATCH_SECONDS = 5  # a slow pace claims less, so that a letter does not wait behind an issue


def batch_size(limits: Sequence[Limit], most: int = FIRST) -> int:
    """How many rows to claim at a time: few seconds' worth at these limits, one at least."""
    worth = [limit.count * (_BATCH_SECONDS / limit.span.total_seconds()) for limit in limits]
    return max(1, min([most, *(int(count) for count in worth)]))


class Amount:
    """Follows the measured rate: so many seconds' worth; a claim two, from 50 to 4,000 rows."""

    def __init__(self, seconds: float = _SECONDS, first: int = FIRST, most: int = MOST) -> None:
        self.rows = first
        self._seconds, self._most = seconds, most

    def took(self, rows: int, seconds: float) -> None:
        """So many rows took this time; an amount that was not full says little."""
        if rows >= self.rows:
            worth = int(rows * self._seconds / max(seconds, 0.001))
            self.rows = max(LEAST, min(worth, 2 * self.rows, self._most))
