"""Look a database over: is it what the program expects, whole, and safe? Changes nothing."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import SAWarning
from sqlmodel import SQLModel

from newsletter.language import _

from . import newest, state_of
from .trouble import answering


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to say about a database; ``wrong`` is to be mended, ``hints`` may be."""

    kind: str
    version: str
    place: str  # without user and password
    revision: str | None
    wrong: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @property
    def current(self) -> bool:
        """Whether the program can work with it."""
        return self.revision == newest()


def look(engine: Engine) -> Seen:
    """Look at the schema's revision and its every column and check, and at the rows.

    DatabaseAway if it does not answer. On a large SQLite file this takes a few seconds.
    """
    revision = state_of(engine)
    with answering(engine), engine.connect() as connection:
        version = ".".join(map(str, engine.dialect.server_version_info or ()))
        if engine.dialect.name == "sqlite":
            broken, hints = list(_broken_file(connection)), []
            kind, place = "SQLite", str(engine.url.database)
        else:
            broken, hints = list(_broken_server(connection)), list(_careless(connection))
            kind, place = "PostgreSQL", _place(connection)
        wrong = [*_behind(revision), *broken]
        if revision == newest():
            wrong += _differences(connection)
    return Seen(kind, version, place, revision, tuple(wrong), tuple(hints))


def _behind(revision: str | None) -> Iterator[str]:
    if revision is None:
        yield _("Die Datenbank ist noch leer. Bitte: newsletter db upgrade")
    elif revision < newest():
        yield _(
            "Sie ist auf dem Stand {old}, das Programm auf {new}. Bitte: newsletter db upgrade"
        ).format(old=revision, new=newest())
    elif revision > newest():
        yield _(
            "Sie ist auf dem Stand {new}, das Programm erst auf {old}. Bitte das neuere Programm"
            " nehmen, mit dem sie zuletzt in Gebrauch war."
        ).format(new=revision, old=newest())


# -- the schema -----------------------------------------------------------------------------


def _differences(connection: Connection) -> list[str]:
    """What a migration would have to do, and CHECKs that are not there."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    import newsletter.models  # noqa: F401  (registers every table)

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # about constraints that it cannot rebuild
        found = compare_metadata(context, SQLModel.metadata)
    # Somebody's own tables and indexes beside ours do no harm.
    told = [_told(step) for step in found if step[0] not in {"remove_table", "remove_index"}]
    return [*told, *_missing_checks(connection)]


def _told(step: Any) -> str:
    if isinstance(step, list):  # what changes of one column
        return "; ".join(_told(one) for one in step)
    what, rest = step[0], step[1:]
    if what.startswith("modify_"):
        return _("Die Spalte {name} ist anders als erwartet ({what}).").format(
            name=f"{rest[1]}.{rest[2]}", what=what.removeprefix("modify_")
        )
    if what.endswith("_column"):
        name = f"{rest[1]}.{rest[2].name}"
    else:
        name = str(getattr(rest[0], "name", rest[0]))
    if what.startswith("add_"):
        return _("Es fehlt: {name}.").format(name=name)
    return _("Nicht erwartet: {name}.").format(name=name)


def _missing_checks(connection: Connection) -> Iterator[str]:
    """Alembic compares no CHECKs."""
    seen = inspect(connection)
    there = set(seen.get_table_names())
    for table in SQLModel.metadata.sorted_tables:
        wanted = {
            str(one.name) for one in table.constraints if one.__visit_name__ == "check_constraint"
        }
        if table.name in there:
            known = {str(one["name"]) for one in seen.get_check_constraints(table.name)}
            yield from (_("Es fehlt: {name}.").format(name=name) for name in wanted - known)


# -- the rows -------------------------------------------------------------------------------


def _broken_file(connection: Connection) -> Iterator[str]:
    for row in connection.exec_driver_sql("PRAGMA integrity_check(10)"):
        if row[0] != "ok":
            yield _("Die Datei ist beschädigt ({what}). Bitte eine Sicherung zurückholen.").format(
                what=row[0]
            )
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield _("In {table} steht eine Zeile ({row}), deren {other} fehlt.").format(
            table=row[0], row=row[1], other=row[2]
        )


_BROKEN = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT conname FROM pg_constraint
 WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
UNION ALL
SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE t.tgenabled = 'D' AND c.relnamespace = current_schema()::regnamespace
"""


def _broken_server(connection: Connection) -> Iterator[str]:
    """Keys and indexes that are there and do not hold; PostgreSQL checks its pages itself."""
    for (name,) in connection.exec_driver_sql(_BROKEN):
        yield _(
            "{name} ist abgeschaltet oder unvollständig: Die Datenbank hält es nicht ein."
        ).format(name=name)
    if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
        yield _("Der Server nimmt nur Lesezugriffe an: Er ist ein Ersatz, der nachgeführt wird.")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        yield _(
            "Sie speichert Texte in {encoding}. Bitte in einer neuen Datenbank in UTF8 anfangen."
        ).format(encoding=encoding)


def _careless(connection: Connection) -> Iterator[str]:
    for setting in ("fsync", "full_page_writes"):
        if connection.exec_driver_sql(f"SHOW {setting}").scalar() == "off":
            yield _(
                "Der Server läuft mit {setting}=off: Ein Stromausfall kann die Datenbank zerstören."
            ).format(setting=setting)


def _place(connection: Connection) -> str:
    target = connection.engine.url
    host = target.host or target.query.get("host") or "localhost"
    return f"{host}:{target.port or target.query.get('port') or 5432}/{target.database}"
