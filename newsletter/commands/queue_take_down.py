"""``newsletter queue take-down``: what the law wants gone, gone from all that readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands import stake
from newsletter.commands.asking import at_a_terminal, text
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.errors import OutsideTrouble, unreadable
from newsletter.language import N_, _

if TYPE_CHECKING:
    from newsletter.queue import TakenDown

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")


class FilesStay(OutsideTrouble):
    """The operating system says no."""

    sentence = N_(
        "Der Beitrag ist entfernt, seine Bilder ließen sich aber nicht von der Platte löschen:"
        " {why}. Danach noch einmal: newsletter queue take-down {reference} --reason …"
    )


def take_down(
    reference: str = _REFERENCE,
    reason: str = typer.Option(
        "", "--reason", metavar="TEXT", help="Warum; steht nur im Protokoll, nirgends öffentlich."
    ),
) -> None:
    """Einen Beitrag von Rechts wegen entfernen: aus Archiv, Feeds, Kalender und Suche, für immer.

    Für Fälle wie Artikel 17 DSGVO oder § 22 KUG. Auch aus den gespeicherten Versandfassungen
    wird der Beitrag gelöscht, seine Bilder von der Platte; an seiner Stelle steht, dass und wann
    er entfernt wurde. Was freigegeben war, bleibt durch die Prüfsumme belegt. Rückgängig machen
    lässt sich das nicht. Wer die Mail schon hat, behält sie.

    \b
    Beispiel:
      newsletter queue take-down q12 --reason "Widerruf der Einwilligung am Foto" --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown

    if not reason.strip() and at_a_terminal():
        reason = text(_("Grund (nur fürs Protokoll)"))
    done = stake.act([reference], lambda act: queue.take_down(act, reference, reason))
    said = _("{reference} ist entfernt: {title}")
    say(said.format(reference=done.reference, title=done.title))
    queue_shown.tell_stopped(done.stopped)
    _tell(done)
    try:
        queue.remove_files(invocation.settings, done.pictures)
    except OSError as problem:
        raise FilesStay(why=unreadable(problem), reference=done.reference) from problem
    suggest(f"issue verify {done.blanked[-1]}" if done.blanked else "queue list")
    give(
        {
            "id": done.reference,
            "stopped": {issue: state.value for issue, state in done.stopped},
            "drafts": list(done.drafts),
            "blanked": list(done.blanked),
            "named_elsewhere": list(done.elsewhere),
            "pictures_deleted": len(done.pictures),
            "pictures_shared_with": list(done.shared),
        }
    )


def _tell(done: TakenDown) -> None:
    if done.blanked:
        said = _("Aus den gespeicherten Fassungen gelöscht: {issues}")
        say(said.format(issues=", ".join(done.blanked)))
    if done.elsewhere:
        said = _(
            "Sein Titel steht noch an anderer Stelle, zum Beispiel im Betreff oder in der"
            " Einleitung: {issues}. Das bleibt dort stehen; bitte ansehen."
        )
        say(said.format(issues=", ".join(done.elsewhere)))
    if done.shared:
        said = _("Sein Bild zeigt auch {references}; dort bleibt es.")
        say(said.format(references=", ".join(done.shared)))
    for issue in done.drafts:
        said = _("Noch herausnehmen: newsletter issue remove {issue} {reference}")
        say(said.format(issue=issue, reference=done.reference))
