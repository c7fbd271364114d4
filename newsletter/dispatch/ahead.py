"""The next claim, taken while the one before it is still going out.

On a server, to claim some thousand rows and to look their readers up takes as long as to send a
few hundred of them; so it is asked for when half of a claim has gone, in a thread that waits.
What was taken and is not wanted any more, its taker has to give back.
"""

import asyncio
import contextvars
from collections.abc import Callable
from dataclasses import dataclass

from . import ledger
from .copies import Known


@dataclass(frozen=True, slots=True)
class Taken:
    """A claim, and what its messages are made of."""

    claim: ledger.Claim
    known: Known


class Ahead:
    """At most one claim in advance."""

    def __init__(self) -> None:
        self._coming: asyncio.Future[Taken | None] | None = None

    def begin(self, take: Callable[[], Taken | None]) -> None:
        """Have it taken."""
        if self._coming is None:
            context = contextvars.copy_context()
            loop = asyncio.get_running_loop()
            self._coming = loop.run_in_executor(None, context.run, take)

    async def taken(self) -> Taken | None:
        """What was taken, once; None if nothing was. Raises what the taking raised."""
        coming, self._coming = self._coming, None
        return None if coming is None else await coming
