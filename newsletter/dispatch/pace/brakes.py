"""What speaks against us: failures of a kind in a row, and addresses refused (pure)."""

from dataclasses import dataclass
from datetime import datetime


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


_FIRST = 200  # BO-06: the first 200 decide; a shorter list is too short for a percentage
_ALLOWED = 0.02


@dataclass(slots=True)
class Refusals:
    """An issue's addresses that were refused since it last began to go out (BO-06).

    It is to be held when they are more than 2 % of the first 200, or of all after that; the
    fifth decides, even if it comes early. Each time a person has let the issue go on all the
    same, it is counted anew and twice as many are allowed: they have seen the figure, and a
    list that is 3 % dead must not hold them up every 200 addresses.
    """

    began: datetime  # the count's beginning: the start, or when it was resumed
    recipients: int
    resumed: int = 0  # how often a person let it go on after this brake
    tried: int = 0
    refused: int = 0

    @property
    def allowed(self) -> float:
        """The share that may be refused."""
        return min(1.0, _ALLOWED * float(2**self.resumed))

    def felt(self, refused: bool) -> bool:
        """Count one address; True when the issue is to be held."""
        self.tried += 1
        self.refused += refused
        too_many = self.refused > self.allowed * max(self.tried, _FIRST)
        return too_many and self.recipients >= _FIRST
