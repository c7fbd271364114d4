"""Statements compiled once for all tests of a process.

Every test has a database of its own, so an engine of its own, and SQLAlchemy compiles each
statement anew for each engine: a quarter of the suite's time. Here engines of the same kind
share what they have compiled.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)


def shared() -> None:
    """Share what is compiled, from now on; SQLAlchemy keeps it by dialect and statement."""
    DefaultDialect.__eq__ = _alike  # type: ignore[method-assign,assignment]
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _share)


def _alike(one: DefaultDialect, other: object) -> bool:
    return isinstance(other, DefaultDialect) and _kind(one) == _kind(other)


def _kind(dialect: DefaultDialect) -> tuple[object, ...]:
    return (type(dialect), dialect.server_version_info, dialect.paramstyle)


def _share(connection: Connection) -> None:
    connection.engine._compiled_cache = _COMPILED
