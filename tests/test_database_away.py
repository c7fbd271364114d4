"""The database's server is restarted while everything runs; and the doors it may close."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col, select

from newsletter import database, home_folder
from newsletter.database import DatabaseAway
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState
from newsletter.readers import unsubscribe_url
from newsletter.settings import load
from tests import databases, program
from tests.databases import Server
from tests.dispatch_situations import readers, scheduled
from tests.program import Done, clean
from tests.smtp_server import Received, Script, Scripted

PROGRAM = Path(sys.executable).with_name("newsletter")
NAMES = ("ada", "ben", "cleo", "dora", "emil")


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    with databases.serving() as server:
        yield server


def answer(url: str, data: bytes | None = None) -> tuple[int, str]:
    """Status and page of a GET, or of a POST with a form."""
    try:
        with urlopen(Request(url, data), timeout=20) as page:
            return page.status, page.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_a_restart_of_the_database_loses_no_answer_and_the_pages_come_back(
    own_server: Server, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    down, in_hand = threading.Event(), threading.Event()

    def wait_until_it_is_down(_received: Received) -> None:
        in_hand.set()
        assert down.wait(30)

    with (
        own_server.database("news") as url,
        Scripted(Script(on_message=wait_until_it_is_down)) as relay,
    ):
        home_folder.make(home, {"NEWSLETTER_DATABASE_URL": url})
        databases.point_to(home, url)
        settings = load(home, {})
        engine = database.connect(url)
        with acting(engine, settings, SYSTEM) as act:
            readers(act.session, *NAMES)
            scheduled(act)
        clean = {name: value for name, value in os.environ.items() if "NEWSLETTER" not in name}
        with subprocess.Popen(
            [str(PROGRAM), "--home", str(home), "run", "--port", "0"],
            env=clean | {"NEWSLETTER_RELAY": relay.url},
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            try:
                assert program.stdout is not None
                said = []
                for line in program.stdout:
                    said.append(line)
                    if "erreichbar: http" in line:
                        break
                site = said[-1].rpartition(": ")[2].strip().rstrip("/")
                assert in_hand.wait(30)
                own_server.stop()
                down.set()
                status, page = answer(f"{site}/archive/clusterplattform/")
                assert status == 503
                assert "in einigen Minuten" in page
                assert "<footer" in page  # in our frame
                for secret in (databases.OWNER, str(own_server.folder), "psycopg", "socket"):
                    assert secret not in page
                goodbye = unsubscribe_url(settings, "id-ada", "clusterplattform")
                path = goodbye.removeprefix(settings.base_url)
                status, page = answer(f"{site}{path}", b"List-Unsubscribe=One-Click")
                assert status == 503
                assert "laden Sie sie in" in page
                assert answer(f"{site}/healthz")[0] == 503
                own_server.start()
                assert answer(f"{site}/archive/clusterplattform/")[0] == 200
                until_sent(engine)
            finally:
                program.terminate()
                said += list(program.stdout or ())
        with database.reading(engine) as session:
            states = Counter(session.scalars(select(col(Delivery.state))))
        engine.dispose()
    assert states == {DeliveryState.ACCEPTED: 5}
    assert Counter(m.rcpt for m in relay.script.messages) == {
        f"{n}@leser.example": 1 for n in NAMES
    }
    told = "".join(said)
    assert told.count("gestartet") == 2, told  # neither process had to be started again
    away = [line.partition("  ")[2] for line in said if "  web: Die Datenbank" in line]
    assert away
    assert len(set(away)) == len(away)  # not once more for every request


def until_sent(engine: Engine) -> None:
    """Wait until the issue's account is closed."""
    for _ in range(300):
        with database.reading(engine) as session:
            if session.scalars(select(col(Issue.state))).one() is IssueState.SENT:
                return
        threading.Event().wait(0.1)
    pytest.fail("not sent in half a minute")


# -- the doors it may close -----------------------------------------------------------------


def run(home: Path, *words: str, url: str) -> Done:
    return program.run("--home", str(home), *words, environment=clean(NEWSLETTER_DATABASE_URL=url))


def test_what_keeps_the_database_away_is_said_without_its_password(
    server: Server, made_home: Path
) -> None:
    nobody = f"postgresql://{databases.OWNER}:{databases.PASSWORD}@127.0.0.1:9/news"
    for url, words in (
        (server.address("gibt-es-nicht"), "keine Datenbank „gibt-es-nicht“"),
        (server.address("postgres", password="falsch-geraten"), "Benutzer und Passwort"),
        (server.address("postgres", user="unbekannt"), "Benutzer und Passwort"),
        (server.address("postgres") + "?sslmode=vielleicht", "hinter dem Fragezeichen"),
        (server.address("postgres") + "?gibtsnicht=1", "hinter dem Fragezeichen"),
        (nobody, "unter 127.0.0.1:9 antwortet kein Server"),
    ):
        engine = database.connect(url)
        with pytest.raises(DatabaseAway) as away:
            database.state_of(engine)
        engine.dispose()
        assert words in str(away.value)
        for secret in (databases.PASSWORD, "falsch-geraten", "unbekannt", f"{databases.OWNER}:"):
            assert secret not in str(away.value)
    done = run(made_home, "queue", "list", url=nobody)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("Fehler: Die Datenbank ist nicht erreichbar: unter 127.0.0.1:9")
    assert "geheim" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("INSERT INTO gibt_es_nicht VALUES (1)", ProgrammingError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", DatabaseAway),
    ],
)
def test_a_mistake_of_ours_among_several_statements_is_no_lost_connection(
    server: Server, words: str, said: type[Exception]
) -> None:
    engine = database.connect(server.address("postgres"))
    with (
        pytest.raises(said),
        database.writing(engine, in_turn=False) as session,
        database.unanswered(session),
    ):
        session.connection().exec_driver_sql(words)
    engine.dispose()


async def _greeted_after(engine: Engine, lose: Callable[[], None]) -> str:
    """What a relay says over a connection that got the lost one's number from the system."""
    line, loop = database.Line(engine), asyncio.get_running_loop()
    asking = [(database.Prepared(text("SELECT 1"), engine), {})]
    await line.run(asking)
    lose()
    await asyncio.sleep(0.1)  # the loop hears of it, and nobody else
    pairs = [socket.socketpair() for _ in range(4)]
    readers = [asyncio.StreamReader() for _ in pairs]
    ends = [
        await loop.create_connection(partial(asyncio.StreamReaderProtocol, reader), sock=ours)
        for reader, (ours, _) in zip(readers, pairs, strict=True)
    ]
    with pytest.raises(DatabaseAway):
        await line.run(asking)
    for _, theirs in pairs:
        theirs.sendall(b"220 relay\r\n")
        theirs.close()
    heard = [await asyncio.wait_for(reader.readline(), 5) for reader in readers]
    for transport, _ in ends:
        transport.abort()
    assert len(set(heard)) == 1
    return heard[0].decode()


def test_a_lost_server_takes_no_relays_connection_with_it(server: Server) -> None:
    engine = database.connect(server.address("postgres"))
    words = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT 1'"

    def lose() -> None:
        with engine.connect() as other:
            other.exec_driver_sql(words)

    assert asyncio.run(_greeted_after(engine, lose)) == "220 relay\r\n"
    engine.dispose()


def test_a_user_who_may_not_make_tables_is_told_what_is_missing(
    server: Server, tmp_path: Path
) -> None:
    server.run("CREATE DATABASE {}", "fremd")  # the administrator's
    done = run(tmp_path, "init", str(tmp_path / "neu"), url=server.address("fremd"))
    server.run("DROP DATABASE {}", "fremd")
    assert done.code == 3
    assert "OWNER TO" in done.err
    assert not (tmp_path / "neu").exists()
