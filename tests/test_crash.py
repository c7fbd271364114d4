"""kill -9, and start again: every address in one state, nobody gets a second copy."""

import os
import random
import signal
import time
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from newsletter import database
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import load
from tests.chaos import (
    ISSUE,
    Account,
    Forked,
    Run,
    fill_slowly,
    filling,
    finish,
    furnished,
    kill,
    mail_server,
    ordeal,
)
from tests.smtp_server import Script, Scripted


def test_killed_at_random_moments_the_accounts_agree(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    furnished(home, 60, made=True)
    with mail_server(log, 0.004) as relay:
        hits = ordeal(Forked, home, log, relay, 3, random.Random(), tell=lambda _: None)
        finish(Forked, home, relay)
    Account.of(home, log).must_agree(60, hits)


class _Assassin(Script):
    """A server that kills its client when it is about to say a certain word."""

    victim: Run | None = None
    word = ""

    def answer(self, verb: str) -> str:
        if verb == self.word and self.victim is not None and self.victim.pid is not None:
            victim, self.victim = self.victim, None
            os.kill(victim.pid, signal.SIGKILL)
        return super().answer(verb)


# When it was killed, how many copies are unknown then, and how many of these had arrived.
STEPS = (
    ("GREETING", 0, 0),  # nothing was intended
    ("MAIL", 1, 0),  # intended, not sent: a person decides, as we cannot know
    ("DATA", 1, 0),
    ("DOT", 1, 1),  # sent, and the answer never read: sending again would be a second copy
)


def test_killed_at_any_step_of_a_message_nobody_gets_a_second_copy(
    home: Path, tmp_path: Path
) -> None:
    furnished(home, 10, made=True)
    unknown = arrived = 0
    with Scripted(_Assassin(log=tmp_path / "server.log")) as server:
        assert isinstance(server.script, _Assassin)
        for word, more_unknown, more_arrived in STEPS:
            server.script.word = word
            server.script.victim = victim = Forked(home, server.url)
            assert victim.end() == -signal.SIGKILL
            unknown, arrived = unknown + more_unknown, arrived + more_arrived
        finish(Forked, home, server.url)
        finish(Forked, home, server.url)
    account = Account.of(home, tmp_path / "server.log")
    account.must_agree(10, len(STEPS))
    assert account.states[DeliveryState.UNKNOWN] == unknown
    assert len(account.log) == account.states[DeliveryState.ACCEPTED] + arrived


def test_killed_right_after_the_answer_nobody_gets_a_second_copy(
    home: Path, tmp_path: Path
) -> None:
    furnished(home, 5, made=True)
    with Scripted(_Assassin(log=tmp_path / "server.log")) as server:
        assert isinstance(server.script, _Assassin)
        server.script.word = "AFTER"
        server.script.victim = victim = Forked(home, server.url)
        victim.end()
        finish(Forked, home, server.url)
    account = Account.of(home, tmp_path / "server.log")
    account.must_agree(5, 1)
    # The blow falls on the first message, or already on the second, whose copy has not left.
    assert account.states[DeliveryState.ACCEPTED] >= 4
    assert len(account.log) >= 4


def test_killed_while_the_audience_is_fixed_everybody_is_still_there_once(
    home: Path, tmp_path: Path
) -> None:
    furnished(home, 80, made=True)
    for _ in range(3):
        run = filling(home)
        time.sleep(random.uniform(0.03, 0.1))
        kill(run)
    engine = database.connect(load(home, {}).database_url)
    with database.reading(engine) as session:
        state = session.get_one(Issue, ISSUE).state
        filled = session.scalars(select(col(Delivery.subscriber_id))).all()
    engine.dispose()
    assert state in {IssueState.SCHEDULED, IssueState.OPENING}
    assert len(filled) == len(set(filled)) <= 80
    fill_slowly(home)
    with Scripted(Script(log=tmp_path / "server.log")) as server:
        finish(Forked, home, server.url)
    account = Account.of(home, tmp_path / "server.log")
    account.must_agree(80, 0)
    assert len(account.log) == 80
