"""PostgreSQL for the tests: a server of their own, and a fresh database for each.

The server runs the system's PostgreSQL in a temporary folder, for one run of the tests (one
per process of xdist), and dies with it. It sorts like a German dictionary, unlike SQLite, so
that no result may rest on what the server thinks of letters.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from sqlmodel import SQLModel

from newsletter.settings import DATABASE_FILE, FILE, Settings, load
from tests import kept_connections

OWNER = "newsletter"  # owns its databases and may nothing else
PASSWORD = "geheim-im-test"
_FOLDER = "newsletter-pg-"
BORROWED = "lent"
_USES = 100  # then it is made anew: rows leave traces
# Differs when a table, column, key or index was added, changed or taken away.
_SHAPE = """
SELECT (SELECT sum(oid::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
       (SELECT sum(oid::bigint) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
       (SELECT sum(hashtext(attrelid || attname)) FROM pg_attribute)
"""
KINDS = ("sqlite", "postgresql")


def _user() -> str | None:
    """PostgreSQL refuses to run as root; a user comes with its package."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


_USER = _user()
# A test's data may go with the power.
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB")
_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def program(name: str) -> str:
    """Where a program of PostgreSQL's server lies; Debian keeps them off the PATH."""
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[4]),
        reverse=True,
    )
    found = [str(path) for path in newest_first] or [shutil.which(name)]
    if found[0] is None:
        raise FileNotFoundError(
            f"{name} was not found: the tests need PostgreSQL's server."
            " `make postgresql` installs it or says what is missing."
        )
    return found[0]


_running: dict[str, "Server"] = {}  # in this process, by folder


@dataclass
class Server:
    """A PostgreSQL server in a folder of its own, reachable by socket and on loopback."""

    folder: Path
    port: int = 0
    settings: tuple[str, ...] = _FAST
    _uses: int = 0  # of the database that is lent
    _shape: list[tuple[Any, ...]] = field(default_factory=list, repr=False)
    _admin: psycopg.Connection[Any] | None = field(default=None, repr=False)
    _cleaner: psycopg.Connection[Any] | None = field(default=None, repr=False)  # of what is lent
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.port = self.port or _free_port()
        options = [*self.settings, f"port={self.port}", f"unix_socket_directories={self.folder}"]
        words = [program("postgres"), "-D", str(self.folder / "data")]
        words += [word for option in options for word in ("-c", option)]
        if dies_with_us := shutil.which("setpriv"):  # however we die
            words = [dies_with_us, "--pdeathsig", "INT", *words]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, stdout=log, stderr=log, user=_USER, start_new_session=True
            )
        self._wait_until_it_answers()

    def stop(self, signal_number: int = signal.SIGINT) -> None:
        """Cut all connections, and stop it; with SIGQUIT as if the power had failed."""
        kept_connections.let_go()
        for connection in (self._admin, self._cleaner):
            if connection is not None:
                connection.close()
        self._admin = self._cleaner = None
        if self._process is not None:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=30)
            self._process = None

    def url(self, database: str) -> str:
        """How the program reaches a database, by socket."""
        return f"postgresql://{OWNER}@/{database}?host={self.folder}&port={self.port}"

    def address(self, database: str, password: str = PASSWORD, user: str = OWNER) -> str:
        """The same over the network, as most people have it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, *names: str, on: str | None = None) -> list[tuple[Any, ...]]:
        """Run a statement as the server's administrator: its rows. ``{}`` stand for names."""
        composed = sql.SQL(statement).format(*map(sql.Identifier, names))
        if on is None:
            if self._admin is None:
                self._admin = self._entered("postgres")
            return _rows(self._admin.execute(composed))
        with self._entered(on) as connection:
            return _rows(connection.execute(composed))

    def _entered(self, database: str) -> psycopg.Connection[Any]:
        where = f"host={self.folder} port={self.port} user=postgres dbname={database}"
        return psycopg.connect(where, autocommit=True)

    def cut_off(self, database: str) -> None:
        """End all connections to a database but those that wait for the next test."""
        waiting = ", ".join(map(str, [0, *kept_connections.waiting()]))
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{database}' AND usename = '{OWNER}' AND pid NOT IN ({waiting})"
        )

    @contextlib.contextmanager
    def database(self, name: str, template: str = "template0") -> Iterator[str]:
        """A database of OWNER's, for a while: its address."""
        self.run(
            "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy", name, template, OWNER
        )
        try:
            yield self.url(name)
        finally:
            if self._process is not None:  # a test may have stopped it
                self.run("DROP DATABASE {} WITH (FORCE)", name)

    @contextlib.contextmanager
    def borrowed(self, template: str) -> Iterator[str]:
        """An empty database with the schema of ``template``: its address.

        Emptying one takes a tenth of the time of making one.
        """
        if self._uses % _USES == 0:
            self._forget()
            self.run("CREATE DATABASE {} TEMPLATE {} OWNER {}", BORROWED, template, OWNER)
            self._shape = self._clean(_SHAPE)
        self._uses += 1
        try:
            yield self.url(BORROWED)
        finally:
            try:
                sound = self._empty()
            except psycopg.Error:
                sound = False
            if not sound:  # a test has changed more than rows
                self._uses = 0

    def _empty(self) -> bool:
        """Delete all rows; False if the schema is not as it was."""
        self.cut_off(BORROWED)
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", f"{BORROWED}_copy")
        tables = [f'"{table}"' for table in SQLModel.metadata.tables]
        deletes = "".join(f"DELETE FROM {table}; " for table in tables)
        counters = (
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)"
            " FROM pg_sequences; "
        )
        emptied = f"SET session_replication_role = replica; {deletes}{counters}{_SHAPE}"
        return self._clean(emptied) == self._shape

    def _clean(self, statements: str) -> list[tuple[Any, ...]]:
        if self._cleaner is None:
            self._cleaner = self._entered(BORROWED)  # to enter anew takes longer than to clean
        return _rows(self._cleaner.execute(statements.encode()))

    def leave(self) -> None:
        """Have no connection of our own to what is lent: a copy of it could not be made."""
        kept_connections.let_go()
        if self._cleaner is not None:
            self._cleaner.close()
            self._cleaner = None

    def _forget(self) -> None:
        self.leave()
        for gone in (BORROWED, f"{BORROWED}_copy"):
            self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", gone)

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process is None or self._process.poll():
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return


def _rows(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    """Of the last of several statements."""
    while cursor.nextset():
        pass
    return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def serving(settings: tuple[str, ...] = _FAST) -> Iterator[Server]:
    """A fresh server, gone at the end with all it held; ``settings``: of postgresql.conf."""
    _sweep()
    # short, since it holds a socket; the number says whose it is
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
    try:
        if _USER:
            owner = pwd.getpwnam(_USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        _make_cluster(folder)
        server = _running[str(folder)] = Server(folder, settings=settings)
        server.start()
        try:
            server.run("CREATE ROLE {} LOGIN PASSWORD " + f"'{PASSWORD}'", OWNER)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what killed runs have left; their servers died with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        if not _alive(int(folder.name.removeprefix(_FOLDER).partition("-")[0])):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _make_cluster(folder: Path) -> None:
    sorting = ("--locale=C", "--locale-provider=icu", "--icu-locale=de-DE", "--encoding=UTF8")
    done = subprocess.run(
        [program("initdb"), "-D", str(folder / "data"), "-U", "postgres", "--no-sync", *sorting],
        capture_output=True,
        text=True,
        user=_USER,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    (folder / "data" / "pg_hba.conf").write_text(_HBA)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# -- copies, on either kind -----------------------------------------------------------------


def behind(url: str) -> tuple[Server, str] | None:
    """The server and the name of a test's database; None for SQLite."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        return None
    return _running[str(target.query["host"])], str(target.database)


def copied(settings: Settings, to: Path) -> Settings:
    """The whole home elsewhere, with its database."""
    shutil.copytree(settings.home, to)
    if found := behind(settings.database_url):
        server, name = found
        copy = f"{name}_copy"
        server.leave()
        server.cut_off(name)
        server.run("CREATE DATABASE {} TEMPLATE {} OWNER {}", copy, name, OWNER)
        point_to(to, server.url(copy))
    return load(to, {})


def point_to(home: Path, url: str) -> None:
    """Write the database's address into the file, where whatever starts in this home finds it."""
    file = home / FILE
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    rest = [line for line in lines if not line.startswith("database_url")]
    file.write_text(f'database_url = "{url}"\n{"".join(rest)}', encoding="utf-8")


def backed_up(settings: Settings, to: Path) -> Callable[[], None]:
    """Save the database as people do; what it gives back restores it in its place."""
    found = behind(settings.database_url)
    if found is None:
        original = settings.home / DATABASE_FILE
        with contextlib.closing(sqlite3.connect(original)) as live:
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(original, to)
        return partial(_put_back, to, original)
    server, name = found
    where = ["--host", str(server.folder), "--port", str(server.port), "--username", OWNER]
    subprocess.run([program("pg_dump"), *where, "-Fc", "-f", str(to), name], check=True)
    restore = [program("pg_restore"), *where, "--clean", "--dbname", name, str(to)]

    def put_back() -> None:
        server.cut_off(name)
        subprocess.run(restore, check=True)

    return put_back


def emptied(settings: Settings) -> None:
    """The database as it was before ``init``."""
    found = behind(settings.database_url)
    if found is None:
        for file in settings.home.glob(f"{DATABASE_FILE}*"):
            file.unlink()
    else:
        server, name = found
        server.run("DROP DATABASE {} WITH (FORCE)", name)
        server.run("CREATE DATABASE {} OWNER {}", name, OWNER)


def without_keys(settings: Settings, statement: str) -> None:
    """Run a statement past all foreign keys, as only an administrator can."""
    found = behind(settings.database_url)
    if found is None:
        with contextlib.closing(sqlite3.connect(settings.home / DATABASE_FILE)) as raw, raw:
            raw.execute(statement)
    else:
        server, name = found
        server.run(f"SET session_replication_role = replica; {statement}", on=name)


def _put_back(backup: Path, original: Path) -> None:
    for file in original.parent.glob(f"{original.name}*"):
        file.unlink()
    shutil.copy(backup, original)
