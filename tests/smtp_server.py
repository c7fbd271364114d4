"""Real mail servers for tests: one that records (aiosmtpd), one that says what it is told to.

``Recording`` is a proper server: STARTTLS or TLS with our own test authority, AUTH.
``Scripted`` answers each verb with the next line of its script, or hangs up.
"""

import asyncio
import logging
import os
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

TLS = Path(__file__).parent / "tls"
CA_FILE = str(TLS / "ca.pem")
logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Received:
    """One message as a server took it."""

    envelope_from: str
    rcpt: str
    data: bytes

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.data)["Message-ID"]).strip("<>")


class Recording:
    """A well-behaved server in a thread; ``with Recording() as server: server.url``."""

    def __init__(
        self, tls: str = "", certificate: str = "relay", login: tuple[str, str] | None = None
    ) -> None:
        self.messages: list[Received] = []
        self.sessions: set[int] = set()
        self.logins: list[tuple[str, str]] = []
        self._tls, self._certificate, self._login = tls, certificate, login
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        scheme = {"": "smtp", "starttls": "smtp+starttls", "implicit": "smtps"}[self._tls]
        user = f"{self._login[0]}:{self._login[1]}@" if self._login else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self._server = starting.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _start(self) -> asyncio.Server:
        context = None
        if self._tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(TLS / f"{self._certificate}.pem")
        implicit = self._tls == "implicit"

        def conversation() -> SMTP:
            return SMTP(
                self,
                hostname="relay.example",
                ident="test relay",
                tls_context=None if implicit else context,
                require_starttls=self._tls == "starttls",
                authenticator=self._check if self._login else None,
                auth_required=bool(self._login) and not implicit,
                auth_require_tls=not implicit,
                loop=self._loop,
            )

        return await self._loop.create_server(
            conversation, "127.0.0.1", 0, ssl=context if implicit else None
        )

    def _check(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        said = (given.login.decode(), given.password.decode())
        self.logins.append(said)
        return AuthResult(success=said == self._login, handled=False)

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        greeting, *rest = responses
        return [greeting, "250-PIPELINING", *rest]  # as nearly every relay offers (RFC 2920)

    async def handle_DATA(self, _server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.sessions.add(id(session))
        (rcpt,) = envelope.rcpt_tos
        self.messages.append(Received(envelope.mail_from, rcpt, bytes(envelope.content)))
        return f"250 2.0.0 Ok: queued as {len(self.messages)}"

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        waiting = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._server.wait_closed()


DROP = "drop"  # hang up instead of answering
SILENCE = "silence"  # neither answer nor hang up
_USUAL = {
    "GREETING": "220 relay.example ESMTP",
    "EHLO": "250-relay.example\r\n250-SIZE 10000000\r\n250 ENHANCEDSTATUSCODES",
    "HELO": "250 relay.example",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 Ok: queued",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


@dataclass
class Script:
    """What the server says: per verb its next answers, then the usual one again.

    Verbs: GREETING, EHLO, MAIL, RCPT, DATA, TEXT (in the middle of it), DOT, RSET, QUIT.
    AFTER: right after the answer to DOT. ``always`` is said when ``answers`` are used up.
    """

    answers: dict[str, Iterable[str]] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    log: Path | None = None  # each message: one line (see chaos.server), on the disk before its 250
    delay: float = 0.0  # seconds before the answer to the dot
    on_message: Callable[[Received], object] | None = None  # called before the answer to the dot

    def __post_init__(self) -> None:
        self._next = defaultdict(deque, {verb: deque(a) for verb, a in self.answers.items()})
        self._lock = threading.Lock()
        self.said: list[str] = []  # what clients said, line by line
        self.messages: list[Received] = []
        self.connections = 0

    def answer(self, verb: str) -> str:
        with self._lock:
            waiting = self._next[verb]
            if waiting:
                return str(waiting.popleft())
        return self.always.get(verb) or _USUAL.get(verb, "500 5.5.1 what?")

    def hear(self, line: bytes) -> None:
        """A line of a text has come."""

    def take(self, received: Received) -> None:
        with self._lock:
            self.messages.append(received)
            if self.log is not None:
                with self.log.open("a", encoding="ascii") as file:
                    file.write(f"took {received.message_id} {received.rcpt}\n")
                    file.flush()
                    os.fsync(file.fileno())


class _Talk(socketserver.StreamRequestHandler):
    server: "Scripted"

    def handle(self) -> None:
        script = self.server.script
        script.connections += 1
        sender = rcpt = ""
        if not self._say("GREETING"):
            return
        while line := self.rfile.readline():
            said = line.decode("ascii", "replace").strip()
            script.said.append(said)
            verb = said.split(" ", 1)[0].upper()
            if verb == "MAIL":
                sender = said.split("<", 1)[1].split(">", 1)[0]
            elif verb == "RCPT":
                rcpt = said.split("<", 1)[1].split(">", 1)[0]
            if not self._say(verb) or verb == "QUIT":
                return
            if verb == "DATA" and self._last.startswith("354") and not self._text(sender, rcpt):
                return

    def _text(self, sender: str, rcpt: str) -> bool:
        script = self.server.script
        if script.answer("TEXT") == DROP:
            self.rfile.readline()
            time.sleep(0.2)  # the network's own buffers fill up
            self._hang_up()
            return False
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line.removeprefix(b"."))
            script.hear(line)
        if not line:
            return False
        time.sleep(script.delay)
        answer = script.answer("DOT")
        received = Received(sender, rcpt, b"".join(lines))
        if script.on_message is not None:
            script.on_message(received)
        if answer.startswith("250") or answer == DROP:  # the worst: taken, and nobody told
            script.take(received)
        return self._send(answer) and script.answer("AFTER") != DROP

    def _say(self, verb: str) -> bool:
        return self._send(self.server.script.answer(verb))

    def _send(self, answer: str) -> bool:
        self._last = answer
        if answer == DROP:
            self._hang_up()
            return False
        if answer == SILENCE:
            self.rfile.readline()
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return True

    def _hang_up(self) -> None:
        """Reset the connection, as a crash or a firewall does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Scripted(socketserver.ThreadingTCPServer):
    """``with Scripted(Script(...)) as server: server.url``."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, script: Script | None = None, port: int = 0) -> None:
        self.script = script or Script()
        super().__init__(("127.0.0.1", port), _Talk)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of ours."""


def unused_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
