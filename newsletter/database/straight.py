"""Statements of requests that come by the dozen a second: compiled once, run by the driver.

SQLAlchemy looks up, binds and wraps each time that it runs a statement, which takes several
times as long as the database does. A statement here is written with SQLAlchemy and runs within
the connection's transaction like any other; only that work is left out.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError

from .compiled import Compiled, Processor, Values


class Straight:
    """A statement; it may have no IN that expands.

    ``columns``: those that an INSERT fills; every other one has a constant default, or none.
    ``anew``: a server plans it each time, for one whose best plan changes as tables grow.
    """

    def __init__(
        self, statement: Executable, columns: Sequence[str] | None = None, *, anew: bool = False
    ) -> None:
        self._statement, self._columns, self._anew = statement, columns, anew
        self._ready: dict[str, _Ready] = {}

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """What it gives, as SQLAlchemy would: named tuples. DBAPIError."""
        ready = self._for(connection.dialect)
        with (
            _sqlalchemys_words(connection, ready.compiled.sql),
            closing(_raw(connection).cursor()) as cursor,
        ):
            cursor.execute(
                ready.compiled.sql, ready.compiled.bound(values), **self._how(connection)
            )
            return [ready.row(each) for each in cursor.fetchall()]

    def run(self, connection: Connection, *many: Values) -> None:
        """For each of these; what it gives is not read. DBAPIError."""
        ready = self._for(connection.dialect)
        bound = [ready.compiled.bound(values) for values in many]
        with (
            _sqlalchemys_words(connection, ready.compiled.sql),
            closing(_raw(connection).cursor()) as cursor,
        ):
            if len(bound) == 1:
                cursor.execute(ready.compiled.sql, bound[0], **self._how(connection))
            elif bound:
                cursor.executemany(ready.compiled.sql, bound)

    def _how(self, connection: Connection) -> dict[str, bool]:
        return {"prepare": False} if self._anew and connection.dialect.name != "sqlite" else {}

    def _for(self, dialect: Dialect) -> "_Ready":
        if dialect.name not in self._ready:
            self._ready[dialect.name] = _Ready.of(self._statement, self._columns, dialect)
        return self._ready[dialect.name]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement for one kind of database, and what its rows look like."""

    compiled: Compiled
    shape: Callable[..., Any]
    processors: Sequence[Processor]

    @classmethod
    def of(cls, statement: Executable, columns: Sequence[str] | None, dialect: Dialect) -> "_Ready":
        given = statement.exported_columns  # type: ignore[attr-defined]
        return cls(
            Compiled.of(statement, dialect, columns),
            namedtuple("Row", [each.key for each in given]),
            [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in given],
        )

    def row(self, raw: Sequence[Any]) -> Any:
        """As people read it."""
        found = zip(raw, self.processors, strict=True)
        return self.shape(*[process(each) if process else each for each, process in found])


@contextmanager
def _sqlalchemys_words(connection: Connection, sql: str) -> Iterator[None]:
    error = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except error as trouble:
        raise DBAPIError.instance(sql, None, trouble, error, hide_parameters=True) from trouble


def _raw(connection: Connection) -> Any:
    return connection.connection.driver_connection
