"""``newsletter queue edit --archive-only``: a note at an item that has appeared."""

from __future__ import annotations

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

ARCHIVE_ONLY = typer.Option(
    False, "--archive-only", help="Nur ein Hinweis am Beitrag im Archiv (--note), ohne Mail."
)
NOTE = typer.Option(
    None, "--note", metavar="TEXT", help="Der Hinweis: was falsch war und was richtig ist."
)
ISSUE = typer.Option(
    None, "--issue", metavar="AUSGABE", help="Nur in dieser; sonst in allen erschienenen."
)
TAKE_BACK = typer.Option(
    False, "--take-back", help="Mit --archive-only: den letzten Hinweis wegnehmen."
)


def archive_only(
    reference: str, file: str | None, note: str | None, issue: str | None, *, take_back: bool
) -> None:
    """Put a note at an item in the archive, or take the last one away; say where it stands."""
    from newsletter import issues
    from newsletter.errors import WrongUsage

    if file or (take_back and note):
        raise WrongUsage(why=_("Mit --archive-only bitte nur --note oder nur --take-back."))
    with invocation.act() as act:
        if take_back:
            done = issues.take_note_back(act, reference, issue)
        else:
            done = issues.annotate(act, reference, note or "", *filter(None, [issue]))
    links = invocation.settings.links
    if take_back:
        said = _("{id}: Der Hinweis steht nicht mehr im Archiv: „{note}“")
    else:
        said = _("{id}: Am Beitrag steht jetzt „{note}“; der Text selbst bleibt, wie er war.")
    say(said.format(id=done.reference, note=done.note))
    addresses = {
        each.id: links.archive(each.newsletter, each.number)
        if each.audience == "public"
        else links.read(each.read_key)
        for each in done.issues
    }
    for key, address in addresses.items():
        say(f"  {key}  {address}#{done.reference}")
    suggest(f"queue show {done.reference}")
    give(
        {
            "id": done.reference,
            "note": done.note,
            "taken_back": take_back,
            "issues": [
                {"id": key, "url": f"{address}#{done.reference}"}
                for key, address in addresses.items()
            ],
        }
    )


def require_archive_only(note: str | None, issue: str | None, *, take_back: bool) -> None:
    """WrongUsage for options that mean nothing without it."""
    from newsletter.errors import WrongUsage

    if note or issue or take_back:
        wrong = _("--note, --issue und --take-back gelten nur zusammen mit --archive-only.")
        raise WrongUsage(why=wrong)
