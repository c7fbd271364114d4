"""``newsletter issue``: what editors say to each other about an issue."""

from __future__ import annotations

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.commands.queue_together import COMMENT, asked_for
from newsletter.language import _

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def comment(key: str = _ISSUE, comment: str = COMMENT) -> None:
    """Etwas zu einer Ausgabe sagen, nur für die Redaktion.

    Den Kommentar zeigt „issue show“; die anderen aus der Redaktion lesen ihn auch in ihrer
    nächsten Nachricht über neue Beiträge. An der Ausgabe und ihrer Freigabe ändert er nichts.

    \b
    Beispiel:
      newsletter issue comment clusterplattform-2026-12 "Das Grußwort kommt morgen." --as redaktion
    """
    from newsletter import issues

    said = asked_for(comment)
    with invocation.act() as act:
        done = issues.comment(act, key, said)
    say(_("{key}: Ihr Kommentar steht dabei.").format(key=done.key))
    suggest(f"issue show {done.key}")
    give({"id": done.key, "comment": done.text})
