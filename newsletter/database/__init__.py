"""Engine, transactions, schema; ``sqlite`` and ``postgresql`` hold what these do differently.

On both, whoever acts has the database's writing for themselves until the act's end
(``in_turn``), so that what was checked is still so when it is written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, inspect, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from . import postgresql, sqlite
from .line import Line, Prepared, Step
from .straight import Straight
from .trouble import DatabaseAway, DoesNotFit, NoDatabase, SchemaBehind, UnknownDatabase, answering
from .watch import Mark

__all__ = [
    "DatabaseAway",
    "DoesNotFit",
    "Line",
    "Mark",
    "NoDatabase",
    "Prepared",
    "SchemaBehind",
    "Step",
    "Straight",
    "UnknownDatabase",
    "connect",
    "has_sender",
    "identity",
    "newest",
    "only_sender",
    "reading",
    "require_current",
    "state_of",
    "unanswered",
    "upgrade",
    "writing",
]

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_KINDS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def connect(url: str) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…``; UnknownDatabase for another."""
    try:
        short = url.startswith("postgres://")  # as many providers print it
        target = make_url(url.replace("postgres", "postgresql", 1) if short else url)
        made: Engine = _KINDS[target.get_backend_name()].engine(target)
    except (ArgumentError, ValueError, KeyError, ImportError) as exc:
        shown = (url.rpartition("@")[2] or url).partition("?")[0]  # without user and password
        raise UnknownDatabase(address=shown) from exc
    return made


@contextmanager
def writing(engine: Engine, *, durable: bool = True, in_turn: bool = True) -> Iterator[Session]:
    """A session in one writing transaction: committed at the end, undone by an exception.

    ``durable=False``: on SQLite a power cut may undo it. ``in_turn=False``: on PostgreSQL it
    waits for nobody's turn; for statements that check and write in one.
    """
    options = {
        "newsletter_writes": True,
        "newsletter_durable": durable,
        "newsletter_in_turn": in_turn,
    }
    with (
        answering(engine),
        _kind(engine).turn(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        session = Session(bind=connection, expire_on_commit=False)
        try:
            yield session
            session.flush()
        finally:
            session.close()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one consistent state; what it changes is not kept."""
    with (
        answering(engine),
        engine.connect().execution_options(**_kind(engine).READING) as connection,
        connection.begin() as transaction,
    ):
        session = Session(bind=connection, expire_on_commit=False)
        try:
            yield session
        finally:
            session.close()
            _kind(engine).forget(transaction)


@contextmanager
def unanswered(session: Session) -> Iterator[None]:
    """For statements whose answers nobody reads: a server gets them all in one go.

    What is wrong with one of them is raised at the end.
    """
    connection = session.connection()
    with _kind(connection.engine).unanswered(connection):
        yield


def _kind(engine: Engine) -> Any:
    return _KINDS[engine.dialect.name]


@contextmanager
def only_sender(engine: Engine) -> Iterator[Callable[[], None] | None]:
    """Be the only sender of a database; None if somebody else is.

    What it yields asks whether we still are: DatabaseAway if that is no longer certain. On
    SQLite a lock on a file of the home says it all.
    """
    if engine.dialect.name == "sqlite":
        yield lambda: None
        return
    with answering(engine), postgresql.only_one(engine, postgresql.SENDER) as connection:
        yield None if connection is None else partial(_still_there, engine, connection)


def has_sender(session: Session) -> bool | None:
    """Whether a sender holds this database; None on SQLite, where the home's file says it."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return None
    return postgresql.is_held(connection, postgresql.SENDER)


def _still_there(engine: Engine, connection: Connection) -> None:
    """A lock that a connection holds lives as long as the connection."""
    with answering(engine):
        connection.exec_driver_sql("SELECT 1")


def identity(session: Session) -> tuple[str, str] | None:
    """Which database this is, and which life of it; None where a file's place says it."""
    connection = session.connection()
    return postgresql.identity(connection) if connection.dialect.name == "postgresql" else None


def _alembic(engine: Engine) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to this program's state; changes nothing if it is there."""
    from alembic import command

    with answering(engine):
        command.upgrade(_alembic(engine), "head")


@lru_cache(maxsize=1)
def newest() -> str:
    """The revision this program wants: the one file that no other names as its predecessor."""
    names = {path.stem.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    return max(names)


def state_of(engine: Engine) -> str | None:
    """The schema's revision, None for an empty database."""
    with answering(engine), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        return str(row[0]) if row else None


def require_current(engine: Engine) -> None:
    """Refuse to work on a schema that is not this program's, or on none (NoDatabase)."""
    place = engine.url.database or ""
    if engine.dialect.name == "sqlite" and not Path(place).is_file():
        raise NoDatabase(place=place)  # to open it would make it
    state = state_of(engine)
    if state is None:
        raise NoDatabase(place=place)
    if state != newest():
        raise SchemaBehind
