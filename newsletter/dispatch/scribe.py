"""Writes for all connections at once: what came of messages, and which may go next.

A transaction costs more than the rows in it. So a connection that has its answer says so and
asks for its next row in one breath, and whatever has been said while the last transaction ran
is written in the next one. Outcomes stand before intents: a connection has one row
``sending`` at most, whenever the process dies.

The database may be away for a while (a lock, a full disk, a restart): then everybody waits,
and nothing that came of a message is forgotten.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from typing import TypeVar

from newsletter.database import DatabaseAway
from newsletter.history import Act

from . import ledger
from .replies import Outcome

# The database is away (a restart, a full disk, a lock): seconds between tries.
_AWAY = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
_TELL_AFTER = 2  # tries: a lock of a second is no news
_KEPT_IN_MIND = 900.0  # seconds: a server that moves to other hardware
_A_MOMENT = 0.001  # seconds: what a message waits at most for others to be written with
_KEPT_WHEN_STOPPING = 30.0  # less than a supervisor's patience

Done = TypeVar("Done")
Transaction = Callable[[], AbstractContextManager[Act]]
Tell = Callable[[str], None]
Ending = Callable[[Act, ledger.Row, str], None]


@dataclass(slots=True)
class _Batch:
    outcomes: list[ledger.Settled] = field(default_factory=list)
    endings: list[tuple[ledger.Row, Ending, str]] = field(default_factory=list)
    wishes: list[tuple[ledger.Row, asyncio.Future[bool]]] = field(default_factory=list)


class Scribe:
    """The one writer of a run. The first word begins it; ``end`` waits until all is written."""

    def __init__(
        self,
        transaction: Transaction,
        stop: asyncio.Event,
        tell: Tell,
        quick: ledger.Quick | None = None,
    ) -> None:
        self._transaction, self._stop, self._tell = transaction, stop, tell
        self._quick = quick
        self._enough: float = 1
        self._moment = _A_MOMENT
        self._patience: asyncio.TimerHandle | None = None
        self._next = _Batch()
        self._rung = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scribe")
        self._task: asyncio.Task[None] | None = None

    def listen_to(self, speakers: int) -> None:
        """So many connections will speak; a transaction begins when enough of them have.

        Half of them, while the relay is busy with the others; three quarters where a
        transaction means the way to a server and its disk, whatever is in it. Nobody waits
        longer than a moment for the others.
        """
        far = self._quick is not None and not self._quick.instant
        self._enough = speakers * (0.75 if far else 0.5)
        self._moment = _A_MOMENT * (3 if far else 1)

    def settle(self, row: ledger.Row, outcome: Outcome, again: datetime | None = None) -> None:
        """Have this written soon; ``written`` waits for it, and so does the next ``intend``."""
        self._next.outcomes.append(ledger.Settled(row, outcome, again))
        self._ring()

    def end_row(self, row: ledger.Row, ending: Ending, why: str) -> None:
        """Have a claimed row ended (``ledger.skip``, ``ledger.fail``) that will not go out."""
        self._next.endings.append((row, ending, why))
        self._ring()

    def intend(self, row: ledger.Row) -> asyncio.Future[bool]:
        """Whether this row may go out now; if so, it says ``sending``, committed."""
        granted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._next.wishes.append((row, granted))
        self._ring()
        return granted

    async def written(self) -> None:
        """Wait until all that was said is committed; raises what the writing failed of."""
        await self._written.wait()
        if self._task is not None and self._task.done():
            self._task.result()

    async def end(self) -> None:
        """Write what is left, then stop."""
        try:
            await self.written()
        finally:
            if self._task is not None:
                self._task.cancel()
            self._thread.shutdown(wait=True)
            if self._quick is not None:
                self._quick.close()

    def _ring(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()  # it failed; nothing will ever be written again
        self._written.clear()
        if len(self._next.wishes) >= self._enough:
            self._begin()
        elif self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(self._moment, self._begin)
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    def _begin(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self._rung.set()

    async def _work(self) -> None:
        batch = _Batch()
        try:
            while True:
                await self._rung.wait()
                self._rung.clear()
                batch, self._next = self._next, _Batch()
                await self._write(batch)
                if not (self._rung.is_set() or self._patience):
                    self._written.set()
        except BaseException as failure:
            self._give_up(failure, batch, self._next)
            raise

    async def _write(self, batch: _Batch) -> None:
        """Until it is written; what came of messages is only in our memory meanwhile.

        DatabaseAway after a long while: rows that say ``sending`` will be unknown, not lost.
        """
        waited = 0.0
        for pause in chain(_AWAY, repeat(_AWAY[-1])):
            try:
                granted = await self._granted(batch, again=waited > 0)
            except DatabaseAway as away:
                if waited > (_KEPT_WHEN_STOPPING if self._stop.is_set() else _KEPT_IN_MIND):
                    raise
                if pause == _AWAY[_TELL_AFTER]:
                    self._tell(str(away))
            else:
                break
            await asyncio.sleep(pause)
            waited += pause
        for row, wish in batch.wishes:
            if not wish.done():  # whoever wished may have been cancelled
                wish.set_result(ledger.key_of(row) in granted)

    async def _granted(self, batch: _Batch, again: bool) -> ledger.Keys:
        """Write a batch: the short way if it is a usual one, and the rest of it the long way."""
        wanted = [row for row, _ in batch.wishes]
        done = None if again or batch.endings else await self._quickly(batch.outcomes, wanted)
        if done is None:
            return await self._in_thread(lambda: self._slowly(batch, wanted, again))
        rest = [row for row in wanted if ledger.key_of(row) not in done]
        if not rest:
            return done
        return done | await self._in_thread(lambda: self._slowly(_Batch(), rest, again))

    async def _quickly(
        self, outcomes: list[ledger.Settled], wanted: list[ledger.Row]
    ) -> ledger.Keys | None:
        return None if self._quick is None else await self._quick.write(outcomes, wanted)

    def _slowly(self, batch: _Batch, wanted: list[ledger.Row], again: bool) -> ledger.Keys:
        with self._transaction() as act:
            ledger.settle_all(act, batch.outcomes)
            for row, ending, why in batch.endings:
                ending(act, row, why)
            return ledger.intend_all(act, wanted, again=again)

    async def _in_thread(self, write: Callable[[], Done]) -> Done:
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, write)

    def _give_up(self, failure: BaseException, *batches: _Batch) -> None:
        for _row, wish in (each for batch in batches for each in batch.wishes):
            if isinstance(failure, Exception) and not wish.done():
                wish.set_exception(failure)
            wish.cancel()
        self._written.set()
