"""The world goes wrong while an issue goes out: a full disk, an erasure, a clock put back."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from newsletter import readers
from newsletter.database import DatabaseAway
from newsletter.dispatch import engine as sender
from newsletter.dispatch.home_guard import MARK_FILE, HomeFull
from newsletter.history import SYSTEM, acting, now
from newsletter.loop import run
from newsletter.models.delivery import DeliveryState
from newsletter.settings import Relay, Settings
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import opened, quiet_home, states
from tests.smtp_server import Received, Recording, Script, Scripted
from tests.test_engine import NAMES, Look, Send, look, send

__all__ = ["look", "newsletter", "quiet_home", "send"]  # fixtures

D = DeliveryState
ISSUE = "clusterplattform-2026-12"


@pytest.fixture
def clock() -> Clock:
    """By which the audience is made; the sender's own is the real one."""
    return now  # type: ignore[return-value]


def test_a_reader_erased_while_claimed_gets_nothing(
    act: type_of_act, send: Send, look: Look, engine: Engine, settings: Settings
) -> None:
    with act() as a:
        opened(a, *NAMES)
    gone = threading.Event()

    def is_erased(_received: Received) -> None:
        if not gone.is_set():
            gone.set()
            with acting(engine, settings, SYSTEM) as a:
                readers.erase(a, "emil@leser.example")

    with Scripted(Script(on_message=is_erased)) as relay:
        send(relay.url)
    assert len(relay.script.messages) == 4
    with act() as a:
        assert states(a.session, ISSUE) == {D.ACCEPTED: 4, D.SKIPPED: 1}
    assert {row.why for row in look().values() if row.state is D.SKIPPED} == {"erased"}


def test_a_home_on_a_full_disk_sends_nothing_and_says_so_and_goes_on_when_there_is_room(
    act: type_of_act, newsletter: Newsletter, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with act() as a:
        opened(a, *NAMES)
    fresh = home / f"{MARK_FILE}.new"
    fresh.symlink_to("/dev/full")
    with Recording() as relay:
        monkeypatch.setenv("NEWSLETTER_RELAY", relay.url)
        full = newsletter("dispatch", "--until-empty", as_="")
        assert (full.code, relay.messages) == (3, [])
        assert f"{MARK_FILE} lässt sich nicht schreiben: der Datenträger ist voll" in full.err
        assert "Platz schaffen" in full.err
        fresh.unlink()
        assert newsletter("dispatch", "--until-empty", as_="").code == 0
    assert len(relay.messages) == 5


def test_a_mark_that_cannot_be_written_sends_nothing_of_its_claim(
    act: type_of_act, send: Send, home: Path
) -> None:
    with act() as a:
        opened(a, *NAMES)
    with Recording() as relay:
        send(relay.url)  # nothing was in the way: the first mark is written
        with act() as a:
            opened(a, "fritz", number="2026-13")
        (home / f"{MARK_FILE}.new").symlink_to("/dev/full")
        with pytest.raises(HomeFull):
            send(relay.url)
        assert len(relay.messages) == 5
        (home / f"{MARK_FILE}.new").unlink()
        send(relay.url)
    assert len(relay.messages) == 5 + 6


@pytest.mark.sqlite("its file stands in the home; a server's disk is not ours")
def test_a_full_disk_loses_nobody_of_an_audience_that_was_being_fixed(
    act: type_of_act, send: Send, engine: Engine
) -> None:
    with act() as a:
        opened(a, *NAMES)
        pages = a.session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()

    def full(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    engine.dispose()
    event.listen(engine, "connect", full)
    with Recording() as relay:
        with pytest.raises(DatabaseAway, match="kein Platz mehr"), act() as a:
            opened(a, *(f"viele{number}" for number in range(500)), number="2026-13")
        event.remove(engine, "connect", full)
        engine.dispose()
        send(relay.url)
    assert len(relay.messages) == 5


def test_a_clock_that_is_put_back_does_not_stop_the_sender(
    act: type_of_act, engine: Engine, settings: Settings
) -> None:
    """What went out "an hour from now" does not hold the next one up for an hour."""
    with act() as a:
        opened(a, "ada", "ben")

    def one_run(url: str, ahead: timedelta) -> sender.Sent:
        limits = settings.sending.model_copy(update={"per_second": 5.0, "connections": 1})
        relays = (Relay(name="relay", url=url),)
        here = settings.model_copy(update={"relays": relays, "sending": limits})

        async def at_most_ten_seconds() -> sender.Sent:
            sending = sender.run(
                engine, here, asyncio.Event(), until_empty=True, clock=lambda: now() + ahead
            )
            return await asyncio.wait_for(sending, 10)

        return run(at_most_ten_seconds())

    with Recording() as relay:
        one_run(relay.url, timedelta(hours=1))
        with act() as a:
            opened(a, "cleo", number="2026-13")
        one_run(relay.url, timedelta(0))
    assert len(relay.messages) == 2 + 3
