"""serve, work, dispatch, db: what they say, and how they end."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database
from newsletter.dispatch import home_guard, ledger
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import Letter
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Settings
from tests import databases, program
from tests.command_situations import Newsletter, newsletter
from tests.dispatch_situations import at_work, opened, posted, readers, scheduled
from tests.program import Done, Program, clean
from tests.smtp_server import Recording, Script, Scripted, unused_port

__all__ = ["newsletter"]  # the fixture
ISSUE = "clusterplattform-2026-12"


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """A mail server that the program knows."""
    with Recording() as server:
        monkeypatch.setenv("NEWSLETTER_RELAY", server.url)
        yield server


def due(engine: Engine, settings: Settings, *names: str) -> None:
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, *names)
        scheduled(act)


def to_readers(relay: Recording) -> list[str]:
    """Who got something, the editors aside."""
    return [mail.rcpt for mail in relay.messages if "go-cluster.example" not in mail.rcpt]


# -- dispatch -------------------------------------------------------------------------------


def test_dispatch_sends_what_is_due_and_says_what_came_of_it(
    newsletter: Newsletter, relay: Recording, engine: Engine, settings: Settings
) -> None:
    due(engine, settings, "ada", "ben")
    with acting(engine, settings, SYSTEM) as act:
        scheduled(act, "2036-12", send_at=act.now.replace(year=2036, month=12, day=15, hour=9))
    done = newsletter("dispatch", "--until-empty", as_="")
    assert done.code == 0
    assert "Übergeben: 2 Zustellungen, 2 Nachrichten an Einzelne." in done.out
    assert [mail.rcpt.partition("@")[0] for mail in relay.messages] == [
        *("ada", "ben"),
        *("redaktion", "freigabe"),  # the account
    ]
    assert f"{ISSUE}: 2 übergeben" in done.out
    assert "Als Nächstes fällig: clusterplattform-2036-12 am 15.12.2036" in done.out


def test_dispatch_in_json_tells_the_same(
    newsletter: Newsletter, relay: Recording, engine: Engine, settings: Settings
) -> None:
    due(engine, settings, "ada")
    done = newsletter("dispatch", "--until-empty", "--json", as_="")
    assert done.json == {
        "copies": 1,
        "letters": 2,  # the account, to both editors
        "issues": [{"id": ISSUE, "state": "sent", "recipients": 1, "deliveries": {"accepted": 1}}],
        "next_due": None,
    }


def test_dispatch_with_nothing_to_do_says_so(newsletter: Newsletter, relay: Recording) -> None:
    done = newsletter("dispatch", "--until-empty", as_="")
    assert done.code == 0
    assert "Es wartet nichts." in done.out


def test_dispatch_ends_with_three_when_the_relay_was_away(
    newsletter: Newsletter, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(engine, settings, "ada")
    monkeypatch.setenv("NEWSLETTER_RELAY", f"smtp://127.0.0.1:{unused_port()}")
    done = newsletter("dispatch", "--until-empty", as_="")
    assert done.code == 3
    assert "nimmt gerade nichts an" in done.err
    assert f"{ISSUE}: 1 wartend" in done.out


def test_dispatch_says_when_a_deferred_copy_comes_again(
    newsletter: Newsletter, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(engine, settings, "ada")
    with Scripted(Script({"RCPT": ["450 4.2.0 greylisted"]})) as server:
        monkeypatch.setenv("NEWSLETTER_RELAY", server.url)
        done = newsletter("dispatch", "--until-empty", as_="")
    assert done.code == 0
    assert f"{ISSUE}: 1 zurückgestellt" in done.out
    assert "Als Nächstes fällig: ein neuer Versuch am" in done.out


def test_dispatch_leaves_the_work_to_a_sender_that_is_there_already(
    newsletter: Newsletter, relay: Recording, engine: Engine, settings: Settings
) -> None:
    due(engine, settings, "ada")
    with home_guard.only_sender(settings.home, engine):
        done = newsletter("dispatch", "--until-empty", as_="")
    assert done.code == 0
    assert "anderer Versand" in done.out
    assert relay.messages == []


def test_dispatch_without_its_option_says_which(newsletter: Newsletter) -> None:
    done = newsletter("dispatch", as_="")
    assert done.code == 2
    assert "--until-empty" in done.err


def test_an_issue_that_is_late_is_not_sent_and_named(
    newsletter: Newsletter, relay: Recording, engine: Engine, settings: Settings
) -> None:
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, "ada")
        scheduled(act, send_at=act.now - timedelta(hours=3))
    done = newsletter("dispatch", "--until-empty", as_="")
    assert done.code == 0
    assert "überfällig" in done.out
    assert to_readers(relay) == []
    with database.reading(engine) as session:
        assert session.get_one(Issue, ISSUE).state is IssueState.LATE


# -- a copied home --------------------------------------------------------------------------


def copied_here(settings: Settings) -> None:
    """As if the database had come from a backup."""
    home_guard.write_mark(settings.home, 99)


def test_a_copied_home_refuses_to_send_and_says_how_to_take_it_over(
    newsletter: Newsletter, relay: Recording, engine: Engine, settings: Settings
) -> None:
    with acting(engine, settings, SYSTEM) as act:
        at_work(act)
        opened(act, "ada", "ben")
        posted(act)
    copied_here(settings)
    for command in (["dispatch", "--until-empty"], ["work"]):
        done = newsletter(*command, as_="")
        assert done.code == 1
        assert "newsletter db adopt --reason" in done.err
    done = newsletter("db", "adopt", "--reason", "Sicherung vom Montag", as_="")
    assert done.code == 0
    assert "unklare Zustellungen und Nachrichten: 3" in done.out
    assert newsletter("dispatch", "--until-empty", as_="").code == 0
    assert to_readers(relay) == []
    with database.reading(engine) as session:
        told = session.scalars(select(Event).where(col(Event.what) == "adopted")).one()
    assert (told.actor, told.why) == ("db", "Sicherung vom Montag")
    assert told.login


def test_adopting_needs_a_reason_and_a_copy(newsletter: Newsletter, settings: Settings) -> None:
    assert newsletter("db", "adopt", as_="").code == 2
    copied_here(settings)
    assert newsletter("db", "adopt", "--reason", "  ", as_="").code == 2
    assert newsletter("db", "adopt", "--reason", "Umzug", as_="").code == 0
    done = newsletter("db", "adopt", "--reason", "noch einmal", as_="")
    assert done.code == 1
    assert "nichts zu übernehmen" in done.err


def test_adopting_while_somebody_sends_is_refused(
    newsletter: Newsletter, engine: Engine, settings: Settings
) -> None:
    copied_here(settings)
    with home_guard.only_sender(settings.home, engine):
        assert newsletter("db", "adopt", "--reason", "Umzug", as_="").code == 1


# -- the database ---------------------------------------------------------------------------


def test_upgrade_makes_the_schema_and_then_leaves_it(
    newsletter: Newsletter, settings: Settings
) -> None:
    databases.emptied(settings)
    refused = newsletter("dispatch", "--until-empty", as_="")
    assert refused.code == 1
    assert "newsletter db upgrade" in refused.err
    assert "auf dem Stand" in newsletter("db", "upgrade", as_="").out
    assert newsletter("db", "upgrade", "--json", as_="").json["before"] == database.newest()
    assert newsletter("dispatch", "--until-empty", as_="").code == 0


# -- what runs ------------------------------------------------------------------------------


def ended(running: Program) -> Done:
    """SIGTERM, and how it ended."""
    running.terminate()
    return running.end(20)


def test_work_sends_an_issue_at_its_time_and_ends_when_told(
    home: Path, engine: Engine, settings: Settings
) -> None:
    due(engine, settings, "ada", "ben")
    with Scripted() as server:
        relay = clean(NEWSLETTER_RELAY=server.url)
        with Program("--home", str(home), "work", environment=relay) as running:
            for _ in range(1000):
                if "abgeschlossen" in running.out:
                    break
                time.sleep(0.02)
            done = ended(running)
        assert (done.code, done.err) == (0, "")
        assert server.script.said[-1] == "QUIT"
    assert f"{ISSUE}: die Zeit ist gekommen" in done.out
    assert f"{ISSUE}: abgeschlossen; 2 übergeben" in done.out
    assert "beendet" in done.out


def test_serve_answers_until_it_is_told_to_end_and_logs_no_token(home: Path) -> None:
    port = unused_port()
    with Program("--home", str(home), "serve", "--port", str(port)) as running:
        assert f"http://127.0.0.1:{port}/" in running.first_line()
        for _ in range(100):
            try:
                answer = urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            except OSError:
                time.sleep(0.1)
            else:
                with answer:
                    assert answer.status == 200
                break
        with pytest.raises(HTTPError):
            urlopen(f"http://127.0.0.1:{port}/unsubscribe/kein-schluessel", timeout=5)
        done = ended(running)
    assert (done.code, done.out.count("\n"), done.err) == (0, 1, "")


def test_serve_on_a_port_that_is_taken_says_so(home: Path) -> None:
    with Scripted() as taken:
        done = program.run("--home", str(home), "serve", "--port", str(taken.port))
    assert done.code == 3
    assert "erreichbar" not in done.out
    assert "--port" in done.err


@pytest.mark.sqlite("a server's database does not move with the folder")
def test_an_issue_and_its_letters_survive_moving_the_home(
    newsletter: Newsletter, relay: Recording, home: Path, engine: Engine, settings: Settings
) -> None:
    with acting(engine, settings, SYSTEM) as act:
        at_work(act)
        posted(act)
    engine.dispose()
    moved = home.with_name("umgezogen")
    shutil.move(home, moved)
    refused = newsletter("dispatch", "--until-empty", "--home", str(moved), as_="")
    assert refused.code == 1
    assert str(home) in refused.err
    newsletter("db", "adopt", "--reason", "umgezogen", "--home", str(moved), as_="")
    engine = database.connect(f"sqlite:///{moved / 'newsletter.sqlite'}")
    with acting(engine, settings, SYSTEM) as act:
        letter = act.session.scalars(select(Letter)).one()
        letter.settled_at = act.now - ledger.REPEAT_LETTER_AFTER
        act.session.add(letter)
    engine.dispose()
    done = newsletter("dispatch", "--until-empty", "--json", "--home", str(moved), as_="")
    assert json.loads(done.out)["letters"] == 1
    assert len(relay.messages) == 1
