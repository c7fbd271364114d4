"""``newsletter desk``: the full screen."""

from __future__ import annotations

import typer

from newsletter.commands.asking import at_a_terminal
from newsletter.commands.context import invocation, warn
from newsletter.errors import NewsletterError, Refused
from newsletter.language import N_, _


class NoTerminal(Refused):
    sentence = N_(
        "Der Tisch braucht ein Terminal. Ohne geht alles mit Befehlen: newsletter queue list,"
        " newsletter queue accept, newsletter issue new, issue fill, issue check, issue request"
        " und issue schedule."
    )


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("desk")(desk)


def desk(context: typer.Context) -> None:
    """Der Tisch der Redaktion: Warteschlange, Beitrag und Ausgabe auf einem Bildschirm.

    Jede Taste tut, was auch ein Befehl tut; welche es gibt, zeigt „?“. Geht über ssh und ab 80
    Zeichen mal 24 Zeilen gut. Für Bildschirmleser sind die Befehle mit --plain da.

    \b
    Beispiel:
      newsletter desk --as redaktion
    """
    actor = invocation.actor()
    if not at_a_terminal():
        raise NoTerminal
    from newsletter.desk.app import EditorsDesk
    from newsletter.desk.hands import Hands

    def command(words: list[str]) -> None:
        _give_way(context, words)

    hands = Hands(invocation.engine, invocation.settings, actor)
    EditorsDesk(hands, command).run()


def _give_way(context: typer.Context, words: list[str]) -> None:
    """A command that opens an editor, as if it were typed; what it says stays to be read."""
    try:
        context.find_root().command(words, prog_name="newsletter", standalone_mode=False)
    except NewsletterError as error:
        warn(_("Fehler: {error}").format(error=error))
    except (typer.Abort, KeyboardInterrupt):
        warn(_("Abgebrochen."))
    try:
        input(_("Weiter mit der Eingabetaste …"))
    except (EOFError, KeyboardInterrupt):
        print()
