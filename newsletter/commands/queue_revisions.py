"""``newsletter queue``: the revisions of an item, their difference, and an earlier one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.queue import Difference, Version

_REFERENCE = typer.Argument(..., metavar="ID", help="Die Einreichung, zum Beispiel q12.")


def revisions(reference: str = _REFERENCE) -> None:
    """Alle Fassungen einer Einreichung: wer sie wann machte, und was anders wurde.

    \b
    Beispiel:
      newsletter queue revisions q12
    """
    from newsletter import queue

    with invocation.look() as session:
        found = queue.revisions(session, reference)
    heads = [_("Fassung"), _("Wann"), _("Von"), _("Geändert"), _("Steht in")]
    table(heads, [_row(each) for each in found])
    newest = found[-1].revision
    item = f"q{newest.submission_id}"
    suggest(f"queue diff {item}" if len(found) > 1 else f"queue show {item}")
    give([_facts(each) for each in found])


def _row(it: Version) -> list[object]:
    from newsletter.commands import moments
    from newsletter.submissions.spoken import field_name

    made = it.revision
    changed = ", ".join(field_name(name) for name in it.changed)
    return [
        *(made.number, moments.moment(made.made_at), made.made_by),
        *(changed or _("(eingereicht)"), ", ".join(it.issues)),
    ]


def _facts(it: Version) -> dict[str, object]:
    return {
        "revision": it.revision.number,
        "at": it.revision.made_at.isoformat(),
        "by": it.revision.made_by,
        "changed": list(it.changed),
        "issues": list(it.issues),
    }


def diff(
    reference: str = _REFERENCE,
    before: int = typer.Argument(
        None, metavar="[VON]", min=1, help="Die eine Fassung; sonst die vorletzte."
    ),
    after: int = typer.Argument(
        None, metavar="[BIS]", min=1, help="Die andere; sonst die neueste."
    ),
) -> None:
    """Zeigen, was zwei Fassungen unterscheidet: „-“ ging, „+“ kam.

    \b
    Beispiel:
      newsletter queue diff q12
      newsletter queue diff q12 1 3
    """
    from newsletter import queue

    with invocation.look() as session:
        found = queue.diff(session, invocation.settings, reference, before, after)
    _tell(found)
    give(
        {
            "id": found.reference,
            "from": found.before.number,
            "to": found.after.number,
            "fields": {
                name: [f"{line.sign} {line.text}" for line in lines]
                for name, lines in found.fields.items()
            },
        }
    )


def _tell(it: Difference) -> None:
    from newsletter.commands import moments
    from newsletter.submissions.spoken import field_name

    said = _("{reference}  Fassung {before} ({by}) → {after} ({whom}, {when})")
    facts = {"before": it.before.number, "by": it.before.made_by, "after": it.after.number}
    when = moments.moment(it.after.made_at)
    say(said.format(reference=it.reference, whom=it.after.made_by, when=when, **facts))
    for name, lines in it.fields.items():
        say(f"\n{field_name(name)}:")
        for line in lines:
            say(f"  {line.sign} {line.text}".rstrip())
    if not it.fields:
        say(_("Kein Unterschied."))
        suggest(f"queue revisions {it.reference}")
    else:
        say()
        back = _("Zurück zu Fassung {number}: newsletter queue restore {reference} {number}")
        say(back.format(reference=it.reference, number=it.before.number))


def restore(
    reference: str = _REFERENCE,
    number: int = typer.Argument(..., metavar="FASSUNG", min=1, help="Die Fassung, deren Text."),
) -> None:
    """Den Text einer früheren Fassung wieder nehmen; es entsteht eine neue Fassung.

    Wo und wann der Beitrag erscheinen darf, und ob die Rechte bestätigt sind, bleibt, wie es
    jetzt ist. Ausgaben behalten die Fassung, die sie haben; „issue check“ nennt sie.

    \b
    Beispiel:
      newsletter queue restore q12 2 --as redaktion
    """
    from newsletter import queue
    from newsletter.commands import queue_shown

    with invocation.act() as act:
        done = queue.restore(act, reference, number)
    said = _("{reference} liest sich wieder wie Fassung {number}.")
    say(said.format(reference=done.reference, number=number))
    queue_shown.tell_edited(done)
