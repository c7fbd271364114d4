"""kill -9 at a certain step, and start again: every address in one state, no second copy.

At random moments, and under a hostile mail server: test_chaos.py.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from newsletter import database
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState
from tests.chaos.judge import Account
from tests.chaos.senders import FORKING, Run, fill_slowly
from tests.chaos.witness import Suffered, Witness
from tests.chaos.worlds import ISSUE, World, furnish
from tests.dispatch_situations import busy
from tests.smtp_server import Script, Scripted


@pytest.fixture
def world(home: Path) -> Iterator[World]:
    """A home that is not furnished yet."""
    world = World(home)
    yield world
    world.close()


def account(world: World, log: Path, count: int, kills: int) -> Account:
    """The ledger and the server's log, which agree."""
    found = Account.of(world, Witness(log), Suffered(kills=kills), count)
    assert not list(found.findings())
    return found


def finish(world: World, relay: str) -> None:
    """Let the program run to its end."""
    ended = Run(world.home, relay).end()
    assert ended.code == 0, ended.said


class _Assassin(Script):
    """A server that kills its client when it is about to say a certain word."""

    victim: Run | None = None
    word = ""
    world: World | None = None  # strike only when a row of it says that it goes out
    knocked: threading.Event | None = None  # a client is there, and waits until it is let in
    door: threading.Event

    def answer(self, verb: str) -> str:
        if verb == "EHLO" and self.knocked is not None:
            self.knocked.set()
            assert self.door.wait(20)
        if verb == self.word:
            self._strike()
        return super().answer(verb)

    def hear(self, line: bytes) -> None:
        if self.word == "the last line" and line.startswith(b"--=_") and line.endswith(b"--\r\n"):
            self._strike()

    def _strike(self) -> None:
        victim, self.victim = self.victim, None
        if victim is None:
            return
        if self.world is not None:
            _until(self.world, DeliveryState.SENDING)
        os.kill(victim.pid, signal.SIGKILL)


def _until(world: World, state: DeliveryState) -> None:
    for _ in range(500):
        if world.count(state):
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"no row is {state}")


# When it was killed, how many copies are unknown then, and how many of these had arrived.
STEPS = (
    ("GREETING", 0, 0),  # nothing was intended
    ("MAIL", 1, 0),  # intended, not sent: a person decides, as we cannot know
    ("DATA", 1, 0),
    ("DOT", 1, 1),  # sent, and the answer never read: sending again would be a second copy
)


def test_killed_at_any_step_of_a_message_nobody_gets_a_second_copy(
    world: World, home: Path, tmp_path: Path
) -> None:
    furnish(home, 10, timeout=20)
    unknown = arrived = 0
    with Scripted(_Assassin(log=tmp_path / "server.log")) as server:
        assert isinstance(server.script, _Assassin)
        for word, more_unknown, more_arrived in STEPS:
            server.script.word = word
            server.script.victim = victim = Run(home, server.url)
            server.script.world = world if more_unknown else None
            assert victim.end().killed
            unknown, arrived = unknown + more_unknown, arrived + more_arrived
        _kill_between_text_and_intent(world, server.script, server.url)
        assert world.count(DeliveryState.SENDING) == 0
        finish(world, server.url)
        finish(world, server.url)
    found = account(world, tmp_path / "server.log", 10, len(STEPS) + 1)
    assert found.states[DeliveryState.UNKNOWN] == unknown
    assert found.taken.total() == found.states[DeliveryState.ACCEPTED] + arrived


def _kill_between_text_and_intent(world: World, script: _Assassin, url: str) -> None:
    """The relay has all but the final dot; the ledger is busy and has not answered yet."""
    script.word, script.world = "the last line", None
    script.knocked, script.door = threading.Event(), threading.Event()
    script.victim = victim = Run(world.home, url)
    assert script.knocked.wait(20)
    with busy(world.engine, world.settings):
        script.door.set()
        assert victim.end().killed
    script.knocked = None


def test_killed_right_after_the_answer_nobody_gets_a_second_copy(
    world: World, home: Path, tmp_path: Path
) -> None:
    furnish(home, 5, timeout=20)
    with Scripted(_Assassin(log=tmp_path / "server.log")) as server:
        assert isinstance(server.script, _Assassin)
        server.script.word = "AFTER"
        server.script.victim = victim = Run(home, server.url)
        victim.end()
        finish(world, server.url)
    found = account(world, tmp_path / "server.log", 5, 1)
    # The blow falls on the first message, or already on the second, whose copy has not left.
    assert found.states[DeliveryState.ACCEPTED] >= 4
    assert found.taken.total() >= 4


def test_killed_while_the_audience_is_fixed_everybody_is_still_there_once(
    world: World, home: Path, tmp_path: Path
) -> None:
    furnish(home, 80, timeout=20)
    for _ in range(3):
        filling = FORKING.Process(target=fill_slowly, args=(home,))
        filling.start()
        time.sleep(random.uniform(0.03, 0.1))
        filling.kill()
        filling.join()
    with database.reading(world.engine) as session:
        state = session.get_one(Issue, ISSUE).state
        filled = session.scalars(select(col(Delivery.subscriber_id))).all()
    assert state in {IssueState.SCHEDULED, IssueState.OPENING}
    assert len(filled) == len(set(filled)) <= 80
    fill_slowly(home)
    with Scripted(Script(log=tmp_path / "server.log")) as server:
        finish(world, server.url)
    assert account(world, tmp_path / "server.log", 80, 0).taken.total() == 80
