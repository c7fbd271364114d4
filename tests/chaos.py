"""Kill the sender at random moments, start it again, and compare every account with the server's.

The long form: ``make chaos``, or ``python -m tests.chaos --readers 300 --kills 12 --seed 7``.
A real program in a real home sends to a real server in a process of its own, which writes
every message to the disk before it says 250. The short form is in test_crash.py.
"""

import argparse
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlmodel import col

from newsletter import database, home_folder
from newsletter.dispatch import ledger
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import UNFINISHED, Delivery, DeliveryState
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import load
from subscribers.models import Subscriber
from tests.dispatch_situations import hush, readers, scheduled

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).with_name("newsletter")
ISSUE = "clusterplattform-2026-12"
CONNECTIONS = 8  # as a home has them


def furnished(home: Path, count: int, *, made: bool = False) -> None:
    """A home whose issue is due, for this many readers."""
    if not made:
        home_folder.make(home)
    hush(home)
    settings = load(home, {})
    engine = database.connect(settings.database_url)
    with acting(engine, settings, SYSTEM) as act:
        readers(act.session, *(f"r{number}" for number in range(count)))
        scheduled(act)
    engine.dispose()


@contextmanager
def mail_server(log: Path, delay: float) -> Iterator[str]:
    """A server in a process of its own; its address."""
    log.touch()
    words = [sys.executable, "-m", "tests.smtp_server", str(log), str(delay)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as server:
        assert server.stdout is not None
        try:
            yield f"smtp://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


class Run(Protocol):
    """A running ``newsletter dispatch --until-empty``."""

    pid: int | None

    def alive(self) -> bool: ...

    def end(self) -> int:
        """Wait for its end; its exit code, -9 if it was killed."""


Start = Callable[[Path, str], Run]


class Executed:
    """The program, as an operator starts it."""

    def __init__(self, home: Path, relay: str) -> None:
        clean = {name: value for name, value in os.environ.items() if "NEWSLETTER" not in name}
        self._process = subprocess.Popen(
            [str(PROGRAM), "--home", str(home), "dispatch", "--until-empty"],
            env={**clean, "NEWSLETTER_RELAY": relay},
            stdout=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> int:
        return self._process.wait(300)


_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["cli", "newsletter.schedule", "tests.chaos"])


class Forked:
    """The same program in a process of its own, without the second that its imports take."""

    def __init__(self, home: Path, relay: str) -> None:
        self._process = _FORKING.Process(target=_program, args=(str(home), relay))
        self._process.start()
        self.pid = self._process.pid

    def alive(self) -> bool:
        return self._process.is_alive()

    def end(self) -> int:
        self._process.join(300)
        code = self._process.exitcode
        assert code is not None
        self._process.close()
        return code


def _program(home: str, relay: str) -> None:
    import cli

    os.environ["NEWSLETTER_RELAY"] = relay
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  (for the rest of its life)
    sys.argv = ["newsletter", "--home", home, "dispatch", "--until-empty"]
    cli.main()


def filling(home: Path, _relay: str = "") -> Run:
    """A process that only fixes the audience, slowly; see ``fill_slowly``."""
    run = Forked.__new__(Forked)
    run._process = _FORKING.Process(target=fill_slowly, args=(home,))
    run._process.start()
    run.pid = run._process.pid
    return run


def finish(start: Start, home: Path, relay: str) -> None:
    """Let it run to its end."""
    assert start(home, relay).end() == 0


def kill(run: Run) -> bool:
    """kill -9; False if it had ended by itself."""
    if run.pid is not None and run.alive():
        os.kill(run.pid, signal.SIGKILL)
    code = run.end()
    assert code in {0, -signal.SIGKILL}
    return code != 0


@dataclass(frozen=True)
class Account:
    """What the ledger says, and what the server says."""

    states: Counter[DeliveryState]
    rows: list[tuple[str, str, DeliveryState]]  # message id, address, state
    issue: Issue
    log: list[tuple[str, str]]  # message id, address

    @classmethod
    def of(cls, home: Path, log: Path) -> "Account":
        engine = database.connect(load(home, {}).database_url)
        with database.reading(engine) as session:
            found = session.execute(
                select(col(Delivery.message_id), col(Subscriber.email), col(Delivery.state)).join(
                    Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id)
                )
            )
            rows = [(message_id, str(email), state) for message_id, email, state in found]
            issue = session.get_one(Issue, ISSUE)
        engine.dispose()
        lines = [line.split() for line in log.read_text().splitlines()]
        received = [(message_id, address) for message_id, address in lines]
        return cls(Counter(state for *_, state in rows), rows, issue, received)

    def must_agree(self, count: int, kills: int) -> None:
        """Promises 1 and 2, against the server's own log."""
        assert len(self.rows) == len({address for _, address, _ in self.rows}) == count
        assert not UNFINISHED & set(self.states), self.states
        assert set(self.states) <= {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}, self.states
        # one for each open connection (promise 2)
        assert self.states[DeliveryState.UNKNOWN] <= kills * CONNECTIONS, self.states
        assert len(self.log) == len(set(self.log)), "somebody got a second copy"
        received = set(self.log)
        for message_id, address, state in self.rows:
            if state is DeliveryState.ACCEPTED:
                assert (message_id, address) in received, f"{address} was promised a copy"
        assert received <= {(message_id, address) for message_id, address, _ in self.rows}
        assert self.issue.state is IssueState.SENT
        assert self.issue.recipients == count
        assert self.issue.account == {state.value: n for state, n in self.states.items()}


def ordeal(
    start: Start,
    home: Path,
    log: Path,
    relay: str,
    kills: int,
    rng: random.Random,
    tell: Callable[[str], object] = print,
    longest: float = 0.2,
) -> int:
    """Start and kill this often, at random moments while it sends; how often it was hit."""
    hit = 0
    for number in range(1, kills + 1):
        before = len(log.read_text().splitlines())
        run = start(home, relay)
        # First until it is at work again, so that few kills are wasted on starting up.
        wasted = rng.random() < 0.2
        while not wasted and run.alive() and len(log.read_text().splitlines()) == before:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, longest))
        hit += kill(run)
        after = len(log.read_text().splitlines())
        tell(f"kill {number}: {after - before} more went out, {after} in all")
    return hit


def fill_slowly(home: Path) -> None:
    """Fix the audience in ranges of seven, slowly, to be killed between and within them."""
    settings = load(home, {})
    engine = database.connect(settings.database_url)
    more = True
    while more:
        with acting(engine, settings, SYSTEM, durable=False) as act:
            if act.session.get_one(Issue, ISSUE).state is IssueState.SCHEDULED:
                ledger.open_issue(act, act.session.get_one(Issue, ISSUE))
            more = ledger.fill_audience(act, ISSUE, at_once=7)
            time.sleep(0.01)
        time.sleep(0.01)
    engine.dispose()


def main() -> None:
    """The long form."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--readers", type=int, default=300)
    asked.add_argument("--kills", type=int, default=12)
    asked.add_argument("--seed", type=int, default=None)
    asked.add_argument("--delay", type=float, default=0.01, help="seconds per message")
    given = asked.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10_000)
    print(f"readers {given.readers}, kills {given.kills}, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        home, log = Path(folder) / "home", Path(folder) / "server.log"
        furnished(home, given.readers)
        with mail_server(log, given.delay) as relay:
            hits = ordeal(Executed, home, log, relay, given.kills, random.Random(seed), longest=1.0)
            finish(Executed, home, relay)
        account = Account.of(home, log)
        account.must_agree(given.readers, hits)
    told = ", ".join(f"{number} {state.value}" for state, number in account.states.items())
    print(f"killed {hits} times; {told}; {len(account.log)} in the server's log, none twice")


if __name__ == "__main__":
    main()
