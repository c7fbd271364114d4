"""``newsletter undo``."""

from __future__ import annotations

import typer

from newsletter.commands import stake
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("undo")(undo)


def undo(
    given: str = typer.Argument(
        None, metavar="[ID]", help="Nur das Letzte an dieser Einreichung oder Ausgabe."
    ),
) -> None:
    """Das Letzte zurücknehmen, was Sie getan haben.

    Angenommen, zurückgestellt, bearbeitet, in eine Ausgabe gesetzt, geplant: Danach ist wieder,
    was vorher war. Noch einmal gegeben, nimmt der Befehl zurück, was davor geschah. Die
    Nachricht über eine Entscheidung wartet zehn Minuten; so lange geht sie dann nicht hinaus.
    Was sich nicht zurücknehmen lässt, wird mit dem Grund genannt, und was stattdessen geht.

    \b
    Beispiel:
      newsletter undo --as redaktion
      newsletter undo q12 --as redaktion
      newsletter undo clusterplattform-2026-12 --as redaktion
    """
    from newsletter import undoing

    who = invocation.actor()
    with invocation.look() as session:
        seen = undoing.foreseen(session, invocation.settings, who, given)
    stake.ask_first(seen.at_stake)
    with invocation.act(who) as act:
        undone = undoing.undo(act, given, seen.deed)
    for each in undone:
        say(each.said)
    for told in dict.fromkeys(each.id for each in undone if each.facts.get("letter_left")):
        said = _("{reference}: Die Nachricht an die Ansprechperson ist schon hinausgegangen.")
        say(said.format(reference=told))
    suggest(undone[0].following)
    give([{"id": each.id, **each.facts} for each in undone])
