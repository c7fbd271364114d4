"""``newsletter run``: web pages and sending as two processes that are kept running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import invocation, say
from newsletter.commands.running import DOOR, listening

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Sequence

    from newsletter.supervisor import Program

_WEB_PATIENCE = 20.0  # seconds; uvicorn gives running requests fifteen
_SENDER_PATIENCE = 60.0  # the message in hand goes out, unless its mail server keeps silent


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("run")(run)


def run(
    host: str = typer.Option("127.0.0.1", "--host", metavar="ADRESSE", help="Wo sie lauscht."),
    port: int = typer.Option(8000, "--port", metavar="PORT", min=0, max=65535, help="Der Port."),
) -> None:
    """Webseiten und Versand zusammen betreiben.

    Es sind zwei Prozesse. Stirbt einer, startet er neu, nach einer Pause, die wächst. Läuft,
    bis Strg+C oder SIGTERM kommt; dann geht zu Ende, was gerade unterwegs ist. Ein zweites
    Strg+C bricht ab.

    \b
    Beispiel:
      newsletter run
      newsletter run --host 0.0.0.0 --port 8080
    """
    import asyncio

    from newsletter.language import _

    # What can never work is said here, once, and not by a child again and again.
    invocation.engine.dispose()
    # The door is ours: it stays open while the pages start again, and nobody can take it.
    with listening(host, port) as door:
        web, sender = _programs(host, door.getsockname()[1], door.fileno())
        clean = asyncio.run(_until_told((web, sender), door))
    say(_("Alles beendet."))
    if not clean:
        raise typer.Exit(1)


def _programs(host: str, port: int, door: int) -> tuple[Program, Program]:
    import os
    import sys

    from newsletter.supervisor import Program

    ours = (sys.executable, "-P", "-m", "cli", "--home", str(invocation.settings.home))
    return (
        Program(
            "web",
            (*ours, "serve", "--host", host, "--port", str(port)),
            _WEB_PATIENCE,
            keeps=(door,),
            environment=os.environ | {DOOR: str(door)},
        ),
        Program("sender", (*ours, "work"), _SENDER_PATIENCE),
    )


async def _until_told(programs: Sequence[Program], door: socket.socket) -> bool:
    """Keep them running until SIGTERM or Ctrl-C; False if one had to be killed."""
    import asyncio
    import signal

    from newsletter.supervisor import Orders, keep_running

    orders = Orders(asyncio.Event(), asyncio.Event())
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, orders.heard)
    closing = asyncio.create_task(_close_when(orders.stop, door))
    clean = await keep_running(programs, orders, _tell)
    await closing
    return clean


def _tell(sentence: str) -> None:
    """A line with its time, as the home's clocks show it: these lines are read days later."""
    from newsletter.history import now

    say(f"{now().astimezone(invocation.settings.zone):%d.%m. %H:%M:%S}  {sentence}")


async def _close_when(stop: asyncio.Event, door: socket.socket) -> None:
    """Let nobody in any more once we are told to stop: who knocks hears so at once."""
    await stop.wait()
    door.close()
