"""Engine and transactions, and all that SQLite and PostgreSQL do differently.

On SQLite a writing transaction begins IMMEDIATE: it waits its turn at the start instead of
failing in the middle. ``durable`` chooses ``synchronous`` FULL or NORMAL (DESIGN §7).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from .errors import OutsideTrouble, Refused, WrongUsage
from .language import N_, _

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_BUSY_SECONDS = 30  # longer than any transaction of ours; a writer waits, it does not fail


class UnknownDatabase(WrongUsage):
    """An address that is none, or a kind of database whose driver is not installed."""

    sentence = N_(
        "Mit der Datenbankadresse „{address}“ kann dieses Programm nicht arbeiten."
        " Erwartet wird sqlite:////ordner/newsletter.sqlite; ohne NEWSLETTER_DATABASE_URL"
        " liegt sie im eingerichteten Ordner."
    )


class SchemaBehind(Refused):
    """The database was made by an older program."""

    sentence = N_(
        "Die Datenbank ist auf einem älteren Stand als das Programm. Bitte: newsletter db upgrade"
    )


def connect(url: str) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…``; UnknownDatabase for another."""
    try:
        target = make_url(url)
        if target.get_backend_name() != "sqlite":
            if target.drivername == "postgresql":
                target = target.set(drivername="postgresql+psycopg")
            return create_engine(target, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, ImportError) as exc:
        shown = url.partition("@")[2] or url  # without user and password
        raise UnknownDatabase(address=shown) from exc
    # hide_parameters: a trace in the log must not show what people typed
    engine = create_engine(target, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling would begin too late; BEGIN is ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("newsletter_writes"):
        level = "FULL" if options.get("newsletter_durable", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


@contextmanager
def _transaction(engine: Engine, **options: Any) -> Iterator[Session]:
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            session = Session(bind=connection, expire_on_commit=False)
            try:
                yield session
                session.flush()
            finally:
                session.close()
    except OperationalError as exc:
        raise OutsideTrouble(what=_("Die Datenbank"), why=str(exc.orig)) from exc


@contextmanager
def writing(engine: Engine, *, durable: bool = True) -> Iterator[Session]:
    """A session in one writing transaction: committed at the end, undone by an exception."""
    with _transaction(engine, newsletter_writes=True, newsletter_durable=durable) as session:
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one consistent state; what it changes is not kept."""
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            session = Session(bind=connection, expire_on_commit=False)
            try:
                yield session
            finally:
                session.close()
                transaction.rollback()
    except OperationalError as exc:
        raise OutsideTrouble(what=_("Die Datenbank"), why=str(exc.orig)) from exc


def _alembic(engine: Engine) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to this program's state; changes nothing if it is there."""
    from alembic import command

    try:
        command.upgrade(_alembic(engine), "head")
    except DBAPIError as exc:
        raise OutsideTrouble(what=_("Die Datenbank"), why=str(exc.orig)) from exc


@lru_cache(maxsize=1)
def newest() -> str:
    """The revision this program wants: the one file that no other names as its predecessor."""
    names = {path.stem.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    return max(names)


def state_of(engine: Engine) -> str | None:
    """The schema's revision, None for an empty database."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
            return str(row[0]) if row else None
    except OperationalError as exc:
        raise OutsideTrouble(what=_("Die Datenbank"), why=str(exc.orig)) from exc


def require_current(engine: Engine) -> None:
    """Refuse to work on a schema that is not this program's."""
    if state_of(engine) != newest():
        raise SchemaBehind


class Mark:
    """Tells whether somebody has committed since it was read last; cheap, for watching.

    It holds a connection of its own until it is closed.
    """

    _ASKED: ClassVar[dict[str, str]] = {
        "sqlite": "PRAGMA data_version",
        "postgresql": "SELECT pg_current_snapshot()::text",
    }

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def read(self) -> object:
        """Something that differs after others' commit, or even without one. OutsideTrouble."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                asked = self._ASKED[self._engine.dialect.name]
                return self._connection.exec_driver_sql(asked).scalar()
        except OperationalError as exc:
            self.close()
            raise OutsideTrouble(what="Die Datenbank", why=str(exc.orig)) from exc

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
