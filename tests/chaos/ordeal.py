"""Carries a plan out: starts the sender, waits, does what the plan says, kills it, starts again."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsletter import readers
from newsletter.database import DatabaseAway
from newsletter.dispatch import steering
from newsletter.history import SYSTEM, acting
from newsletter.models.delivery import UNFINISHED, DeliveryState
from newsletter.models.issue import Issue, IssueState

from .plan import Life, Plan, Trial
from .senders import DISPATCH, Run
from .witness import Gone, Suffered, Witness
from .worlds import CONNECTIONS, ISSUE, PUBLIC, World, address_of

_CHECKOUT = Path(__file__).resolve().parents[2]
_PATIENCE = 2.0  # seconds in which nothing goes out: the sender was asked to slow down
_TRIES = 3  # to be killed at work, if a life has ended by itself
_MANY = 100  # messages of a life
_LEFT_FOR_COPY = 0.1  # of all readers: then the backup is made at the latest
_STARTS_WITHIN = 3.0  # seconds: a sender that finds another says so by then
_LOOK = 0.003  # seconds between looks at the log
_D = DeliveryState
# Before its intent: who has left by then gets nothing.
_NOT_YET = frozenset({_D.QUEUED, _D.CLAIMED, _D.DEFERRED})
Tell = Callable[[str], object]


class Relay:
    """The hostile mail server's process, and its log."""

    def __init__(self, log: Path, seed: int, delay: float) -> None:
        log.touch()
        self.log = Witness(log)
        self._path, self._seed, self._delay = log, seed, delay
        self._generation = self._port = self._tls_port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self, *, mild: bool = False) -> None:
        """Start it, on the ports it had before."""
        self._generation += 1
        words = [str(self._path), "--seed", str(self._seed), "--generation", str(self._generation)]
        words += ["--port", str(self._port), "--tls-port", str(self._tls_port)]
        words += ["--delay", str(0 if mild else self._delay)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.server", *words, *(["--mild"] if mild else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_CHECKOUT,
        )
        assert self._process.stdout is not None
        self._port, self._tls_port = map(int, self._process.stdout.readline().split())

    def stop(self) -> None:
        """Crash it."""
        if self._process is not None:
            with self._process:
                self._process.terminate()
            self._process = None

    def url(self, *, tls: bool = False) -> str:
        """How the sender reaches it."""
        if tls:
            return f"smtp+starttls://127.0.0.1:{self._tls_port}"
        return f"smtp://127.0.0.1:{self._port}"


@contextmanager
def relay(log: Path, seed: int, delay: float = 0.03) -> Iterator[Relay]:
    """A hostile server, running; it takes its time with each message, so that blows hit."""
    made = Relay(log, seed, delay)
    made.start()
    try:
        yield made
    finally:
        made.stop()


class Ordeal:
    """One plan, in one world, against one relay."""

    def __init__(self, plan: Plan, world: World, relay: Relay, tell: Tell) -> None:
        self.plan, self.world, self.tell = plan, world, tell
        self.relay, self.log = relay, relay.log
        self.forward = timedelta(0)  # of the sender's clock
        self.suffered = Suffered()
        self._down = False

    def carry_out(self) -> None:
        """All lives, and then peace until no row is unfinished."""
        backed_up = False
        for life in self.plan.lives:
            before = self.log.look()
            if not backed_up and self._time_to_back_up(life):
                self.world.back_up()
                backed_up = True
            self._live(life)
            self.tell(
                f"life {life.number + 1}: {life.trial.value}; {self.log.look() - before} more"
                f" taken, {self.log.took} in all, {self.suffered.kills} kills"
            )
        self._peace()

    def _time_to_back_up(self, life: Life) -> bool:
        """While there is something left to be claimed after it."""
        left = self.world.count(*UNFINISHED) or self.plan.readers - self.log.took
        return life.number == self.plan.backup_before or left < self.plan.readers * _LEFT_FOR_COPY

    # -- a life -----------------------------------------------------------------------------

    def _live(self, life: Life) -> None:
        self.forward += timedelta(minutes=life.forward)
        if life.early is not None:
            run = self._start(life.tls)
            time.sleep(life.early)
            self.suffered.early += self._kill(run)
            return
        amount = self._amount(life)
        goal = self.log.took + amount
        run = self._until(self._start(life.tls), self.log.took + int(amount * life.middle), life)
        self._goodbyes(life)
        end_trial = self._begin_trial(life, run)
        if end_trial is not None:
            time.sleep(life.lasts)
        if end_trial is None or not life.until_death:
            if end_trial is not None:
                end_trial()
            run = self._until(run, goal, life)
        # while one sleeps a fast sender sends more than falls to a life; so late, nothing is left
        time.sleep(life.jitter * min(1.0, amount / _MANY))
        killed = self._kill(run)
        if end_trial is not None and life.until_death:
            end_trial()
        if life.trial is Trial.POWER:
            self._power_lost()
        for _ in range(_TRIES):
            if killed or not self.world.count(*_NOT_YET):
                break
            killed = self._kill(self._until(self._start(life.tls), self.log.look() + 1, life))

    def _amount(self, life: Life) -> int:
        """How many messages go out in this life, so that all lives have some."""
        ahead = len(self.plan.lives) - life.number
        left = self.world.count(*UNFINISHED) or self.plan.readers - self.log.look()
        free = left - ahead * CONNECTIONS  # each kill leaves some unknown
        return max(2, int(life.share * free / (ahead + 1)))

    def _start(self, tls: bool, words: Sequence[str] = DISPATCH) -> Run:
        self.suffered.starts += 1
        url = self.relay.url(tls=tls)
        return Run(self.world.home, url, forward=self.forward, words=words)

    def _kill(self, run: Run) -> bool:
        killed = run.kill()
        self.suffered.kills += killed
        return killed

    def _until(self, run: Run, goal: int, life: Life) -> Run:
        """Wait until so many messages are taken; the run at work then, or the last that was.

        A run that ends by itself (a relay that takes nothing, nothing due) is followed by
        another, a little later by its clock.
        """
        until, taken = time.monotonic() + _PATIENCE, self.log.look()
        resting = 0
        while self.log.look() < goal and time.monotonic() < until and resting < 3:
            if self.log.took > taken:
                until, taken = time.monotonic() + _PATIENCE, self.log.took
            if run.alive():
                time.sleep(_LOOK)
                continue
            ended = run.end()
            if self._over(ended.code, ended.said):
                break
            resting += ended.code == 0
            self.forward += timedelta(minutes=6 if ended.code == 0 else 1)
            run = self._start(life.tls)
        return run

    def _over(self, code: int, said: str) -> bool:
        """A run ended by itself; whether nothing is left to do."""
        self.suffered.gave_way += code == 3
        if code == 1:
            raise AssertionError(f"the sender refused to work: {said}")
        if self._down:
            return True
        self._release_brake()
        return code == 0 and not self.world.count(*UNFINISHED) and self.log.took > 0

    def _release_brake(self) -> None:
        """What a person does who has found the issue paused, and has seen to it."""
        with self._act() as act:
            issue = act.session.get_one(Issue, ISSUE)
            if issue.state is IssueState.PAUSED:
                steering.resume(act, ISSUE)
                self.suffered.braked += 1

    def _act(self) -> contextlib.AbstractContextManager[steering.Act]:
        return acting(self.world.engine, self.world.settings, SYSTEM, clock=self._moment)

    def _moment(self) -> datetime:
        return datetime.now(UTC) + self.forward

    # -- trials -----------------------------------------------------------------------------

    def _begin_trial(self, life: Life, run: Run) -> Callable[[], None] | None:
        """Begin it; what ends it, if it lasts."""
        self.suffered.trials[life.trial] += 1
        match life.trial:
            case Trial.RELAY:
                self.relay.stop()
                self._down = True
                return self._again(self.relay.start)
            case Trial.RESTART:
                self.world.stop()
                self._down = True
                return self._again(self.world.start)
            case Trial.FULL:
                run.may_write(0)
                return run.may_write
            case Trial.CUT:
                self.world.cut()
            case Trial.POWER:
                self.world.save_what_is_synced()
            case Trial.SECOND:
                return self._second_sender(run)
        return None

    def _again(self, start: Callable[[], None]) -> Callable[[], None]:
        def started() -> None:
            start()
            self._down = False

        return started

    def _second_sender(self, first: Run) -> Callable[[], None]:
        """From the same home: it says that there is one, and leaves the work to it.

        If the first has died meanwhile, it is the sender, and is killed as well.
        """
        second = self._start(tls=False)

        def ended() -> None:
            until = time.monotonic() + _STARTS_WITHIN
            while second.alive() and first.alive() and time.monotonic() < until:
                time.sleep(_LOOK)
            killed = self._kill(second)
            if not killed and first.alive():
                assert "Ein anderer Versand" in second.end().said, second.end().said
            self.suffered.refused += "Ein anderer Versand" in second.end().said

        return ended

    def _power_lost(self) -> None:
        in_hand = self.world.lose_power()
        if in_hand is None:
            self.suffered.trials[Trial.POWER] -= 1
        else:
            self.suffered.in_hand += in_hand

    # -- people -----------------------------------------------------------------------------

    def _goodbyes(self, life: Life) -> None:
        for number in (*life.goodbyes, *life.erasures):
            with contextlib.suppress(DatabaseAway):
                self._goodbye(number, number in life.erasures)

    def _goodbye(self, number: int, erased: bool) -> None:
        if self.world.state_of(number) is None:
            return  # the audience is not fixed yet
        with self._act() as act:
            if erased:
                readers.erase(act, address_of(number))
            else:
                link = readers.unsubscribe_url(act.settings, f"id-r{number}", PUBLIC)
                readers.unsubscribe(act, link.rpartition("/")[2], "one-click")
        before = self.world.state_of(number) in _NOT_YET
        self.log.look()
        self.suffered.gone.append(Gone(number, erased, before, len(self.log.lines)))

    # -- the end ----------------------------------------------------------------------------

    def _peace(self, rounds: int = 60) -> None:
        """The server behaves, the clock goes on: until no row is unfinished."""
        self.relay.stop()
        self.relay.start(mild=True)
        for _ in range(rounds):
            ended = self._start(tls=False).end()
            self._over(ended.code, ended.said)
            if not self.world.count(*UNFINISHED) and ended.code == 0:
                return
            self.forward += timedelta(minutes=20)
        raise AssertionError(f"unfinished after {rounds} quiet runs: {ended.said}")

    def copied_home(self) -> None:
        """A database from a backup sends nothing until somebody says so, and then no copy."""
        not_final = self.world.restore()
        before = self.log.look()
        ended = self._start(tls=False).end()
        assert ended.code == 1, ended.said
        assert "newsletter db adopt" in ended.said, ended.said
        self.suffered.refused += 1
        adopted = self._start(tls=False, words=("db", "adopt", "--reason", "Sicherung")).end()
        assert adopted.code == 0, adopted.said
        self.suffered.adopted += not_final
        self._peace()
        assert self.log.look() == before, "something went out from a copied home"

    def resend_all(self) -> int:
        """A person says: send what is unknown once more; how many rows that were."""
        self.forward += timedelta(minutes=16)
        unknown = self.world.count(DeliveryState.UNKNOWN)
        words = ("issue", "resolve", ISSUE, "--resend", "--as", "redaktion")
        ended = self._start(tls=False, words=words).end()
        assert ended.code == 0, ended.said
        self._peace()
        return unknown
