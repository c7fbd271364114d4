"""Reading a few rows as fast as can be: by sqlite3, or by PostgreSQL's own C library.

psycopg takes longer to import than somebody waits; the library that it brings does not.
"""

import ctypes
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

_PATIENCE = 0.2  # seconds that a locked database is waited for
_OK, _TUPLES = 0, 2  # of libpq: CONNECTION_OK, PGRES_TUPLES_OK


def rows(url: str, query: str) -> list[tuple[str, ...]]:
    """What a query that reads gives, as text; nothing if it cannot be had."""
    if url.startswith("sqlite"):
        return _by_sqlite(Path(urlsplit(url).path.removeprefix("/")), query)
    return _by_postgresql("postgresql" + url[url.index("://") :], query)


def _by_sqlite(file: Path, query: str) -> list[tuple[str, ...]]:
    try:
        address = f"{file.absolute().as_uri()}?mode=ro"
        with sqlite3.connect(address, uri=True, timeout=_PATIENCE) as connection:
            found = connection.execute(query).fetchall()
    except (sqlite3.Error, OSError, ValueError):
        return []
    return [tuple("" if cell is None else str(cell) for cell in row) for row in found]


def _by_postgresql(url: str, query: str) -> list[tuple[str, ...]]:
    libpq = _libpq()
    if libpq is None:
        return _by_psycopg(url, query)
    with_limits = f"{url}{'&' if '?' in url else '?'}connect_timeout=2"
    connection = ctypes.c_void_p(libpq.PQconnectdb(with_limits.encode()))
    try:
        if libpq.PQstatus(connection) != _OK:
            return []
        return list(_rows_of(libpq, connection, query))
    finally:
        libpq.PQfinish(connection)


def _rows_of(
    libpq: ctypes.CDLL, connection: ctypes.c_void_p, query: str
) -> Iterator[tuple[str, ...]]:
    result = ctypes.c_void_p(libpq.PQexec(connection, query.encode()))
    try:
        if libpq.PQresultStatus(result) != _TUPLES:
            return
        columns = range(libpq.PQnfields(result))
        for row in range(libpq.PQntuples(result)):
            yield tuple(libpq.PQgetvalue(result, row, column).decode() for column in columns)
    finally:
        libpq.PQclear(result)


def _libpq() -> ctypes.CDLL | None:
    """The library in psycopg's binary package; None if psycopg came otherwise."""
    from importlib.util import find_spec

    psycopg = find_spec("psycopg")
    if psycopg is None or psycopg.origin is None:
        return None
    beside = Path(psycopg.origin).parents[1] / "psycopg_binary.libs"
    try:
        library = ctypes.CDLL(str(next(beside.glob("libpq-*"))))
    except (OSError, StopIteration):
        return None
    library.PQconnectdb.restype = library.PQexec.restype = ctypes.c_void_p
    library.PQgetvalue.restype = ctypes.c_char_p
    return library


def _by_psycopg(url: str, query: str) -> list[tuple[str, ...]]:
    try:
        import psycopg

        with psycopg.connect(url, connect_timeout=2) as connection:
            found = connection.execute(query.encode()).fetchall()
    except Exception:  # whatever it is: a key that offers nothing
        return []
    return [tuple("" if cell is None else str(cell) for cell in row) for row in found]
