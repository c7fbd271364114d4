"""PostgreSQL on an event loop: a few short statements, one after the other, with no thread.

A thread that waits for the server has to take the interpreter away from the loop each time,
and psycopg's own asynchronous connection does much for every statement that is needed once.
So libpq is asked directly, through psycopg's binding of it, as its manual shows for programs
with a loop (libpq, "Asynchronous Command Processing").
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from . import postgresql

_BAD = frozenset({pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE})


class Wire:
    """A connection of one's own; each statement is a transaction and is planned once."""

    def __init__(self, raw: PoolProxiedConnection) -> None:
        self._raw = raw
        self._connection: psycopg.Connection[Any] = raw.dbapi_connection  # type: ignore[assignment]
        # Our own number for it: libpq closes its own when the server is gone, and the next
        # connection to a relay has that number before we hear of it.
        self._socket = os.dup(self._connection.fileno())
        self._pq = self._connection.pgconn
        self._pq.nonblocking = 1
        self._values = Transformer(self._connection)
        self._names: dict[str, bytes] = {}  # of the statements that the server knows
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._heard)
        self._waiter: asyncio.Future[pq.abc.PGresult] | None = None
        self._result: pq.abc.PGresult | None = None

    @classmethod
    async def connected(cls, engine: Engine) -> "Wire":
        """A fresh one; the loop goes on meanwhile. Raises the driver's errors."""
        return cls(await asyncio.get_running_loop().run_in_executor(None, _opened, engine))

    async def run(self, steps: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The rows of one statement (which may hold others), committed; $1, $2 … are its values.

        Raises the driver's errors. After an error, or if the wait was given up, the connection
        is good for nothing but ``close``.
        """
        ((words, values),) = steps
        name = self._names.get(words) or await self._told(words)
        given = self._values.dump_sequence(values, [PyFormat.TEXT] * len(values))
        result = await self._answer(lambda: self._pq.send_query_prepared(name, given))
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple) if result.nfields else []

    async def _told(self, words: str) -> bytes:
        name = f"ours_{len(self._names)}".encode()
        await self._answer(lambda: self._pq.send_prepare(name, words.encode()))
        self._names[words] = name
        return name

    async def _answer(self, ask: Callable[[], None]) -> "pq.abc.PGresult":
        self._waiter, self._result = self._loop.create_future(), None
        ask()
        while self._pq.flush():
            await self._room()
        result = await self._waiter
        self._waiter = None
        if result.status in _BAD:
            raise errors.error_from_result(result)
        return result

    async def _room(self) -> None:
        """Wait until the kernel takes more of what we say."""
        room = self._loop.create_future()
        self._loop.add_writer(self._socket, _set, room)
        try:
            await room
        finally:
            self._loop.remove_writer(self._socket)

    def _heard(self) -> None:
        """Something can be read: an answer, a notice, or the end of the connection."""
        waiter = self._waiter
        try:
            self._pq.consume_input()
            while not self._pq.is_busy():
                part = self._pq.get_result()
                if part is None:
                    break
                self._result = part
            else:
                return
        except psycopg.Error as error:
            self._loop.remove_reader(self._socket)  # else its end is heard for ever
            if waiter is not None and not waiter.done():
                waiter.set_exception(error)
            return
        if waiter is not None and not waiter.done() and self._result is not None:
            waiter.set_result(self._result)

    def close(self) -> None:
        """Let go of it, whatever it is doing."""
        if not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
        os.close(self._socket)
        with suppress(Exception):
            self._connection.close()
        self._raw.invalidate()


def _set(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _opened(engine: Engine) -> PoolProxiedConnection:
    raw = engine.raw_connection()
    raw.detach()  # what is set here is no other's concern
    postgresql.keep(raw.dbapi_connection)
    return raw
