"""Acts of several requests in one transaction.

A transaction's price is fixed: its turn (beside a sender that writes all the time), and a disk
that has it for certain. So whatever is ready while the last one runs is written by the next
one, each act undone by itself if it is refused, and nobody hears „yes“ before it is committed.
"""

from asyncio import AbstractEventLoop, Future, Task, get_running_loop
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

from anyio import to_thread
from fastapi import Request

from newsletter import history
from newsletter.database import DatabaseAway
from newsletter.history import PUBLIC, Act, within

MOST = 32  # acts in one transaction: some ten milliseconds, in which nobody else writes
Done = TypeVar("Done")
_Waiting = tuple[Callable[[Act], Any], "Future[Any]"]
_Outcome = tuple["Future[Any]", Any, BaseException | None]


async def together(request: Request, work: Callable[[Act], Done]) -> Done:
    """Do this in the next act of this application; what it gives, once it is committed.

    What ``work`` raises is raised here, and what it has written is undone. It may be called
    twice, the first time in vain.
    """
    state = request.app.state
    if state.scribe is None or state.scribe.loop is not get_running_loop():
        opened = partial(history.acting, state.engine, state.settings, PUBLIC, clock=state.clock)
        state.scribe = _Scribe(opened, get_running_loop())
    done: Done = await state.scribe.written(work)
    return done


class _Scribe:
    """Writes for one application, in one event loop."""

    def __init__(
        self, opened: Callable[[], AbstractContextManager[Act]], loop: AbstractEventLoop
    ) -> None:
        self._opened = opened
        self.loop = loop
        self._waiting: deque[_Waiting] = deque()
        self._task: Task[None] | None = None

    async def written(self, work: Callable[[Act], Done]) -> Done:
        told: Future[Done] = self.loop.create_future()
        self._waiting.append((work, told))
        if self._task is None:
            self._task = self.loop.create_task(self._write())
        return await told

    async def _write(self) -> None:
        try:
            while self._waiting:
                for told, done, trouble in await to_thread.run_sync(self._turn):
                    _tell(told, done, trouble)
        finally:
            self._task = None

    def _turn(self) -> list[_Outcome]:
        """One transaction: whoever waits when it has begun is part of it."""
        taken: list[_Waiting] = []
        try:
            with self._opened() as act:
                taken += self._next()
                return [_done(act, *each) for each in taken]
        except _Refused:
            return self._one_by_one(taken)
        except Exception as trouble:
            taken += self._next() if not taken else ()
            return _all_failed(taken, trouble)

    def _one_by_one(self, taken: list[_Waiting]) -> list[_Outcome]:
        """The same once more, each undone by itself: rare, and dearer by a third."""
        try:
            with self._opened() as act:
                return [_tried(act, *each) for each in taken]
        except Exception as trouble:
            return _all_failed(taken, trouble)

    def _next(self) -> Iterator[_Waiting]:
        for _ in range(min(MOST, len(self._waiting))):
            yield self._waiting.popleft()


class _Refused(Exception):
    """One of several was; all of them are undone."""


def _done(act: Act, work: Callable[[Act], Any], told: "Future[Any]") -> _Outcome:
    try:
        done = work(act)
        act.session.flush()  # the next one shall find it
    except Exception as refused:
        raise _Refused from refused
    return told, done, None


def _all_failed(taken: list[_Waiting], trouble: Exception) -> list[_Outcome]:
    return [(told, None, trouble) for _work, told in taken]


def _tried(act: Act, work: Callable[[Act], Any], told: "Future[Any]") -> _Outcome:
    try:
        with within(act) as part:
            return told, work(part), None
    except DatabaseAway:  # what the others have written is gone with it
        raise
    except Exception as refused:
        return told, None, refused


def _tell(told: "Future[Any]", done: Any, trouble: BaseException | None) -> None:
    if told.done():  # whoever asked has gone
        return
    if trouble is None:
        told.set_result(done)
    else:
        told.set_exception(trouble)
