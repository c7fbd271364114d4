"""``newsletter queue``: whose item it is, and what editors say to each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from newsletter.commands.asking import at_a_terminal, text
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.queue import Assigned

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")
COMMENT = typer.Argument(
    "", metavar="[TEXT]", help="Was zu sagen ist, oder eine Datei; „-“: Standardeingabe."
)


def assign(
    words: list[str] = typer.Argument(
        ..., metavar="ID… [NAME]", help="Einreichungen, dann der Name; ohne Namen: Sie selbst."
    ),
    nobody: bool = typer.Option(False, "--nobody", help="Niemandem mehr zuweisen."),
) -> None:
    """Einreichungen jemandem aus der Redaktion zuweisen.

    Ohne Namen übernehmen Sie sie selbst. Wem etwas zugewiesen wird, erfährt es in der nächsten
    Nachricht über neue Beiträge, samt den Kommentaren dazu; „queue list --mine“ zeigt es.

    \b
    Beispiel:
      newsletter queue assign q12 q15 freigabe --as redaktion
      newsletter queue assign q12 --as redaktion
      newsletter queue assign q12 --nobody --as redaktion
    """
    from newsletter import queue
    from newsletter.errors import WrongUsage

    references, name = _split(words)
    if name and nobody:
        raise WrongUsage(why=_("Bitte einen Namen oder --nobody angeben, nicht beides."))
    if not references:
        raise WrongUsage(why=_("Was soll zugewiesen werden? Zum Beispiel: queue assign q12 NAME"))
    with invocation.act() as act:
        to = None if nobody else name or act.actor.name
        assigned = queue.assign(act, references, to)
    for each in assigned:
        say(_told(each))
    suggest(f"queue show {assigned[0].reference}")
    give([{"id": it.reference, "assigned": it.to, "before": it.before} for it in assigned])


def _split(words: list[str]) -> tuple[list[str], str | None]:
    """References, and behind them perhaps a name."""
    if re.fullmatch(r"[qQ]?\d+", words[-1].strip()):
        return words, None
    return words[:-1], words[-1]


def _told(it: Assigned) -> str:
    facts = {"reference": it.reference, "title": it.title, "name": it.to or it.before}
    if it.to is None:
        said = _("{reference}  niemandem mehr zugewiesen: {title}")
    elif it.changed:
        said = _("{reference}  liegt jetzt bei {name}: {title}")
    else:
        said = _("{reference}  lag schon bei {name}: {title}")
    return said.format(**facts)


def comment(reference: str = _REFERENCE, comment: str = COMMENT) -> None:
    """Etwas zu einer Einreichung sagen, nur für die Redaktion.

    Den Kommentar zeigt „queue show“. Bei wem der Beitrag liegt, liest ihn auch in der nächsten
    Nachricht über neue Beiträge. Das Cluster sieht ihn nie; ihm schreibt „queue ask“.

    \b
    Beispiel:
      newsletter queue comment q12 "Das Bild ist zu dunkel; ich frage nach." --as redaktion
      newsletter queue comment q12 - --as redaktion < kommentar.txt
    """
    from newsletter import queue

    said = asked_for(comment)
    with invocation.act() as act:
        done = queue.comment(act, reference, said)
    say(_("{key}: Ihr Kommentar steht dabei.").format(key=done.key))
    suggest(f"queue show {done.key}")
    give({"id": done.key, "comment": done.text})


def asked_for(comment: str) -> str:
    """The comment as typed, asked for at a terminal, or read."""
    from newsletter.commands.queue_changes import typed_or_read

    invocation.actor()
    if not comment.strip() and at_a_terminal():
        comment = text(_("Kommentar (nur für die Redaktion)"))
    return typed_or_read(comment)
