"""The program in a process of its own: ``newsletter dispatch --until-empty`` and other commands.

Its clock is put forward by ``time_machine``; see the package's words about the clock.
"""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from newsletter import database
from newsletter.dispatch import ledger
from newsletter.history import SYSTEM, acting
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import load

from .worlds import ISSUE

DISPATCH = ("dispatch", "--until-empty")
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.warm", "tests.chaos.senders"])
_PATIENCE = 120  # seconds


class FellOver(AssertionError):
    """The program ended as no program of ours may."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, and what it said."""

    code: int
    said: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Run:
    """A run of the program, from its start to its end."""

    def __init__(
        self,
        home: Path,
        relay: str,
        *,
        forward: timedelta = timedelta(0),
        words: Sequence[str] = DISPATCH,
    ) -> None:
        self._ear, mouth = FORKING.Pipe(duplex=False)
        given = (str(home), relay, forward.total_seconds(), tuple(words), mouth)
        self._process = FORKING.Process(target=_program, args=given)
        self._process.start()
        mouth.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self._ended: Ended | None = None

    def alive(self) -> bool:
        return self._ended is None and self._process.is_alive()

    def end(self) -> Ended:
        """Wait for its end. FellOver if it did not end with a sentence, or by kill -9."""
        if self._ended is None:
            self._process.join(_PATIENCE)
            code = self._process.exitcode
            if code is None:
                self._process.kill()
                raise FellOver("it did not end within two minutes")
            self._ended = Ended(code, _all_of(self._ear))
            self._process.close()
            if code not in {0, 1, 3, -signal.SIGKILL} or "Traceback" in self._ended.said:
                raise FellOver(self._ended.said or f"exit code {code}")
        return self._ended

    def kill(self) -> bool:
        """kill -9; False if it had ended by itself."""
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
        return self.end().killed

    def may_write(self, octets: int = resource.RLIM_INFINITY) -> None:
        """How far it may write into any file: 0 is a full disk."""
        if self.alive():
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def _all_of(ear: Connection) -> str:
    """What stands in the pipe whose writers are gone."""
    with ear, os.fdopen(os.dup(ear.fileno()), "rb") as pipe:
        return pipe.read().decode("utf-8", "replace")


def _program(
    home: str, relay: str, forward: float, words: tuple[str, ...], mouth: Connection
) -> None:
    import time_machine

    import cli

    os.dup2(mouth.fileno(), 1)
    os.dup2(mouth.fileno(), 2)
    for name in [each for each in os.environ if each.startswith("NEWSLETTER")]:
        del os.environ[name]
    os.environ["NEWSLETTER_RELAY"] = relay
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=forward), tick=True).start()
    sys.argv = ["newsletter", "--home", home, *words]
    cli.main()


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
