"""``newsletter init``: make a home."""

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import N_, _


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("init")(init)


def init(
    folder: str = typer.Argument(
        None, metavar="[ORDNER]", help="Neu oder leer; sonst der Ordner aus --home."
    ),
) -> None:
    """Einen Ordner einrichten: Einstellungen, Datenbank, Bilder, Geheimnis.

    Was entsteht, kann so senden, wie es ist: an einen Mailserver auf diesem Rechner, mit
    Adressen unter .example. Eine Datenbank an anderer Stelle nennt NEWSLETTER_DATABASE_URL.

    \b
    Beispiel:
      newsletter init redaktion
    """
    from pathlib import Path

    from newsletter import home_folder

    home = (Path(folder) if folder else invocation.home).resolve()
    home_folder.make(home)
    say(_("Eingerichtet: {home}").format(home=home))
    for name, what in _CONTENTS:
        say(f"  {name:<17} {_(what)}")
    say()
    file = _("DATEI")
    suggest(f"--home {home} clusters import {file}")
    give({"home": str(home)})


_CONTENTS = (
    ("newsletter.toml", N_("alle Einstellungen, mit Erklärungen")),
    ("secret", N_("das Geheimnis, aus dem Abmeldelinks entstehen: mitsichern")),
    ("media", N_("Bilder")),
)
