"""``newsletter queue picture``: a picture for an item, from a file or by a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.queue import Edited

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
    crop: str = typer.Option(
        "",
        "--crop",
        metavar="FORM|RAND=PROZENT,…",
        help="Ohne DATEI: das Bild, das da ist, beschneiden. FORM: 16:9, 4:3, 1:1.",
    ),
    keep: str = typer.Option(
        "",
        "--keep",
        metavar="STELLE",
        help="Was bei einer FORM bleiben muss: center, top, bottom, left, right, oder Prozent"
        " von links und oben wie 40,20.",
    ),
) -> None:
    """Einer Einreichung ein Bild geben, oder ein anderes; es entsteht eine neue Fassung.

    Mit --link kommt das Bild von einem anderen Rechner als dem, auf dem das Programm läuft: Die
    Adresse geht einmal und zwölf Stunden lang. --crop schneidet das Bild der Einreichung in
    eine Form, um die Stelle --keep herum, oder vom Rand so viel Prozent ab: oben (top), rechts
    (right), unten (bottom), links (left). Seine Worte bleiben; „undo“ bringt es ganz zurück.

    \b
    Beispiel:
      newsletter queue picture q12 urkunde.jpg --alt "Drei Personen" --credit "Kim Beispiel"
      newsletter queue picture q12 --link --as redaktion
      newsletter queue picture q12 --crop 16:9 --keep top
      newsletter queue picture q12 --crop top=20,right=10
    """
    from newsletter.errors import WrongUsage

    if sum(map(bool, (link, file, crop))) != 1:
        raise WrongUsage(why=_("Bitte eine DATEI angeben, oder --link, oder --crop."))
    if keep and not crop:
        raise WrongUsage(why=_("--keep gilt nur zusammen mit --crop."))
    if crop and (alt or decorative or credit or rights):
        stays = _("Mit --crop bleiben Beschreibung, Nachweis und Rechte des Bildes, wie sie sind.")
        raise WrongUsage(why=stays)
    if crop:
        _crop(reference, crop, keep)
    elif link:
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
    from newsletter.commands import given

    prepared = pictures.prepare(given.bytes_of(file))
    words = queue.Words(alt, decorative, credit, rights)
    with invocation.act() as act:
        done = queue.set_picture(act, reference, prepared, words)
    _tell(done)


def _crop(reference: str, text: str, keep: str) -> None:
    from newsletter import queue

    cut, settings = queue.crop_of(text, keep), invocation.settings
    with invocation.look() as session:
        shown = queue.picture_of(session, settings, reference)
    prepared = queue.cut_out(shown, cut)
    with invocation.act() as act:
        done = queue.crop(act, shown, prepared)
    said = _("Das Bild ist in der Mail jetzt {width} × {height} Pixel groß.")
    say(said.format(width=prepared.width, height=prepared.height))
    _tell(done)


def _tell(done: Edited) -> None:
    from newsletter.commands import queue_shown

    said = _("{reference} hat das Bild, als Fassung {revision}.")
    say(said.format(reference=done.reference, revision=done.revision))
    queue_shown.tell_stopped(done.stopped)
    for issue in done.older_in:
        say(_("{issue} zeigt noch die alte Fassung.").format(issue=issue))
        suggest(f"issue add {issue} {done.reference}")
    if not done.older_in:
        suggest(f"queue show {done.reference}")
    give({"id": done.reference, "revision": done.revision, "older_in": list(done.older_in)})
