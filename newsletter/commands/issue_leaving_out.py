"""``newsletter issue skip`` and ``unskip``: an issue of the rhythm that does not appear."""

from __future__ import annotations

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

_SLUG = typer.Argument(..., metavar="SLUG", help="Der Newsletter.")
_NUMBER = typer.Argument(..., metavar="N", help="Die Nummer, zum Beispiel 2027-08.")


def skip(
    newsletter: str = _SLUG,
    number: str = _NUMBER,
    reason: str = typer.Option(..., "--reason", metavar="TEXT", help="Warum, in einem Satz."),
) -> None:
    """Eine Ausgabe des Rhythmus ausfallen lassen.

    Ihre Nummer wird übersprungen: Niemand beginnt sie, und was für sie zurückgestellt war, kommt in
    die nächste. Ein leerer Entwurf wird abgesagt. Zurück nimmt es „issue unskip“.

    \b
    Beispiel:
      newsletter issue skip clusterplattform 2027-08 --reason "Sommerpause" --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        key = issues.skip(act, newsletter, number, reason)
    say(_("{issue} fällt aus: {why}").format(issue=key, why=reason))
    suggest("calendar")
    give({"id": key, "newsletter": newsletter, "number": number, "left_out": reason})


def unskip(newsletter: str = _SLUG, number: str = _NUMBER) -> None:
    """Eine Ausgabe doch erscheinen lassen, die ausfallen sollte.

    \b
    Beispiel:
      newsletter issue unskip clusterplattform 2027-08 --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        key = issues.unskip(act, newsletter, number)
    say(_("{issue} erscheint wieder.").format(issue=key))
    suggest("calendar")
    give({"id": key, "newsletter": newsletter, "number": number, "left_out": None})
