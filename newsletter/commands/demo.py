"""``newsletter demo``: the whole road, shown on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say
from newsletter.language import _

if TYPE_CHECKING:
    from threading import Event

    from newsletter.demo.story import Plot


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("demo")(demo)


def demo(
    once: bool = typer.Option(
        False, "--once", help="Nach dem Versand aufhören, statt zum Ansehen stehen zu bleiben."
    ),
    mails: str = typer.Option(
        None, "--mails", metavar="ORDNER", help="Jede angekommene Mail dort als .eml ablegen."
    ),
) -> None:
    """Die ganze Strecke vorführen, vom Einreichen bis zum Lesen.

    Alles läuft auf diesem Rechner in einem eigenen Ordner, mit erfundenen Clustern und
    Adressen und einem Mailserver, der alles behält und im Browser zeigt. Strg+C beendet.
    Mit --home ORDNER bleibt der Ordner erhalten.

    \b
    Beispiel:
      newsletter demo
      newsletter demo --once --json --mails mails
    """
    import signal
    import threading
    import time
    from pathlib import Path

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *__: stop.set())
    begun = time.perf_counter()
    from newsletter.demo import mail_server, outcome, sender, stage, story

    folder = Path(mails) if mails else None
    if folder:
        mail_server.make_room(folder)
    with stage.built(invocation.home if invocation.home_given else None) as built:
        stands = _("Datenbank, Webanwendung, Mailserver stehen in {home}")
        _say_step(begun, stands.format(home=built.settings.home))
        plot = story.Plot(built)
        _tell(plot, stop)
        if stop.is_set():
            return
        if folder:
            built.mailbox.write_to(folder)
        give(outcome.account(plot))
        if once:
            return
        say("\n" + _("Zum Ansehen:"))
        for label, address in outcome.addresses(plot):
            say(f"  {label:<48} {address}")
        say("\n" + _("Strg+C beendet die Vorführung."))
        sender.until(built, stop)
    say(_("Beendet."))


def _tell(plot: Plot, stop: Event) -> None:
    """Play scene after scene; say what each did and how long it took."""
    import time

    from newsletter.demo import story

    begun = time.perf_counter()
    for sentence in story.scenes(plot):
        _say_step(begun, sentence)
        if stop.is_set():
            return
        begun = time.perf_counter()


def _say_step(begun: float, sentence: str) -> None:
    import time

    whole, hundredths = divmod(round(100 * (time.perf_counter() - begun)), 100)
    took = _("{whole:3},{hundredths:02} s").format(whole=whole, hundredths=hundredths)
    say(f"{took}  {sentence}")
