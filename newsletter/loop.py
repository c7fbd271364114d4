"""Where an event loop is made: uvloop's, which hands a message over at a fraction of the cost."""

import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

Done = TypeVar("Done")

# What the imports have made stays to the end. A sender makes and drops a few hundred objects for
# each message, hardly any in circles: with the usual thresholds, to look for circles among all of
# them took a tenth of its time.
_ROUNDS = (50_000, 20, 100)
# Seconds for which a thread (the next claim is taken in one) may keep the interpreter from the
# loop. With the usual five thousandths each look at the network took as long, meanwhile.
_TURN = 0.0002


def run(main: Coroutine[Any, Any, Done]) -> Done:
    """``asyncio.run``, on uvloop, with a garbage collector that looks at new objects only."""
    import uvloop  # late: most commands make no loop

    gc.freeze()  # not collected before: that takes longer than a hundred messages, and finds little
    gc.set_threshold(*_ROUNDS)
    sys.setswitchinterval(_TURN)

    return uvloop.run(main)
