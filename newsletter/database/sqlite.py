"""SQLite: one file, one writer at a time.

A writing transaction begins IMMEDIATE: it waits its turn at the start instead of failing in
the middle. ``durable`` chooses ``synchronous`` FULL or NORMAL (DESIGN §7).
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30  # longer than any transaction of ours; a writer waits, it does not fail

READING: dict[str, Any] = {}  # BEGIN sees one state until its end


def engine(target: URL) -> Engine:
    """An engine for a file."""
    # hide_parameters: a trace in the log must not show what people typed
    made = create_engine(target, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
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
    cursor.close()


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("newsletter_writes"):
        level = "FULL" if options.get("newsletter_durable", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


class File:
    """A connection for short transactions that need not survive a power cut; waits for nobody."""

    def __init__(self, engine: Engine) -> None:
        self._raw = engine.raw_connection()
        self._raw.detach()  # what is set here is no other's concern
        self._connection: sqlite3.Connection = self._raw.dbapi_connection  # type: ignore[assignment]
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=0")
        # Much is written to the same pages; to put them in their place seldom is to do it once.
        self._connection.execute("PRAGMA wal_autocheckpoint=4000")
        self._connection.execute("PRAGMA cache_size=-8000")

    async def run(self, steps: Sequence[tuple[str, Sequence[Any]]]) -> list[Any] | None:
        """All in one transaction: the rows of the last; None if somebody is writing."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return None
            raise
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
