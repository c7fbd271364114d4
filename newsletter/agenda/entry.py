"""One line of an agenda, and how urgent it is (pure)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from .facts import Facts

_SOON = timedelta(days=14)
_VERY_SOON = timedelta(days=3)
SENDING = "sending"  # the kind of an entry about what goes well


class Urgency(IntEnum):
    """How an agenda is ordered."""

    NOW = 0
    SOON = 1
    LATER = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to do or to know."""

    urgency: Urgency
    kind: str  # stable English name
    text: str
    command: str  # without the program's name
    due: datetime | None = None
    who: str = ""  # "" : any editor


def by_time(facts: Facts, moment: datetime | None) -> Urgency:
    """How urgent something is that is due then."""
    if moment is None or moment - facts.now > _SOON:
        return Urgency.LATER
    return Urgency.NOW if moment - facts.now <= _VERY_SOON else Urgency.SOON
