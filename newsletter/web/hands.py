"""Work for threads of which only a few run at a time.

Python runs one thread at a time: of many that compute, each takes turns with all the others,
and every answer is late. So they wait for a hand, in the order they came, and those that are
at work are done soon. More than one, since each waits for the database a part of its time.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

HANDS = 3
Given = ParamSpec("Given")
Done = TypeVar("Done")
_hands: RunVar[CapacityLimiter] = RunVar("hands")


async def in_hand(work: Callable[Given, Done], *given: Given.args, **named: Given.kwargs) -> Done:
    """Do this in a thread, once a hand is free."""
    try:
        hands = _hands.get()
    except LookupError:
        hands = CapacityLimiter(HANDS)
        _hands.set(hands)
    return await to_thread.run_sync(lambda: work(*given, **named), limiter=hands)
