"""Other people's pages, on loopback: a web server with TLS, names that resolve to it, a proxy.

The guard sees the addresses that ``names`` say; the connection then goes to our own server, by
the seam that ``outside.Fetcher`` is made with.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from dns.resolver import NXDOMAIN

from newsletter.outside import Fetcher
from newsletter.settings import Network

TLS = Path(__file__).parent / "tls"
TRUSTED = str(TLS / "pages-ca.pem")
PUBLIC = "93.184.215.14"  # only looked at; nothing is ever sent there
Answer = Callable[[BaseHTTPRequestHandler], None]


def page(
    body: str | bytes = "", kind: str = "text/html; charset=utf-8", status: int = 200, **more: str
) -> Answer:
    """An ordinary answer; ``more`` are headers (``_`` for ``-``)."""
    content = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Type": kind} | more).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def sent_on(to: str) -> Answer:
    return page(status=302, Location=to)


@dataclass
class Web:
    """What there is, by host and path; who was asked for what; which addresses were dialled."""

    port: int = 0
    pages: dict[str, Answer] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    down: set[str] = field(default_factory=set)  # addresses at which nobody answers

    def fetcher(self, seconds: float = 5.0, **network: Any) -> Fetcher:
        own = Network(ca_file=TRUSTED, **network)
        return Fetcher(own, "tests", self.resolve, self.dial, seconds)

    async def resolve(self, host: str) -> list[str]:
        if host not in self.names:
            raise NXDOMAIN
        return self.names[host]

    async def dial(self, address: str, port: int, **tls: Any) -> Any:
        self.dialled.append((address, port))
        if address in self.down:
            raise ConnectionRefusedError
        ours = self.port if port == 443 else port
        return await asyncio.open_connection("127.0.0.1", ours, **tls)


@contextmanager
def serving() -> Iterator[Web]:
    """A web in which ``lichtwerk.example`` and the names below it may be had."""
    web = Web(names={"www.lichtwerk.example": [PUBLIC]})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(self.headers)
            answer = web.pages.get(f"{self.headers['Host']}{self.path}", page(status=404))
            with suppress(OSError):  # whoever has read enough hangs up
                answer(self)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: Any) -> None:  # a client that does not trust us
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "pages.pem")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        web.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield web
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def running() -> Iterator[Web]:
    """The server, for all tests of a module."""
    with serving() as it:
        yield it


@pytest.fixture
def web(running: Web) -> Web:
    """There are no pages yet, and nobody has asked for any."""
    for each in (running.pages, running.asked, running.dialled, running.down):
        each.clear()
    running.names = {"www.lichtwerk.example": [PUBLIC]}
    return running


@contextmanager
def proxy(web: Web, tunnels: list[str]) -> Iterator[int]:
    """A web proxy that opens tunnels to our server; yields its port."""

    def carried(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65_536):
                other.sendall(piece)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def served() -> None:
        with suppress(OSError):
            while True:
                client, __ = door.accept()
                with client, socket.create_connection(("127.0.0.1", web.port)) as there:
                    tunnels.append(client.recv(4_096).decode().split("\r\n")[0])
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    back = threading.Thread(target=carried, args=(there, client), daemon=True)
                    back.start()
                    carried(client, there)
                    back.join()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=served, daemon=True).start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)
