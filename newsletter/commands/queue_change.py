"""``newsletter queue change``: what a contributor wants changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands import stake
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.queue import Wanted

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")


def change(
    reference: str = _REFERENCE,
    take: bool = typer.Option(False, "--take", help="Den Wunsch übernehmen."),
    decline: bool = typer.Option(False, "--decline", help="Den Wunsch ablehnen, mit --reason."),
    reason: str = typer.Option("", "--reason", metavar="TEXT", help="Warum nicht."),
) -> None:
    """Den Änderungswunsch einer Ansprechperson zeigen, übernehmen oder ablehnen.

    Ohne --take und --decline zeigt er nur, was anders werden soll: „-“ geht, „+“ kommt. Ein
    übernommener Wunsch ist eine neue Fassung; Ausgaben zeigen die alte, bis jemand sie ändert.

    \b
    Beispiel:
      newsletter queue change q12 --as redaktion
      newsletter queue change q12 --take --as redaktion
      newsletter queue change q12 --decline --reason "Der Titel ist schon gesetzt."
    """
    from newsletter import queue
    from newsletter.errors import WrongUsage

    if take and decline:
        raise WrongUsage(why=_("Bitte --take oder --decline angeben, nicht beide."))
    if take:
        _take(reference)
    elif decline:
        with invocation.act() as act:
            left = queue.decline_change(act, reference, reason)
        said = _("{reference}: Der Wunsch ist abgelehnt; die Ansprechperson erfährt den Grund.")
        say(said.format(reference=left.reference))
        give({"id": left.reference, "change": "declined"})
    else:
        invocation.actor()
        with invocation.look() as session:
            _show(queue.wanted_of(session, reference))


def _show(wanted: Wanted) -> None:
    from newsletter.submissions.spoken import field_name

    say(f"{wanted.reference}  {wanted.title}")
    for name, lines in wanted.differences.items():
        say(f"\n{field_name(name)}:")
        for line in lines:
            say(f"  {line.sign} {line.text}".rstrip())
    if wanted.request.comment:
        say("\n" + _("Außerdem: {comment}").format(comment=wanted.request.comment))
    if wanted.clashes:
        fields = ", ".join(field_name(name) for name in wanted.clashes)
        said = _(
            "Auch die Redaktion hat hier inzwischen geändert: {fields}. Übernommen wird der Wunsch;"
            " was die Redaktion schrieb, zeigt: newsletter queue diff {reference}"
        )
        say("\n" + said.format(fields=fields, reference=wanted.reference))
    suggest(f"queue change {wanted.reference} --take")
    give(
        {
            "id": wanted.reference,
            "change": "open",
            "wanted": wanted.request.wanted,
            "comment": wanted.request.comment,
            "asked_at": wanted.request.asked_at.isoformat(),
        }
    )


def _take(reference: str) -> None:
    from newsletter import queue
    from newsletter.commands import queue_shown

    done = stake.act([reference], lambda act: queue.take_over(act, reference))
    said = _("{reference}: Der Wunsch ist übernommen, als Fassung {revision}.")
    say(said.format(reference=done.reference, revision=done.revision))
    queue_shown.tell_stopped(done.stopped)
    for issue in done.older_in:
        said = _("{issue} zeigt noch die alte Fassung.").format(issue=issue)
        say(said)
        suggest(f"issue check {issue}")
    if not done.older_in:
        suggest(f"queue show {done.reference}")
    give(
        {
            "id": done.reference,
            "change": "taken_over",
            "revision": done.revision,
            "older_in": list(done.older_in),
        }
    )
