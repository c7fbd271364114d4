"""``newsletter init`` on a server, and ``db check``: is the database what it should be?"""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from newsletter import database
from newsletter.settings import FILE, Settings, load
from tests import databases
from tests.command_situations import Newsletter, newsletter
from tests.databases import Server
from tests.test_database_away import run

__all__ = ["newsletter"]  # the fixture


def test_init_on_a_server_makes_the_tables_there_and_keeps_the_password_out_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    home = tmp_path / "neu"
    with server.database("neu"):
        url = server.address("neu").replace("postgresql://", "postgres://")  # as some have it
        done = run(home, "init", str(home), url=url)
        assert done.code == 0, done.err
        assert "in der Datenbank „neu“ auf dem PostgreSQL-Server" in done.out
        assert databases.PASSWORD not in done.out + (home / FILE).read_text()
        lost = run(home, "db", "upgrade", url="")
        assert lost.code == 2
        assert "gehört in die Umgebungsvariable NEWSLETTER_DATABASE_URL" in lost.err
        assert not list(home.glob("*.sqlite"))
        checked = run(home, "db", "check", url=url)
        assert checked.code == 0
        assert "PostgreSQL" in checked.out
        assert databases.PASSWORD not in checked.out
        assert "fsync=off" in checked.out  # this server is fast, not safe


def test_a_sound_database_passes_and_says_what_it_is(newsletter: Newsletter) -> None:
    done = newsletter("db", "check", as_="")
    assert done.code == 0
    assert "Stand, Aufbau und Inhalt stimmen" in done.out
    assert "darf gesendet werden" in done.out
    facts = newsletter("db", "check", "--json", as_="").json
    assert facts["ok"]
    assert facts["schema"] == {"is": database.newest(), "wanted": database.newest()}
    assert facts["may_send"]
    assert facts["wrong"] == []


def test_what_is_missing_in_the_schema_is_named(
    newsletter: Newsletter, engine: Engine, settings: Settings
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_event_noun_key"))
        connection.execute(text("ALTER TABLE cluster DROP COLUMN website"))
        connection.execute(text("CREATE TABLE something_of_somebody (id integer)"))
    done = newsletter("db", "check", as_="")
    assert done.code == 1
    assert "Es fehlt: ix_event_noun_key." in done.out
    assert "Es fehlt: cluster.website." in done.out
    assert "something_of_somebody" not in done.out
    databases.emptied(settings)
    empty = newsletter("db", "check", as_="")
    assert empty.code == 1
    assert "newsletter db upgrade" in empty.out


def test_rows_and_keys_that_do_not_hold_are_named(
    newsletter: Newsletter, engine: Engine, settings: Settings
) -> None:
    if engine.dialect.name == "sqlite":
        databases.without_keys(
            settings,
            "INSERT INTO contributor (cluster_id, email, address_key, created_at)"
            " VALUES (7, 'a@b.example', 'a@b.example', '2026-11-20 09:00:00')",
        )
        expected = "In contributor steht eine Zeile (1), deren cluster fehlt."
    else:
        with engine.begin() as connection:
            connection.execute(
                text("ALTER TABLE contributor ADD CONSTRAINT halb CHECK (email <> '') NOT VALID")
            )
        expected = "halb ist abgeschaltet oder unvollständig"
    done = newsletter("db", "check", as_="")
    assert done.code == 1
    assert expected in done.out


def test_a_copied_home_is_sound_but_may_not_send(
    newsletter: Newsletter, settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    newsletter("dispatch", "--until-empty", as_="")  # sends from here, so from nowhere else
    engine.dispose()
    copy = databases.copied(settings, tmp_path / "kopie")
    done = newsletter("db", "check", "--home", str(copy.home), as_="")
    assert done.code == 1
    assert "db adopt" in done.out
    facts = newsletter("db", "check", "--json", "--home", str(copy.home), as_="").json
    assert not facts["may_send"]


@pytest.mark.sqlite("a server looks after its own files")
def test_a_file_that_is_no_database_is_called_so(home: Path, newsletter: Newsletter) -> None:
    file = Path(load(home, {}).database_url.removeprefix("sqlite:///"))
    for part in home.glob(f"{file.name}*"):
        part.unlink()
    file.write_text("Das ist keine Datenbank, sondern ein Brief." * 100)
    done = newsletter("db", "check", as_="")
    assert done.code == 3
    assert "keine SQLite-Datenbank" in done.err


def test_a_home_whose_database_is_elsewhere_says_so_and_makes_no_second_one(
    newsletter: Newsletter, settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = home / "weg.sqlite"
    monkeypatch.setenv("NEWSLETTER_DATABASE_URL", f"sqlite:///{elsewhere}")
    done = newsletter("queue", "list")
    assert done.code == 1
    assert "NEWSLETTER_DATABASE_URL" in done.err
    assert not elsewhere.exists()
