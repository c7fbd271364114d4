"""Commands and replies over one open connection (RFC 5321 §2.3.7, §4.2; RFC 2920).

aiosmtplib connects, encrypts and logs in; then this takes its transport over, since the
sender needs what a general client does not offer: commands in groups, a text that is written
without being looked at again, knowledge of what has left us, and suspicion. Every reply
belongs to a command of ours. One that nobody asked for (a server that answers twice, takes
leave, or is confused) spoils the connection: it could be taken for the next message's answer.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from newsletter.language import N_, _

LOST = N_("Verbindung verloren")
SILENT = N_("keine Antwort in der erwarteten Zeit")
_LONGEST = 32_768  # octets of one reply, all lines: ten times what any server says


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other end said: code, and all its lines without it."""

    code: int
    text: str


class Lost(Exception):
    """The connection is gone or useless, or its other end has fallen silent."""


class Conversation(asyncio.Protocol):
    """Takes over a connected transport; say commands, await one reply for each."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._unread = b""
        self._lines: list[bytes] = []
        self._replies: deque[Reply] = deque()
        self._owed = 0  # replies that our commands still have coming
        self._ended: str | None = None  # why nothing more can be said
        self._blocked = False
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        # Not blocked: nothing left in our memory. Not 0: TLS transports would block at once.
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)

    # -- saying -----------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether a message may begin: connected, and nothing said that nobody asked for."""
        quiet = not (self._unread or self._lines or self._replies or self._owed)
        return self._ended is None and quiet and not self._transport.is_closing()

    def say(self, words: bytes, replies: int = 1) -> None:
        """Write whole lines that so many replies will answer. Lost, with nothing written, if
        the connection is gone or was spoilt.
        """
        if self._ended is not None or self._transport.is_closing():
            raise Lost(self._ended or _(LOST))
        self._owed += replies
        self._transport.write(words)

    async def left(self, seconds: float) -> None:
        """Wait until all that was said has left our memory."""
        if self._blocked:
            await self._wait(lambda: not self._blocked, seconds)
        if self._ended is not None:
            raise Lost(self._ended)

    async def until(self, event: asyncio.Future[Any], seconds: float) -> None:
        """Wait for something that is not said here. Lost, and the connection with it, if it has
        not come within so many seconds, or the other end has had enough.
        """
        event.add_done_callback(self._stir)
        await self._wait(event.done, seconds)

    async def reply(self, seconds: float) -> Reply:
        """The next reply; Lost if there is none within so many seconds."""
        if not self._replies:
            await self._wait(lambda: bool(self._replies), seconds)
        self._owed -= 1
        return self._replies.popleft()

    def hang_up(self) -> None:
        """End it at once: a polite end of TLS would wait for the other side."""
        self._end("closed")
        self._transport.abort()

    # -- waiting ----------------------------------------------------------------------------

    async def _wait(self, done: Callable[[], bool], seconds: float) -> None:
        self._deadline = self._loop.time() + seconds
        if self._alarm is not None and self._alarm.when() > self._deadline:
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None:
            self._alarm = self._loop.call_at(self._deadline, self._ring)
        while not done():
            if self._ended is not None:
                raise Lost(self._ended)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _ring(self) -> None:
        """One alarm serves wait after wait: it is put forward only when it rings too early."""
        self._alarm = None
        if self._waiter is None:
            return
        if self._loop.time() < self._deadline:
            self._alarm = self._loop.call_at(self._deadline, self._ring)
        else:
            self._end(_(SILENT))

    def _stir(self, _event: asyncio.Future[Any]) -> None:
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _end(self, why: str) -> None:
        if self._ended is None:
            self._ended = why
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._wake()

    # -- hearing ----------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take lines apart into replies; the last line of a reply has no hyphen (§4.2.1)."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            if line[3:4] == b"-":
                self._lines.append(line)
            else:
                self._heard(_understood((*self._lines, line)))
                self._lines = []
        if self._unread or self._lines:
            self._stay_short()
        self._wake()

    def _stay_short(self) -> None:
        if len(self._unread) + sum(map(len, self._lines)) > _LONGEST:
            self._end(_("Antwort ohne Ende"))

    def _heard(self, reply: Reply) -> None:
        if len(self._replies) < self._owed:
            self._replies.append(reply)
        else:
            said = _("unverlangte Antwort: {reply}")
            self._end(said.format(reply=f"{reply.code} {reply.text}".strip()))

    def eof_received(self) -> bool:
        self._end(_(LOST))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        known = exc is None or isinstance(exc, ConnectionError)
        self._end(_(LOST) if known else f"{_(LOST)} ({exc})")

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._wake()


@lru_cache(maxsize=128)  # a relay says „250 2.1.5 Ok“ a hundred thousand times
def _understood(lines: tuple[bytes, ...]) -> Reply:
    """Code −1 for what is no reply at all."""
    head = lines[-1][:3]
    code = int(head) if head.isdigit() and len(head) == 3 else -1
    if code < 0:
        return Reply(-1, b"\n".join(lines).decode("utf-8", "replace").strip())
    return Reply(code, "\n".join(line[4:].decode("utf-8", "replace").strip() for line in lines))
