"""The command tree of ``newsletter``; it only mounts newsletter/commands/."""

import gc
import sys

import typer

from newsletter.commands import (
    agenda,
    calendar,
    clusters,
    completion,
    context,
    database,
    demo,
    desk,
    editors,
    issue,
    log,
    queue,
    report,
    run,
    running,
    setup,
    ssh,
    stories,
    subscribers,
    template,
    tree,
    undo,
)
from newsletter.errors import NewsletterError
from newsletter.language import _

# Half a million objects come with our imports and stay; with the usual thresholds the collector
# looks through them so often that it costs a sixth of a short command's time.
_ROUNDS = (50_000, 20, 100)

app = tree.Noun(
    name="newsletter",
    help="Newsletter der Cluster: einreichen, auswählen, freigeben, versenden.",
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


for noun in (
    agenda,
    calendar,
    desk,
    setup,
    demo,
    clusters,
    queue,
    issue,
    stories,
    subscribers,
    report,
    editors,
    template,
    log,
    undo,
    run,
    running,
    database,
    ssh,
    completion,
):
    noun.mount(app)


def main() -> None:
    """Run the program; every error of ours leaves as a sentence and its exit code."""
    gc.set_threshold(*_ROUNDS)
    try:
        arguments = context.take_shared_options(sys.argv[1:])
        if not arguments and agenda.is_home():
            arguments = ["agenda"]
        sys.exit(tree.translated(app)(arguments, prog_name="newsletter", standalone_mode=False))
    except NewsletterError as error:
        context.warn(_("Fehler: {error}").format(error=error))
        if context.invocation.several:
            context.warn(_("Auch mit den anderen ist nichts geschehen."))
        sys.exit(error.exit_code)
    except typer.Abort:
        context.warn(_("Abgebrochen."))
        sys.exit(1)
    except Exception as error:
        if not tree.is_wrong_usage(error):
            raise
        context.warn(tree.sentence(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
