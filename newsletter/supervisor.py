"""Keep programs running side by side: start them, start them again, end them together.

Each child holds the reading end of a pipe, its lifeline; the writing end is ours alone and the
kernel closes it however we die. So a child that outlives us sees the end of the pipe and ends
itself as if it had been told to (``end_with_parent``), on every system.

A child that has ended is started again after 1, 2, 4 … 60 seconds; after a minute that went
well the pause starts over. One that refused (exit 1 or 2) has said why and is asked again each
minute, and its reason is told once.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from newsletter.language import _

LIFELINE = "NEWSLETTER_LIFELINE"  # to a child: the number of its end of the pipe
LONGEST_PAUSE = 60.0  # seconds
GOOD_TIME = 60.0  # seconds; who has lived so long starts over
_REFUSED = frozenset({1, 2})  # a rule or the configuration says no: trying at once cannot help
_LONGEST_LINE = 1 << 20


def pause_after(failures: int) -> float:
    """How long to wait before the next try: 1, 2, 4 … 60 seconds."""
    return min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10))


@dataclass(frozen=True, slots=True)
class Program:
    """A child: what to call it, how to start it, how many seconds it has to end by itself."""

    name: str
    command: Sequence[str]
    patience: float
    keeps: tuple[int, ...] = ()  # file descriptors that it inherits
    environment: Mapping[str, str] | None = None


@dataclass(slots=True)
class Orders:
    """What the person who runs us wants: to stop, or to stop at once."""

    stop: asyncio.Event
    at_once: asyncio.Event

    def heard(self) -> None:
        """Ctrl-C or SIGTERM: the second time it is meant at once."""
        (self.at_once if self.stop.is_set() else self.stop).set()


async def keep_running(
    programs: Iterable[Program], orders: Orders, tell: Callable[[str], None]
) -> bool:
    """Keep them all running until told to stop; False if one had to be killed in the end."""
    lifeline, ours = os.pipe()
    try:
        keepers = [_Keeper(program, lifeline, orders, tell) for program in programs]
        return all(await asyncio.gather(*(keeper.keep() for keeper in keepers)))
    finally:
        os.close(ours)
        os.close(lifeline)


class _Keeper:
    """One program, through all its lives."""

    def __init__(
        self, program: Program, lifeline: int, orders: Orders, tell: Callable[[str], None]
    ) -> None:
        self.program, self.lifeline, self.orders = program, lifeline, orders
        self._tell = tell
        self._said: set[str] = set()  # in this life
        self._known: set[str] = set()  # of a life that ended by a refusal: not told again

    def _say(self, sentence: str) -> None:
        self._said.add(sentence)
        if sentence not in self._known:
            self._tell(f"{self.program.name}: {sentence}")

    async def keep(self) -> bool:
        """Start it again and again until told to stop; False if it had to be killed."""
        failures = 0
        while not self.orders.stop.is_set():
            begun = monotonic()
            child = await self._start()
            clean = await self._see_it_end(child)
            if self.orders.stop.is_set():
                return clean
            failures = 1 if monotonic() - begun >= GOOD_TIME else failures + 1
            await self._pause(child.returncode or 0, failures)
        return True

    async def _start(self) -> asyncio.subprocess.Process:
        program = self.program
        self._said = set()
        child = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(self.lifeline, *program.keeps),
            env={**(program.environment or os.environ), LIFELINE: str(self.lifeline)},
            start_new_session=True,  # Ctrl-C is for us; we tell it in our own time
            limit=_LONGEST_LINE,
        )
        if not self._known:
            self._tell(f"{program.name}: " + _("gestartet (Prozess {pid})").format(pid=child.pid))
        return child

    async def _see_it_end(self, child: asyncio.subprocess.Process) -> bool:
        """Pass on what it says until it ends, or make it end; False if it had to be killed."""
        ended = asyncio.ensure_future(self._listen(child))
        told = asyncio.ensure_future(self.orders.stop.wait())
        await asyncio.wait((ended, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        clean = ended.done() or await self._end(child, ended)
        await ended
        return clean

    async def _listen(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None
        while True:
            try:
                line = await child.stdout.readline()
            except ValueError:  # longer than anybody reads
                continue
            if not line:
                break
            if words := line.decode("utf-8", "replace").strip():
                self._say(words)
        await child.wait()

    async def _end(self, child: asyncio.subprocess.Process, ended: "asyncio.Future[None]") -> bool:
        """Tell it to end, and wait as long as it may take."""
        _send(child, signal.SIGTERM)
        at_once = asyncio.ensure_future(self.orders.at_once.wait())
        await asyncio.wait(
            (ended, at_once),
            timeout=self.program.patience,
            return_when=asyncio.FIRST_COMPLETED,
        )
        at_once.cancel()
        if ended.done():
            return True
        self._say(_("hat nicht rechtzeitig aufgehört und wurde abgebrochen."))
        _send(child, signal.SIGKILL)
        return False

    async def _pause(self, code: int, failures: int) -> None:
        refused = code in _REFUSED
        seconds = LONGEST_PAUSE if refused else pause_after(failures)
        self._say(_ended(code, seconds))
        self._known = self._said if refused else set()
        told = asyncio.ensure_future(self.orders.stop.wait())
        await asyncio.wait((told,), timeout=seconds)
        told.cancel()


def _ended(code: int, seconds: float) -> str:
    if code in _REFUSED:
        return _("läuft nicht (Grund siehe oben). Ein neuer Versuch folgt jede Minute.")
    if code < 0:
        how = _("abgebrochen durch {signal}").format(signal=signal.Signals(-code).name)
    else:
        how = _("zu Ende mit {code}").format(code=code)
    return _("{how}; startet in {seconds} s neu.").format(how=how, seconds=round(seconds))


def _send(child: asyncio.subprocess.Process, what: signal.Signals) -> None:
    try:
        child.send_signal(what)
    except ProcessLookupError:  # it has just ended
        return


# -- the child's side -----------------------------------------------------------------------


def supervised() -> bool:
    """Whether this process is a child of ours."""
    return LIFELINE in os.environ


def end_with_parent() -> None:
    """End as if told by SIGTERM when our supervisor is gone; nothing without a supervisor."""
    if supervised():
        end = int(os.environ.pop(LIFELINE))
        threading.Thread(target=_watch, args=(end,), name="lifeline", daemon=True).start()


def _watch(lifeline: int) -> None:
    os.set_inheritable(lifeline, False)
    while os.read(lifeline, 1):
        pass
    silence = os.open(os.devnull, os.O_WRONLY)  # nobody reads any more what we print
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.kill(os.getpid(), signal.SIGTERM)
