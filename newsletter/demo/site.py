"""A web application on a free loopback port, in a thread of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from newsletter.errors import OutsideTrouble
from newsletter.language import _

_START_SECONDS = 20  # a slow machine's import of everything


@contextmanager
def reserved() -> Iterator[socket.socket]:
    """A loopback port that is ours before the application is made, which wants to know it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def address_of(listener: socket.socket) -> str:
    """The base address, without a slash at its end."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def serving(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    """Serve the application until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), name="demo-web", daemon=True)
    thread.start()
    try:
        _wait_until_it_answers(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)


def _wait_until_it_answers(server: uvicorn.Server, thread: threading.Thread) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise OutsideTrouble(what=_("Die Webanwendung"), why=_("sie ist nicht gestartet"))
        time.sleep(0.01)
