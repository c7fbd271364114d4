"""Where an event loop is made: uvloop's, which hands a message over at a fraction of the cost."""

from collections.abc import Coroutine
from typing import Any, TypeVar

Done = TypeVar("Done")


def run(main: Coroutine[Any, Any, Done]) -> Done:
    """``asyncio.run``, on uvloop."""
    import uvloop  # late: most commands make no loop

    return uvloop.run(main)
