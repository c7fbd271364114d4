"""One connection kept for a few short statements that are written again and again.

SQLAlchemy builds, wraps and caches for each statement that it runs: ten times what SQLite takes
for the row. Here a statement is still written with SQLAlchemy, once; then the driver runs it.
"""

from collections.abc import Sequence
from typing import Any, Protocol, cast

from sqlalchemy import Dialect, Engine, Executable
from sqlalchemy.exc import DBAPIError

from .compiled import Compiled, Values
from .sqlite import File
from .trouble import answering


class Prepared:
    """A statement compiled once for one kind of database; it may have no IN with constants."""

    def __init__(self, statement: Executable, engine: Engine) -> None:
        self._compiled = Compiled.of(statement, _counting(engine.dialect))
        self.sql = self._compiled.sql

    def bound(self, values: Values) -> Sequence[Any]:
        """The statement's parameters in order; ``values`` name the open ones."""
        return cast("list[Any]", self._compiled.bound(values))  # ``_counting`` gives them places


def _counting(dialect: Dialect) -> Dialect:
    """One whose parameters have places, and no names."""
    if dialect.name == "postgresql":
        return type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]
    return dialect


Step = tuple[Prepared, Values]  # a statement, and its values
Words = Sequence[tuple[str, Sequence[Any]]]


class _Connection(Protocol):
    async def run(self, steps: Words) -> list[Any] | None:
        """In one transaction, committed: the rows of the last; None: somebody else is writing."""

    def close(self) -> None:
        """Let go of it."""


class Line:
    """A writing connection of one's own; it is made when needed, and anew after a trouble."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._there: _Connection | None = None

    @property
    def instant(self) -> bool:
        """Whether a transaction here waits for nothing: no network, and nobody's lock."""
        return self._engine.dialect.name == "sqlite"

    async def run(self, steps: Sequence[Step]) -> list[Any] | None:
        """Run these in one transaction, committed: the rows of the last one.

        Where this is not ``instant`` it takes one statement only (which may hold others).

        None, with nothing done, if somebody else is writing and this is ``instant``.
        DatabaseAway.
        """
        if not steps:
            return []
        words = [(each.sql, each.bound(values)) for each, values in steps]
        with answering(self._engine):
            try:
                if self._there is None:
                    self._there = await self._connected()
                return await self._there.run(words)
            except BaseException as trouble:
                self.close()
                error = self._engine.dialect.loaded_dbapi.Error
                if isinstance(trouble, error):
                    raise DBAPIError.instance(
                        words[-1][0], None, trouble, error, hide_parameters=True
                    ) from trouble
                raise

    async def _connected(self) -> _Connection:
        if self.instant:
            return File(self._engine)
        from .wire import Wire  # late: whoever works on a file needs no PostgreSQL

        return await Wire.connected(self._engine)

    def close(self) -> None:
        """Let go of the connection; the next ``run`` makes another."""
        there, self._there = self._there, None
        if there is not None:
            there.close()
