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
    """Einen Ordner einrichten, aus dem gesendet werden kann.

    Was entsteht, kann so senden, wie es ist: an einen Mailserver auf diesem Rechner, mit
    Adressen unter .example. Eine Datenbank an anderer Stelle, auch auf einem
    PostgreSQL-Server, nennt NEWSLETTER_DATABASE_URL; sie muss schon da sein, und die Variable
    muss auch später gesetzt sein.

    \b
    Beispiel:
      newsletter init redaktion
    """
    from pathlib import Path
    from shlex import quote

    from newsletter import home_folder

    home = (Path(folder) if folder else invocation.home).resolve()
    made = home_folder.make(home)
    say(_("Eingerichtet: {home}").format(home=home))
    _say_where_the_database_is(made.database_url)
    for name, what in _CONTENTS:
        say(f"  {name:<17} {_(what)}")
    say()
    file = _("DATEI")
    suggest(f"--home {quote(str(home))} clusters import {file}")
    give({"home": str(home)})


def _say_where_the_database_is(url: str) -> None:
    from urllib.parse import urlsplit

    address = urlsplit(url)
    if address.scheme.startswith("postgres"):
        where = _("in der Datenbank „{name}“ auf dem PostgreSQL-Server; die Adresse bleibt in {it}")
        name = address.path.strip("/")
        say(f"  {_('Tabellen'):<17} " + where.format(name=name, it="NEWSLETTER_DATABASE_URL"))


_CONTENTS = (
    ("newsletter.toml", N_("alle Einstellungen, mit Erklärungen")),
    ("secret", N_("das Geheimnis, aus dem Abmeldelinks entstehen: mitsichern")),
    ("media", N_("Bilder")),
)
