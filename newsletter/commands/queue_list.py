"""``newsletter queue list``."""

from __future__ import annotations

import typer

from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import _


def list_(
    state: str = typer.Option(
        None,
        "--state",
        metavar="STAND",
        help="received, in_review, decided, withdrawn, asked, accepted, declined … oder all.",
    ),
    newsletter: str = typer.Option(None, "--newsletter", metavar="SLUG", help="Nur für diesen."),
    kind: str = typer.Option(
        None, "--kind", metavar="ART", help="Nur news, date oder success_story."
    ),
    mine: bool = typer.Option(False, "--mine", help="Nur, was Ihnen zugewiesen ist."),
    new: bool = typer.Option(False, "--new", help="Nur, was noch niemand angesehen hat."),
    late: bool = typer.Option(
        False, "--late", help="Nur, was nach dem Redaktionsschluss der nächsten Ausgabe kam."
    ),
) -> None:
    """Zeigen, was auf Entscheidung oder Ausgabe wartet.

    Die Tabelle passt sich dem Fenster an; für Vorleseprogramme gibt --plain eine Angabe je
    Zeile. Die Kennungen allein nehmen andere Befehle mit „-“ von der Standardeingabe.

    \b
    Beispiel:
      newsletter queue list --newsletter clusterplattform --kind date
      newsletter queue list --late --mine --as redaktion
      newsletter queue list --new --json | newsletter queue assign - freigabe --as redaktion
    """
    from newsletter import queue, submissions
    from newsletter.commands import queue_alike, queue_shown
    from newsletter.errors import WrongUsage
    from newsletter.history import now
    from newsletter.models.submission import SubmissionState

    if newsletter:
        invocation.settings.newsletter(newsletter)
    if new and state:
        raise WrongUsage(why=_("Bitte --new oder --state angeben, nicht beide."))
    state = SubmissionState.RECEIVED.value if new else state
    whose = invocation.actor().name if mine else None
    with invocation.look() as session:
        entries = queue.list_(
            session, state=state, newsletter=newsletter, kind=kind, assigned=whose
        )
        coming = submissions.coming_issues(session, invocation.settings, now())
        after = {e.submission.reference: queue.late_for(e, coming) for e in entries}
        entries = [e for e in entries if after[e.submission.reference] or not late]
        alike = queue.alike_in(session, invocation.settings, entries)
    if entries:
        table(
            queue_shown.heads(),
            [queue_shown.row(e, late=bool(after[e.submission.reference])) for e in entries],
            lead=3,
        )
    merge = queue_alike.tell_list(alike)
    waiting = [e.submission.reference for e in entries if "asked" in e.clearances.values()]
    asked = [e.submission.reference for e in entries if e.submission.state == "question"]
    waiting = [reference for reference in waiting if reference not in asked]
    if not entries:
        say(_("Hier wartet nichts."))
    elif merge:
        suggest(merge)
    elif waiting:
        suggest(f"queue show {waiting[0]}")
    give(
        [
            queue_shown.facts(entry)
            | {"late_for": list(after[entry.submission.reference])}
            | queue_alike.facts(alike.get(entry.submission.reference))
            for entry in entries
        ]
    )
