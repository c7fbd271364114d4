"""``newsletter queue picture``: a picture for an item, from a file or by a page."""

from __future__ import annotations

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")


def picture(
    reference: str = _REFERENCE,
    file: str = typer.Argument(None, metavar="[DATEI]", help="JPEG, PNG oder WebP bis 10 MB."),
    link: bool = typer.Option(
        False, "--link", help="Statt DATEI: die Adresse einer Seite, die ein Bild annimmt."
    ),
    alt: str = typer.Option("", "--alt", metavar="TEXT", help="Was zu sehen ist."),
    decorative: bool = typer.Option(False, "--decorative", help="Es schmückt nur."),
    credit: str = typer.Option("", "--credit", metavar="NAME", help="Wer es gemacht hat."),
    rights: bool = typer.Option(False, "--rights", help="Die Rechte liegen vor."),
) -> None:
    """Einer Einreichung ein Bild geben, oder ein anderes; es entsteht eine neue Fassung.

    Mit --link kommt das Bild von einem anderen Rechner als dem, auf dem das Programm läuft: Die
    Adresse geht einmal und zwölf Stunden lang.

    \b
    Beispiel:
      newsletter queue picture q12 urkunde.jpg --alt "Drei Personen" --credit "Kim Beispiel"
      newsletter queue picture q12 --link --as redaktion
    """
    from newsletter.errors import WrongUsage

    if link is bool(file):
        raise WrongUsage(why=_("Bitte eine DATEI angeben, oder --link."))
    if link:
        _give_link(reference)
    else:
        _take(reference, file, alt, decorative=decorative, credit=credit, rights=rights)


def _give_link(reference: str) -> None:
    from newsletter import queue, rhythm
    from newsletter.history import now

    settings, who = invocation.settings, invocation.actor()
    with invocation.look() as session:
        url, made = queue.upload_link(session, settings, reference, who.name, now())
    say(url)
    until = rhythm.in_words(made.until, settings.zone)
    say(_("Nimmt ein Bild an, einmal, bis {when}.").format(when=until))
    say(_("Die Seite antwortet, solange „newsletter run“ oder „newsletter serve“ läuft."))
    give({"id": made.reference, "url": url, "until": made.until.isoformat()})


def _take(
    reference: str, file: str, alt: str, *, decorative: bool, credit: str, rights: bool
) -> None:
    from newsletter import pictures, queue
    from newsletter.commands import given, queue_shown

    prepared = pictures.prepare(given.bytes_of(file))
    words = queue.Words(alt, decorative, credit, rights)
    with invocation.act() as act:
        done = queue.set_picture(act, reference, prepared, words)
    said = _("{reference} hat das Bild, als Fassung {revision}.")
    say(said.format(reference=done.reference, revision=done.revision))
    queue_shown.tell_stopped(done.stopped)
    for issue in done.older_in:
        say(_("{issue} zeigt noch die alte Fassung.").format(issue=issue))
        suggest(f"issue add {issue} {done.reference}")
    if not done.older_in:
        suggest(f"queue show {done.reference}")
    give({"id": done.reference, "revision": done.revision, "older_in": list(done.older_in)})
