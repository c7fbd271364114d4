"""``serve``, ``work`` and ``dispatch``: what runs."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from newsletter.commands.context import give, invocation, say, warn
from newsletter.errors import OutsideTrouble, unreadable
from newsletter.language import N_, _, n_

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from newsletter.dispatch.engine import Sent
    from newsletter.schedule import NextDue

Done = TypeVar("Done")
DOOR = "NEWSLETTER_DOOR"  # from `run` to `serve`: the number of a socket that listens already
_REQUESTS_END_WITHIN = 15  # seconds
_ROUNDS = (5_000, 20, 100)  # of the collector: often, so that each is a millisecond
_TURN = 0.001  # seconds that a thread may compute while the loop, and so each answer, waits


class NoDoor(OutsideTrouble):
    """The pages cannot be offered at this address."""

    sentence = N_("Unter {host}:{port} lassen sich die Webseiten nicht anbieten: {why}")


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    app.command("serve")(serve)
    app.command("work")(work)
    app.command("dispatch")(dispatch)


def serve(
    host: str = typer.Option("127.0.0.1", "--host", metavar="ADRESSE", help="Wo sie lauscht."),
    port: int = typer.Option(8000, "--port", metavar="PORT", min=0, max=65535, help="Der Port."),
) -> None:
    """Die Webseiten anbieten: Einreichung, Anmeldung, Abmeldung. Versendet selbst nichts.

    Läuft, bis Strg+C oder SIGTERM kommt. Adressen mit Zugangsschlüsseln stehen in keinem
    Protokoll.

    \b
    Beispiel:
      newsletter serve --port 8000
    """
    import uvicorn

    from newsletter import supervisor
    from newsletter.web.app import create_app

    supervisor.end_with_parent()
    sys.setswitchinterval(_TURN)
    app = create_app(invocation.settings, invocation.engine)
    gc.freeze()  # half a million objects that stay: nobody shall wait while they are looked through
    gc.set_threshold(*_ROUNDS)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # paths hold tokens
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=True,  # believed from this machine only: a web proxy in front
        timeout_graceful_shutdown=_REQUESTS_END_WITHIN,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal that ended it once more; to us it is an ordinary end.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: setattr(server, "should_exit", True))
    with listening(host, port) as door:
        port = door.getsockname()[1]
        say(_("Die Webseiten sind erreichbar: {url}").format(url=f"http://{host}:{port}/"))
        server.run(sockets=[door])
    if not server.started:  # uvicorn has said why
        raise typer.Exit(3)


def listening(host: str, port: int) -> socket.socket:
    """The door is ours before we say where it is; NoDoor if it is somebody else's.

    ``run`` opens it and hands it on, so that it stays open while the pages start again.
    """
    if handed_on := os.environ.pop(DOOR, None):
        return socket.socket(fileno=int(handed_on))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as exc:
        taken = _(
            "dort antwortet schon ein anderes Programm. Mit --port einen anderen Port nennen."
        )
        why = taken if exc.errno == errno.EADDRINUSE else unreadable(exc)
        raise NoDoor(host=host, port=port, why=why) from exc


def work() -> None:
    """Versenden, was fällig ist, sobald es fällig ist.

    Ausgaben gehen zu ihrer Zeit hinaus, Nachrichten sofort.
    Läuft, bis Strg+C oder SIGTERM kommt; die Nachricht, die gerade unterwegs ist, geht noch
    zu Ende.

    \b
    Beispiel:
      newsletter work
    """
    from newsletter import schedule, supervisor
    from newsletter.dispatch import home_guard

    supervisor.end_with_parent()
    with invocation.look() as session:
        home_guard.require_own_home(session, invocation.settings.home)

    async def working(stop: asyncio.Event) -> None:
        say(_("Der Versand läuft. Ende mit Strg+C."))
        await schedule.keep_sending(invocation.engine, invocation.settings, stop, tell=_tell)

    _until_stopped(working)
    say(_("Der Versand ist beendet."))


def dispatch(
    until_empty: bool = typer.Option(
        False, "--until-empty", help="Alles versenden, was jetzt fällig ist, dann enden."
    ),
) -> None:
    """Einmal versenden, was jetzt fällig ist.

    Am Ende steht, wann das Nächste fällig wird.
    Ende mit 0; mit 3, wenn der Mailserver nicht erreichbar war. Ist schon ein anderer
    Versand an der Arbeit, sagt der Befehl es und endet mit 0.

    \b
    Beispiel:
      newsletter dispatch --until-empty
    """
    from newsletter import schedule
    from newsletter.dispatch.home_guard import AnotherSender
    from newsletter.errors import WrongUsage

    if not until_empty:
        wrong = _("Bitte --until-empty angeben. Dauerhaft versendet: newsletter work")
        raise WrongUsage(why=wrong)

    async def sending(stop: asyncio.Event) -> Sent:
        engine, settings = invocation.engine, invocation.settings
        return await schedule.until_empty(engine, settings, stop, tell=_tell)

    try:
        sent = _until_stopped(sending)
    except AnotherSender as another:
        say(_("{another} – er versendet, was fällig ist.").format(another=another))
        give({"another_sender": True})
        return
    _account(sent)
    if sent.trouble is not None:
        raise sent.trouble


def _account(sent: Sent) -> None:
    """What this run did, how its issues stand, what comes next."""
    from newsletter import issues, schedule
    from newsletter.dispatch.accounts import in_words, number
    from newsletter.history import now

    with invocation.look() as session:
        standing = [issues.status(session, key) for key in sent.issues]
        due = schedule.next_due(session, now())
    copies = n_("{n} Zustellung", "{n} Zustellungen", sent.copies)
    letters = n_("{n} Nachricht an Einzelne", "{n} Nachrichten an Einzelne", sent.letters)
    said = _("Übergeben: {copies}, {letters}.")
    shown = {"copies": copies.format(n=number(sent.copies))}
    say(said.format(**shown, letters=letters.format(n=number(sent.letters))))
    for issue in standing:
        say(f"  {issue['id']}: {in_words(issue['deliveries'])}")
    say(_next(due))
    keys = ("id", "state", "recipients", "deliveries")
    give(
        {
            "copies": sent.copies,
            "letters": sent.letters,
            "issues": [{key: issue[key] for key in keys} for issue in standing],
            "next_due": due.at.isoformat() if due else None,
        }
    )


def _next(due: NextDue | None) -> str:
    if due is None:
        return _("Es wartet nichts.")
    said = _DUE.get(due.what, _AN_ISSUE_IS_DUE)
    return _(said).format(issue=due.what, when=_local(due.at))


_AN_ISSUE_IS_DUE = N_("Als Nächstes fällig: {issue} am {when}.")
_DUE = {
    "letter": N_("Als Nächstes fällig: eine Nachricht am {when}."),
    "delivery": N_("Als Nächstes fällig: ein neuer Versuch am {when}."),
}


def _local(moment: datetime) -> str:
    local = moment.astimezone(invocation.settings.zone)
    return _("{moment:%d.%m.%Y um %H:%M Uhr}").format(moment=local)


def _tell(sentence: str) -> None:
    if invocation.json:
        warn(sentence)
    else:
        say(sentence)


def _until_stopped(task: Callable[[asyncio.Event], Coroutine[Any, Any, Done]]) -> Done:
    """Run a task; SIGTERM and Strg+C tell it to stop, and it finishes what it has in hand."""
    import asyncio

    from newsletter import loop

    async def running() -> Done:
        stop = asyncio.Event()
        running_loop = asyncio.get_running_loop()
        for ending in (signal.SIGTERM, signal.SIGINT):
            running_loop.add_signal_handler(ending, stop.set)
        return await task(stop)

    return loop.run(running())
