"""What is known when it is over: the mail server's log, and what the sender has suffered."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .plan import Trial


class Witness:
    """Reads a mail server's log while it grows."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0
        self.lines: list[tuple[str, str, str]] = []  # what, message id (or code), address
        self.took = 0  # messages, in all

    def look(self) -> int:
        """Read what is new; how many messages the server has taken in all."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode("ascii").splitlines():
            what, key, *rest = line.split(" ")
            self.lines.append((what, key, rest[0] if rest else ""))
            self.took += what == "took"
        return self.took


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who left or was erased while the issue went out."""

    number: int
    erased: bool
    before_intent: bool
    seen: int  # lines of the server's log by then


@dataclass
class Suffered:
    """What really happened, for the bound on unknown rows and for the report."""

    kills: int = 0
    early: int = 0  # of these before anything was at work
    trials: Counter[Trial] = field(default_factory=Counter)
    in_hand: int = 0  # rows claimed at each power loss
    adopted: int = 0  # rows not final at the adoption
    gave_way: int = 0  # runs that ended in a sentence about the relay or the database
    braked: int = 0  # times an issue was found paused
    refused: int = 0  # runs refused, from a copied home or beside another sender
    gone: list[Gone] = field(default_factory=list)
    starts: int = 0
