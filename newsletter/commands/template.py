"""``template``: a newsletter's look made, checked, shown with the nastiest texts, compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.commands.tree import Noun
from newsletter.language import N_, _, n_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.looks.checking import Checked
    from newsletter.looks.comparing import Compared

_USUAL = "clusterplattform"


def mount(app: typer.Typer) -> None:
    """Put the noun into the tree."""
    noun = Noun(help="Vorlagen: neue anlegen, prüfen, zeigen, nach einer Erneuerung vergleichen.")
    noun.command("new")(new)
    noun.command("copy")(copy)
    noun.command("check")(check)
    noun.command("gallery")(gallery)
    noun.command("diff")(diff)
    app.add_typer(noun, name="template")


def new(
    name: str = typer.Argument(
        ..., metavar="VORLAGE", help="Wie der Ordner unter templates/ heißen soll."
    ),
    like: str = typer.Option(
        _USUAL, "--like", metavar="VORLAGE", help="Der Newsletter, dessen Aufbau er übernimmt."
    ),
) -> None:
    """Die Vorlage eines weiteren Newsletters anlegen: Aufbau, Farben, Textteil.

    Sie entsteht unter templates/ als Kopie und gehört dann Ihnen. Daneben liegt, was
    newsletter.toml dafür braucht; nichts davon gilt, bevor es dort steht. Ein Ordner, den es
    schon gibt, bleibt unberührt; nicht mehr gewollt, wird er einfach gelöscht.

    \b
    Beispiel:
      newsletter template new regionalpost --like clusterplattform
    """
    from newsletter.looks import making

    home = invocation.settings.home
    made = making.new(home, name, like)
    for path in made:
        say(str(path))
    facts = next(path for path in made if path.name == making.CONFIGURATION)
    said = _(
        "Was newsletter.toml dafür braucht, steht in {file}. Bitte dort Namen, Betreff, Begrüßung,"
        " Adressen und Einwilligung ändern und dann einmal anhängen (und newsletter run, wenn es"
        " läuft, neu starten): cat {file} >> {toml}"
    )
    say(said.format(file=facts, toml=home / making.CONFIGURATION))
    suggest(f"template check {name}")
    give({"name": name, "like": like, "files": [str(path) for path in made]})


def copy(
    name: str = typer.Argument(..., metavar="VORLAGE", help="Zum Beispiel blocks/date.mjml."),
) -> None:
    """Eine mitgelieferte Vorlage übernehmen, um sie zu ändern: für alle Newsletter.

    Die Kopie liegt dann unter templates/ und gilt statt unserer. Wer sie löscht, hat wieder
    unsere. „newsletter template diff“ sagt nach einer Erneuerung, was sich seither getan hat.

    \b
    Beispiel:
      newsletter template copy blocks/date.mjml
    """
    from newsletter.looks import making

    path = making.copy(invocation.settings.home, name)
    said = _("{file} gilt jetzt statt der mitgelieferten Vorlage.")
    say(said.format(file=path))
    suggest("template check")
    give({"file": name, "path": str(path)})


# -- check -------------------------------------------------------------------------------------

_LEVELS = {"error": N_("Fehler"), "warning": N_("Warnung"), "hint": N_("Hinweis")}


def check(
    name: str = typer.Argument(
        None, metavar="[VORLAGE]", help="Nur der Newsletter mit diesem Ordner; sonst alle."
    ),
) -> None:
    """Alle Vorlagen prüfen: die eigenen Zeile für Zeile, jeden Newsletter mit widrigen Texten.

    Gefunden werden Schreibfehler, unbekannte MJML-Elemente und Attribute, fehlende Vorlagen,
    zu schwache Kontraste bei Tag und bei Nacht, ein fehlendes Impressum oder fehlender
    Abmeldelink; jeder Fehler mit Datei und Zeile. Ende mit 1, wenn es Fehler gibt.

    \b
    Beispiel:
      newsletter template check
      newsletter template check clusterplattform --json
    """
    from newsletter.history import now
    from newsletter.looks import checking

    found = checking.check(invocation.settings, now(), name)
    _tell(found, name)
    give(
        {
            "templates": found.templates,
            "newsletters": list(found.newsletters),
            "faults": [
                {"check": it.check, "level": it.level.value, "where": it.where, "text": it.text}
                for it in found.faults
            ],
        }
    )
    if any(it.level == "error" for it in found.faults):
        raise typer.Exit(1)


def _tell(found: Checked, name: str | None) -> None:
    for it in found.faults:
        say(f"{_(_LEVELS[it.level.value])}: {it.where}: {it.text}")
    if found.faults:
        say()
    looked = n_("Gelesen: {n} eigene Vorlage", "Gelesen: {n} eigene Vorlagen", found.templates)
    said = _("{looked}; mit Texten gefüllt: {newsletters}.")
    names = ", ".join(found.newsletters)
    say(said.format(looked=looked.format(n=found.templates), newsletters=names))
    if not found.faults:
        say(_("Nichts gefunden."))
        suggest("template gallery")
    else:
        suggest(f"template check {name}" if name else "template check")


# -- gallery -----------------------------------------------------------------------------------


def gallery(
    write: Path = typer.Option(
        Path("gallery"), "--write", metavar="ORDNER", help="Wohin; ohne Angabe: gallery."
    ),
) -> None:
    """Jeden Baustein zeigen, mit den widrigsten Texten, bei Tag, bei Nacht und am Telefon.

    Es entsteht ein Ordner mit einer Seite für den Browser (index.html) und je Newsletter der
    ganzen Mail als HTML und Text. Was dort schon liegt, wird ersetzt.

    \b
    Beispiel:
      newsletter template gallery --write galerie
    """
    from newsletter.looks import showing

    made = showing.write(invocation.settings, write)
    for path in made:
        say(str(path))
    say(_("Bitte im Browser öffnen: {file}").format(file=made[0].resolve()))
    give({"files": [str(path) for path in made]})


# -- diff --------------------------------------------------------------------------------------

_STANDINGS = {
    "own": N_("eigene Vorlage, von uns gibt es keine"),
    "same": N_("wie unsere"),
    "changed": N_("von Ihnen geändert; unsere ist, wie sie war"),
    "behind": N_("von Ihnen nicht geändert; unsere ist inzwischen neuer"),
    "both": N_("von Ihnen geändert, und unsere inzwischen auch: bitte zusammenführen"),
    "differs": N_("anders als unsere; seit wann, ist nicht festgehalten"),
}
_GREEN, _RED, _BOLD, _END = "\x1b[32m", "\x1b[31m", "\x1b[1m", "\x1b[0m"


def diff(
    name: str = typer.Argument(
        None, metavar="[VORLAGE]", help="Nur diese, zum Beispiel blocks/date.mjml."
    ),
) -> None:
    """Die eigenen Vorlagen mit den mitgelieferten vergleichen, nach einer Erneuerung.

    Zeigt, welche unsere ersetzen, welche unverändert sind (und gelöscht werden können), was
    Sie geändert haben und was wir seither.

    \b
    Beispiel:
      newsletter template diff
      newsletter template diff blocks/date.mjml
    """
    from newsletter.looks import comparing, making

    home = invocation.settings.home
    found = comparing.compare(home)
    if name is not None:
        known = [it.file for it in found]
        found = [it for it in found if it.file == name]
        if not found:
            raise making.NoSuchTemplate(name=name, nearest=making.perhaps(name, known))
    for it in found:
        _show(it, home)
    if not found:
        say(_("Dieser Ordner hat keine eigenen Vorlagen; es gelten die mitgelieferten."))
        suggest("template copy blocks/item.mjml")
    elif any(it.standing != "own" for it in found):
        suggest("template check")
    give({"files": [_facts(it) for it in found]})


def _show(it: Compared, home: Path) -> None:
    since = (
        _(" (übernommen von Version {version})").format(version=it.version) if it.version else ""
    )
    _coloured(f"{it.file}: {_(_STANDINGS[it.standing.value])}{since}", _BOLD)
    if it.needless:
        path = home / "templates" / it.file
        say("  " + _("Kann weg, dann gilt unsere: rm {file}").format(file=path))
    if it.yours:
        say("  " + _("Was Sie geändert haben:"))
        _lines(it.yours)
    if it.ours:
        say("  " + _("Was wir seither geändert haben:"))
        _lines(it.ours)
    say()


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        _coloured(line, {"+": _GREEN, "-": _RED}.get(line[:1], ""))


def _coloured(line: str, colour: str) -> None:
    bright = sys.stdout.isatty() and not invocation.plain and not os.environ.get("NO_COLOR")
    say(f"{colour}{line}{_END}" if bright and colour else line)


def _facts(it: Compared) -> dict[str, object]:
    return {
        "file": it.file,
        "of": it.of or None,
        "standing": it.standing.value,
        "version": it.version or None,
        "needless": it.needless,
        "yours": list(it.yours),
        "ours": list(it.ours),
    }
