"""What a database says when it does not answer, in sentences for people.

The driver's own words name users, hosts and files; they stay out of what people read, and
stand in the exception's cause for the log.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from newsletter.errors import NewsletterError, OutsideTrouble, Refused, WrongUsage
from newsletter.language import N_, _

from .servers_words import kind_of


class UnknownDatabase(WrongUsage):
    """An address that is none, or a kind of database that we do not work with."""

    sentence = N_(
        "Mit der Datenbankadresse „{address}“ kann dieses Programm nicht arbeiten."
        " Erwartet wird sqlite:////ordner/newsletter.sqlite oder"
        " postgresql://benutzer:passwort@host/datenbank; ohne NEWSLETTER_DATABASE_URL"
        " liegt sie im eingerichteten Ordner."
    )


class SchemaBehind(Refused):
    """The database was made by an older program."""

    sentence = N_(
        "Die Datenbank ist auf einem älteren Stand als das Programm. Bitte: newsletter db upgrade"
    )


class NoDatabase(Refused):
    """There is no database yet, or it is somewhere else."""

    sentence = N_(
        "Die Datenbank {place} ist leer oder gibt es nicht. Liegt sie auf einem Server, muss"
        " NEWSLETTER_DATABASE_URL ihn nennen. Soll sie hier entstehen: newsletter db upgrade"
    )


class DatabaseAway(OutsideTrouble):
    """The database does not answer, or not now; what was begun is undone."""

    sentence = N_("Die Datenbank ist nicht erreichbar: {why}")


class DoesNotFit(Refused):
    """A text or number is too large for its column; nothing was stored."""

    sentence = N_(
        "Eine der Angaben ist zu lang oder zu groß; es wurde nichts gespeichert."
        " Bitte kürzer fassen und noch einmal versuchen."
    )


@contextmanager
def answering(engine: Engine) -> Iterator[None]:
    """What the database cannot do leaves as DatabaseAway (or DoesNotFit), in plain words."""
    try:
        yield
    except (DBAPIError, NoConnectionFree) as exc:
        ours = of(exc, engine.url)
        if ours is None:
            raise
        raise ours from exc


def of(error: Exception, target: URL) -> NewsletterError | None:
    """Our error for one of the driver's; None if it is a mistake of ours, not of the world."""
    if isinstance(error, NoConnectionFree):
        return DatabaseAway(why=_("alle Verbindungen zu ihr sind gerade belegt."))
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        why = _of_sqlite(error.orig)
        return DatabaseAway(why=why) if why else None
    return _of_postgresql(error, target)


def _of_sqlite(error: sqlite3.Error) -> str | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    known = {
        sqlite3.SQLITE_BUSY: _("ein anderer Vorgang hält sie schon lange fest."),
        sqlite3.SQLITE_LOCKED: _("ein anderer Vorgang hält sie schon lange fest."),
        sqlite3.SQLITE_FULL: _("auf dem Datenträger ist kein Platz mehr."),
        sqlite3.SQLITE_CANTOPEN: _("ihre Datei lässt sich nicht öffnen."),
        sqlite3.SQLITE_READONLY: _("ihre Datei oder ihr Ordner ist schreibgeschützt."),
        sqlite3.SQLITE_IOERR: _("der Datenträger meldet einen Fehler."),
        sqlite3.SQLITE_NOTADB: _("die Datei ist keine SQLite-Datenbank."),
        sqlite3.SQLITE_CORRUPT: _("die Datei ist beschädigt. Genaueres sagt: newsletter db check"),
    }
    if code in known:
        return known[code]
    return str(error) if isinstance(error, sqlite3.OperationalError) and not code else None


def _of_postgresql(error: DBAPIError, target: URL) -> NewsletterError | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in {"22001", "22003"}:  # string_data_right_truncation, numeric_value_out_of_range
        return DoesNotFit()
    if state == "42501":  # insufficient_privilege
        return DatabaseAway(
            why=_(
                "der Benutzer darf in der Datenbank „{name}“ nicht arbeiten; sie sollte ihm"
                " gehören: ALTER DATABASE … OWNER TO …"
            ).format(name=target.database)
        )
    trouble = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    if not (trouble or (isinstance(error, ProgrammingError) and error.statement is None)):
        return None
    return DatabaseAway(why=_later(state) if state else _at_the_door(str(error.orig), target))


def _later(state: str) -> str:
    """Why a statement failed on a connection that stood."""
    if state[:2] == "40" or state == "55P03":  # serialization, deadlock, lock_not_available
        return _(
            "andere Vorgänge halten sie gerade auf; es wurde nichts verändert."
            " Bitte noch einmal versuchen."
        )
    if state[:2] == "53":  # disk full, out of memory, too many connections
        return _("ihr Server hat keinen Platz oder keine Verbindung mehr frei.")
    return _("die Verbindung ist abgerissen.")


def _at_the_door(said: str, target: URL) -> str:
    """Why there is no connection."""
    sentences = {
        "no_database": _(
            "auf dem Server gibt es keine Datenbank „{name}“."
            " Bitte anlegen lassen: CREATE DATABASE … OWNER …"
        ),
        "login": _(
            "der Server weist die Anmeldung zurück. Bitte Benutzer und Passwort in"
            " NEWSLETTER_DATABASE_URL prüfen."
        ),
        "address": _(
            "ihre Adresse enthält eine Angabe, die es nicht gibt. Bitte NEWSLETTER_DATABASE_URL"
            " prüfen, besonders was hinter dem Fragezeichen steht."
        ),
        "busy": _("der Server nimmt gerade keine Verbindungen an."),
        "away": _(
            "unter {place} antwortet kein Server. Bitte prüfen, ob er läuft und ob die Adresse"
            " in NEWSLETTER_DATABASE_URL stimmt."
        ),
    }
    return sentences[kind_of(said)].format(name=target.database or "", place=_place(target))


def _place(target: URL) -> str:
    host = target.host or target.query.get("host") or "localhost"
    shown = host if isinstance(host, str) else ", ".join(host)
    return f"{shown}:{target.port or target.query.get('port') or 5432}"
