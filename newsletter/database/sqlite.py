"""SQLite: one file, one writer at a time.

A writing transaction begins IMMEDIATE: it waits its turn at the start instead of failing in
the middle. ``durable`` chooses ``synchronous`` FULL or NORMAL (DESIGN §7).
"""

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, Transaction, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30  # longer than any transaction of ours; a writer waits, it does not fail
_ASKS_OFTEN, _ASKS_EVERY = 5, 0.001  # seconds

READING: dict[str, Any] = {}  # BEGIN sees one state until its end

_turns: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


def engine(target: URL) -> Engine:
    """An engine for a file."""
    # hide_parameters: a trace in the log must not show what people typed
    made = create_engine(
        target,
        connect_args={"timeout": BUSY_SECONDS},
        max_overflow=40,  # more than threads of the web server: a page may look with two at once
        hide_parameters=True,
    )
    event.listen(made, "connect", _open)
    event.listen(made, "begin", _begin)
    return made


def _open(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # Its own lower() knows no Ä.
    connection.create_function("lower", 1, _lower, deterministic=True)
    # The driver's own transaction handling would begin too late; BEGIN is ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # Beside a sender the journal is long; whoever wrote a row would put all of it in its place.
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.close()


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("newsletter_writes"):
        level = "FULL" if options.get("newsletter_durable", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN")


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """One thread of this process after the other: who waits for a lock is woken, who asks
    SQLite again and again comes late. After ``BUSY_SECONDS`` SQLite says what the matter is.
    """
    lock = _turns.setdefault(engine, Lock())
    held = lock.acquire(timeout=BUSY_SECONDS)
    try:
        yield
    finally:
        if held:
            lock.release()


def forget(transaction: Transaction) -> None:
    """Keep nothing of what somebody wrote who was to read."""
    transaction.rollback()


def unanswered(_connection: Connection) -> AbstractContextManager[None]:
    """Nothing is far away here."""
    return nullcontext()


def _begin_writing(connection: Connection) -> None:
    """BEGIN IMMEDIATE, as soon as another process is done.

    SQLite itself asks ever more seldom, every 100 ms in the end, and so may wait for seconds
    beside a sender whose transactions take a millisecond or two each.
    """
    raw: Any = connection.connection.dbapi_connection
    patience = time.monotonic() + _ASKS_OFTEN
    raw.execute("PRAGMA busy_timeout=0")
    try:
        with _next_in_line(connection.engine, patience):
            while time.monotonic() < patience:
                if _begun(raw):
                    return
                time.sleep(_ASKS_EVERY)
    except sqlite3.Error:  # asked once more below, it is said in SQLAlchemy's words
        pass
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _next_in_line(engine: Engine, patience: float) -> Iterator[None]:
    """Be the next process that begins: a lock on the database's folder, until ``patience``.

    Whoever writes many transactions in a row comes back for it between two of them, and finds
    it taken by whoever waits; else a waiter would have to ask in the moment between the two.
    """
    try:
        folder = os.open(Path(engine.url.database or "").absolute().parent, os.O_RDONLY)
    except OSError:  # then SQLite will say what is the matter
        yield
        return
    try:
        while not _locked(folder) and time.monotonic() < patience:
            time.sleep(_ASKS_EVERY)
        yield
    finally:
        os.close(folder)  # and with it the lock


def _locked(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:  # or a file system that knows no such locks
        return taken.errno not in {errno.EAGAIN, errno.EACCES}
    return True


def _begun(raw: Any) -> bool:
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as busy:
        if busy.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


class File:
    """A connection for short transactions that need not survive a power cut; waits for nobody."""

    def __init__(self, engine: Engine) -> None:
        self._raw = engine.raw_connection()
        self._raw.detach()  # what is set here is no other's concern
        self._connection: sqlite3.Connection = self._raw.dbapi_connection  # type: ignore[assignment]
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=0")
        self._connection.execute("PRAGMA cache_size=-8000")

    async def run(self, steps: Sequence[tuple[str, Sequence[Any]]]) -> list[Any] | None:
        """All in one transaction: the rows of the last; None if somebody is writing."""
        connection = self._connection
        if not _begun(connection):
            return None
        rows: list[Any] = []
        for words, values in steps:
            rows = connection.execute(words, values).fetchall()
        connection.execute("COMMIT")
        return rows

    def close(self) -> None:
        """Let go of it as it is; to undo on a dead connection is another trouble."""
        with suppress(Exception):
            self._connection.close()
        self._raw.invalidate()
