"""Connections to the database that is lent to one test after the other.

A server starts a process for each connection, and that process learns every table anew: a
fifth of the time of the tests on PostgreSQL. Here a connection that a test's engine closes is
put into the state of a new one (DISCARD ALL) and given to the next engine that wants one.
"""

from typing import Any, Self

import psycopg
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

_MOST = 8
_stock: list["Kept"] = []
_lent = ""


class Kept(psycopg.Connection[Any]):
    """A connection whose end is a pause, as long as it is sound and its database is lent."""

    def close(self) -> None:
        """Become as new, and wait for the next engine; or end."""
        if self in _stock:
            return
        if len(_stock) < _MOST and self.info.dbname == _lent and self._made_new():
            _stock.append(self)
        else:
            super().close()

    def _made_new(self) -> bool:
        try:
            self.rollback()
            self.isolation_level = self.read_only = None
            self.autocommit = True
            self.execute("DISCARD ALL")
            self._prepared.clear()  # it does not notice that nothing is prepared any more
            self.autocommit = False
        except psycopg.Error:
            return False
        return True

    @classmethod
    def taken(cls, given: dict[str, Any]) -> Self | None:
        """One that waits, if it still lives."""
        while _stock:
            kept = _stock.pop()
            if kept.info.dbname == given.get("dbname") and kept._made_new():
                return kept  # type: ignore[return-value]
            psycopg.Connection.close(kept)
        return None


def keep(lent: str) -> None:
    """Keep connections to the database of this name, from now on."""
    global _lent
    _lent = lent
    event.listen(Engine, "do_connect", _connect)


def let_go() -> None:
    """End those that wait: the database must be copied, or is gone."""
    while _stock:
        psycopg.Connection.close(_stock.pop())


def waiting() -> list[int]:
    """The numbers of their processes in the server."""
    return [kept.info.backend_pid for kept in _stock]


def _connect(
    dialect: Dialect, _entry: ConnectionPoolEntry, words: list[Any], given: dict[str, Any]
) -> Kept | None:
    if dialect.name != "postgresql" or given.get("dbname") != _lent:
        return None
    return Kept.taken(given) or Kept.connect(*words, **given)
