"""PostgreSQL: many connections, and an advisory lock where one writer at a time is meant.

Our acts check first and write then. On SQLite nobody writes between the two; here an act takes
its turn, too: a lock at its beginning that its end gives back. What the sender does once per
message is a compare-and-swap in one statement and does not wait (``in_turn=False``).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, Transaction, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

# "error ignored": what matters of a lost connection is raised, and told in our words.
logging.getLogger("psycopg").setLevel(logging.ERROR)

# Advisory locks count within one database; these are our two.
TURN = 0x6E657773_00000001  # one act after the other
SENDER = 0x6E657773_00000002  # one sender

# A reader sees one state until its end, and cannot write by mistake.
READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

_CONNECTION: dict[str, str | int] = {
    "application_name": "newsletter",
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,  # seconds; a server that vanished is noticed
    "tcp_user_timeout": 30_000,  # ms
}
# Nobody waits for ever: not for a lock, not for a program that went to sleep in its act.
# Whoever lowered synchronous_commit for other work does not lower it for goodbyes and intents.
_SESSION = """
SELECT set_config('TimeZone', 'UTC', false),
       set_config('lock_timeout', '30s', false),
       set_config('idle_in_transaction_session_timeout', '5min', false),
       CASE current_setting('synchronous_commit') WHEN 'off'
            THEN set_config('synchronous_commit', 'on', false) END
"""


def engine(target: URL) -> Engine:
    """An engine for a server. The address wins where it says how to connect."""
    ours = {name: value for name, value in _CONNECTION.items() if name not in target.query}
    made = create_engine(
        target.set(drivername="postgresql+psycopg"),
        connect_args=ours,
        pool_pre_ping=True,  # a server that was restarted is met with a fresh connection
        pool_size=5,
        max_overflow=40,  # a thread of the web server each, and a few more
        hide_parameters=True,  # a trace in the log must not show what people typed
    )
    event.listen(made, "connect", _open)
    event.listen(made, "begin", _begin)
    return made


def _open(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.adapters.register_dumper(str, _without_nul())
    connection.autocommit = True
    connection.execute(_SESSION)
    connection.autocommit = False


@lru_cache(maxsize=1)
def _without_nul() -> type:
    """PostgreSQL has no NUL in texts; whatever gets so far is kept as U+FFFD."""
    from psycopg.types.string import StrDumperUnknown

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    return WithoutNul


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("newsletter_in_turn"):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (TURN,))


@contextmanager
def turn(_engine: Engine) -> Iterator[None]:
    """Whoever waits, waits at the server, see ``_begin``: it wakes them in their order."""
    yield


def forget(_transaction: Transaction) -> None:
    """A reader has written nothing; with a ROLLBACK psycopg would forget every statement that
    the server has prepared for it, and to plan those takes longer than to run them.
    """


_SEVERAL = "-- one of several statements"  # without any, it would be trouble at the door


@contextmanager
def unanswered(connection: Connection) -> Iterator[None]:
    """Pipeline mode: one journey to the server for all of them."""
    error = connection.dialect.loaded_dbapi.Error
    raw: Any = connection.connection.driver_connection
    try:
        with raw.pipeline():
            yield
    except error as trouble:  # SQLAlchemy was not there when it came
        raise DBAPIError.instance(_SEVERAL, None, trouble, error, hide_parameters=True) from trouble


@contextmanager
def only_one(engine: Engine, key: int) -> Iterator[Connection | None]:
    """Hold a lock on a connection of its own; None if somebody else holds it.

    The server frees it when the connection dies, however it dies: no lease, no clock.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (key,)).scalar()
        try:
            yield connection if held else None
        finally:
            if held and not connection.invalidated:
                _let_go(connection, key)


def is_held(connection: Connection, key: int) -> bool:
    """Whether anybody holds this lock now; asked without taking it."""
    held = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid::bigint = %s AND objid::bigint = %s AND objsubid = 1)",
        (key >> 32, key & 0xFFFFFFFF),
    )
    return bool(held.scalar())


def _let_go(connection: Connection, key: int) -> None:
    try:
        connection.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (key,))
    except DBAPIError:  # a dead connection has let go by itself, or will when it is closed
        connection.invalidate()


def identity(connection: Connection) -> tuple[str, str]:
    """Which database this is, and which life of it.

    The first is another one after a dump was read back, anywhere; the second after a standby
    took over, which may lack the last commits.
    """
    row = connection.exec_driver_sql(
        "SELECT system_identifier::text, d.oid::text, timeline_id::text"
        " FROM pg_control_system(), pg_control_checkpoint(), pg_database d"
        " WHERE d.datname = current_database()"
    ).one()
    return f"postgresql {row[0]}/{row[1]}", f"timeline {row[2]}"


def keep(connection: Any) -> None:
    """For a connection that runs a few statements again and again: each is planned once."""
    connection.autocommit = True
    connection.execute("SET plan_cache_mode = force_generic_plan")
