"""newsletter run: web and sender as two processes that are kept running."""

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database, supervisor
from newsletter.dispatch import home_guard
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Settings
from tests.dispatch_situations import PUBLIC, readers, scheduled
from tests.program import Program, clean
from tests.smtp_server import Received, Script, Scripted

PROGRAM = Path(sys.executable).with_name("newsletter")
ISSUE = f"{PUBLIC}-2026-12"
NAMES = [f"leserin{number}" for number in range(12)]


def within(seconds: float, done: Callable[[], object]) -> None:
    """Wait until something is so; fail if it takes too long."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)


class Running:
    """A `newsletter run`, and what it has said so far."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @property
    def said(self) -> str:
        return self.program.out + self.program.err

    def says(self, words: str, times: int = 1) -> None:
        """Wait until it has said so."""
        within(60, lambda: self.said.count(words) >= times or not self.program.alive)
        assert self.said.count(words) >= times, self.said

    def pids(self, name: str) -> list[int]:
        """The processes that it has started under a name."""
        return [int(pid) for pid in re.findall(rf"{name}: gestartet \(Prozess (\d+)\)", self.said)]

    @property
    def address(self) -> str:
        found = re.findall(r"http://127\.0\.0\.1:\d+/", self.said)
        assert found, self.said
        return found[-1]

    def answers(self) -> bool:
        with urlopen(f"{self.address}healthz", timeout=30) as answer:
            return bool(answer.status == 200)

    def end(self) -> int:
        """SIGTERM; how it ended."""
        self.program.terminate()
        return self.program.end(60).code


@contextmanager
def run(home: Path, relay: str, *words: str) -> Iterator[Running]:
    """`newsletter run` on a free port, until the block ends; what it has started ends by itself."""
    words = ("--home", str(home), "run", *(words or ("--port", "0")))
    with Program(*words, environment=clean(NEWSLETTER_RELAY=relay)) as program:
        yield Running(program)


def alive(pid: int) -> bool:
    """Not if it has died and nobody buries it, as in a container whose first process does not."""
    try:
        os.kill(pid, 0)
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # gone meanwhile, or a system without /proc
        return not Path("/proc/self").exists()


def states(engine: Engine) -> list[DeliveryState]:
    with database.reading(engine) as session:
        return list(session.scalars(select(col(Delivery.state))))


def state_of(engine: Engine) -> IssueState:
    with database.reading(engine) as session:
        return session.get_one(Issue, ISSUE).state


def test_pauses_grow_to_a_minute_and_no_further() -> None:
    pauses = [supervisor.pause_after(failures) for failures in range(1, 10)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.sqlite("how processes are kept is no matter of the database")
def test_both_run_until_told_to_end_and_start_again_when_they_die(
    home: Path, engine: Engine
) -> None:
    with Scripted() as relay, run(home, relay.url) as running:
        running.says("web: Die Webseiten sind erreichbar")
        running.says("sender: Der Versand läuft")
        assert running.answers()
        os.kill(running.pids("web")[0], signal.SIGKILL)
        assert running.answers()  # the door stayed open: who knocked meanwhile had to wait
        os.kill(running.pids("sender")[0], signal.SIGKILL)
        running.says("sender: abgebrochen durch SIGKILL; startet in 1 s neu.")
        running.says("sender: Der Versand läuft", times=2)
        assert running.end() == 0
        assert len(running.pids("web")) == 2
        assert "sender: Der Versand ist beendet." in running.said
        timed = re.compile(r"\d\d\.\d\d\. \d\d:\d\d:\d\d  (web|sender): .+")
        assert all(
            map(timed.fullmatch, running.program.out.splitlines()[:-1])
        )  # it is read days later
        assert running.program.out.splitlines()[-1] == "Alles beendet."
        assert not any(map(alive, running.pids("web") + running.pids("sender")))


def test_killed_around_its_time_the_issue_is_sent_once_to_everybody(
    home: Path, engine: Engine, settings: Settings
) -> None:
    """Everything dies before the time and comes back 80 minutes after it; then the sender dies
    while a copy is under way: that one waits for a person, and nobody else is missed or written
    to twice."""
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, *NAMES)
        scheduled(act, send_at=act.now + timedelta(minutes=10))
    victim: list[Running] = []

    def on_message(_: Received) -> None:
        if victim and len(relay.script.messages) == 4:
            os.kill(victim.pop().pids("sender")[-1], signal.SIGKILL)

    with Scripted(Script(on_message=on_message)) as relay:
        with run(home, relay.url) as first:
            first.says("sender: Der Versand läuft")
            os.kill(first.program.pid, signal.SIGKILL)
            within(20, lambda: not any(map(alive, first.pids("web") + first.pids("sender"))))
        assert state_of(engine) is IssueState.SCHEDULED
        with acting(engine, settings, SYSTEM) as act:  # an hour and a half go by
            issue = act.session.get_one(Issue, ISSUE)
            issue.send_at = act.now - timedelta(minutes=80)
            act.session.add(issue)
        with run(home, relay.url) as second:
            victim.append(second)
            second.says(f"sender: {ISSUE}: abgeschlossen")
            assert second.end() == 0
        with run(home, relay.url) as third:
            third.says("sender: Der Versand läuft")
            assert third.end() == 0
        copies = [mail.rcpt for mail in relay.script.messages if "leser" in mail.rcpt]
    assert sorted(copies) == sorted(set(copies))
    assert state_of(engine) is IssueState.SENT
    found = Counter(states(engine))
    assert found[DeliveryState.ACCEPTED] + found[DeliveryState.UNKNOWN] == len(NAMES)
    assert 1 <= found[DeliveryState.UNKNOWN] <= 2  # one for each of its two connections
    assert len(copies) >= found[DeliveryState.ACCEPTED]


@pytest.mark.sqlite("how processes are kept is no matter of the database")
def test_a_port_that_is_taken_ends_it_at_once(home: Path) -> None:
    with Scripted() as taken, run(home, taken.url, "--port", str(taken.port)) as running:
        assert running.program.end().code == 3
        assert "--port" in running.said
        assert "gestartet" not in running.said


def test_from_a_copied_home_the_pages_are_served_and_the_way_out_is_told_once(
    home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    home_guard.write_mark(settings.home, 99)
    with Scripted() as relay, run(home, relay.url) as running:
        running.says("newsletter db adopt --reason")
        running.says("web: Die Webseiten sind erreichbar")
        running.says("Ein neuer Versuch folgt jede Minute.")
        assert running.answers()
        assert running.end() == 0
    assert running.said.count("db adopt") == 1


def test_the_message_in_hand_goes_out_before_it_ends(
    home: Path, engine: Engine, settings: Settings
) -> None:
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, "ada", "ben")
        scheduled(act)
    with Scripted(Script(delay=1.5)) as relay, run(home, relay.url) as running:
        within(60, lambda: "DATA" in relay.script.said)
        assert running.end() == 0
        assert len(relay.script.messages) == 1
    assert sorted(states(engine)) == [DeliveryState.ACCEPTED, DeliveryState.QUEUED]


@pytest.mark.sqlite("how processes are kept is no matter of the database")
def test_told_twice_it_ends_at_once(home: Path, engine: Engine, settings: Settings) -> None:
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, "ada", "ben")
        scheduled(act)
    with Scripted(Script(delay=30)) as relay, run(home, relay.url) as running:
        within(60, lambda: "DATA" in relay.script.said)
        os.kill(running.program.pid, signal.SIGINT)
        within(30, lambda: "sender: " in running.said and not alive(running.pids("web")[0]))
        assert running.end() == 1
    assert "sender: hat nicht rechtzeitig aufgehört und wurde abgebrochen." in running.said
