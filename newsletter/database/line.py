"""One connection kept for a few short statements that are written again and again.

SQLAlchemy builds, wraps and caches for each statement that it runs: ten times what SQLite takes
for the row. Here a statement is still written with SQLAlchemy, once; then the driver runs it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from . import postgresql, sqlite
from .trouble import answering

_KINDS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


class Prepared:
    """A statement compiled once for one kind of database; it may have no IN with constants."""

    def __init__(self, statement: Executable, engine: Engine) -> None:
        dialect = engine.dialect
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self.sql = str(compiled)
        if "POSTCOMPILE" in self.sql:
            raise AssertionError("what is compiled once cannot have an IN that expands")
        self._order: Sequence[str] | None = compiled.positiontup
        self._fixed: dict[str, Any] = {}
        self._outgoing: dict[str, Any] = {}
        for bind, name in compiled.bind_names.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                self._outgoing[name] = processor
            else:
                self._fixed[name] = processor(bind.value) if processor else bind.value

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The statement's parameters, as the driver wants them; ``values`` name the open ones."""
        ready = self._fixed | {
            name: processor(values[name]) if processor else values[name]
            for name, processor in self._outgoing.items()
        }
        return ready if self._order is None else [ready[name] for name in self._order]


Step = tuple[Prepared, Mapping[str, Any]]  # a statement, and its values


class Line:
    """A writing connection of one's own; it is made when needed, and anew after a trouble."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kind = _KINDS[engine.dialect.name]
        self._raw: PoolProxiedConnection | None = None

    @property
    def instant(self) -> bool:
        """Whether a transaction here waits for nothing: no network, and nobody's lock."""
        return bool(self._kind.INSTANT)

    def run(self, steps: Sequence[Step]) -> list[Any] | None:
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
                rows: list[Any] | None = self._kind.together(self._driver(), words)
            except BaseException as trouble:
                self._drop()
                error = self._engine.dialect.loaded_dbapi.Error
                if isinstance(trouble, error):
                    raise DBAPIError.instance(
                        words[-1][0], None, trouble, error, hide_parameters=True
                    ) from trouble
                raise
        return rows

    def _driver(self) -> Any:
        if self._raw is None:
            self._raw = self._engine.raw_connection()
            self._raw.detach()  # what is set here is no other's concern
            self._kind.keep(self._raw.dbapi_connection)
        return self._raw.dbapi_connection

    def _drop(self) -> None:
        """Close it as it is; to undo on a dead connection is another trouble."""
        raw, self._raw = self._raw, None
        if raw is not None:
            with suppress(Exception):
                raw.dbapi_connection.close()  # type: ignore[union-attr]
            raw.invalidate()

    def close(self) -> None:
        """Let go of the connection; the next ``run`` makes another."""
        raw, self._raw = self._raw, None
        if raw is not None:
            raw.close()
