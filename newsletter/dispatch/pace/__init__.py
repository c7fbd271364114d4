"""How fast to whom, when again, and when to stop (pure).

    limits     what is configured: so many in a span; how long so many addresses take
    keeping    every limit over every span, evenly spread, letters with room
    amounts    how many rows to claim at a time
    retries    when a message, or a relay, is tried again
    spread     whose turn it is, by weight
    operators  whose mailboxes an address is among
    lanes      one mailbox provider's copies: which may go now, when the others come
    relay_pace what a relay takes: as configured, or as it has shown
    throttle   slower when asked to, and carefully back
    brakes     what speaks against us, and ends a run or holds an issue

Its state is what went out lately, which the ledger knows: a restart forgets nothing.
"""

from .amounts import Amount, batch_size
from .brakes import Brake, Refusals
from .keeping import Booking, Pace
from .lanes import Lane
from .limits import Limit, Rates, duration, limits_of, limits_over
from .operators import DEFAULT, Operators
from .relay_pace import Connections, RelayPace
from .retries import (
    AFTER_BAD_LOGIN,
    GIVE_UP_AFTER,
    TROUBLES_IN_A_ROW,
    relay_again_after,
    retry_at,
)
from .spread import Spread
from .throttle import Throttle

__all__ = [
    "AFTER_BAD_LOGIN",
    "DEFAULT",
    "GIVE_UP_AFTER",
    "TROUBLES_IN_A_ROW",
    "Amount",
    "Booking",
    "Brake",
    "Connections",
    "Lane",
    "Limit",
    "Operators",
    "Pace",
    "Rates",
    "Refusals",
    "RelayPace",
    "Spread",
    "Throttle",
    "batch_size",
    "duration",
    "limits_of",
    "limits_over",
    "relay_again_after",
    "retry_at",
]
