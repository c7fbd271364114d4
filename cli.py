"""The command tree of ``newsletter``; it only mounts newsletter/commands/."""

import sys

import typer

from newsletter.commands import (
    clusters,
    context,
    demo,
    issue,
    log,
    queue,
    running,
    setup,
    subscribers,
)
from newsletter.errors import NewsletterError

app = typer.Typer(
    name="newsletter",
    help="Newsletter der Cluster: einreichen, auswählen, freigeben, versenden.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(
    epilog="--home, --as, --json und --plain dürfen auch hinter dem Befehl stehen."
    " Ohne --home gilt NEWSLETTER_HOME, sonst der aktuelle Ordner.",
)
def newsletter(
    home: str = typer.Option(None, "--home", metavar="ORDNER", help="Der eingerichtete Ordner."),
    as_: str = typer.Option(None, "--as", metavar="NAME", help="Wer handelt (aus [[editors]])."),
    json: bool = typer.Option(False, "--json", help="Das Ergebnis als JSON."),
    plain: bool = typer.Option(False, "--plain", help="Ohne Tabellen, Zeile für Zeile."),
) -> None:
    """Newsletter der Cluster: einreichen, auswählen, freigeben, versenden."""


for noun in (setup, demo, clusters, queue, issue, subscribers, log, running):
    noun.mount(app)


def main() -> None:
    """Run the program; every error of ours leaves as a sentence and its exit code."""
    try:
        arguments = context.take_shared_options(sys.argv[1:])
        app(arguments, standalone_mode=True)
    except NewsletterError as error:
        context.warn(f"Fehler: {error}")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
