"""``newsletter issue``: its earlier versions, and one of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands import moments, stake
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import N_, _

if TYPE_CHECKING:
    from newsletter.issues import Version

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
_FIELDS = {
    "subject": N_("Betreff"),
    "preheader": N_("Vorschauzeile"),
    "opening": N_("Einleitung"),
    "order": N_("Auswahl oder Reihenfolge der Beiträge"),
}


def revisions(key: str = _ISSUE) -> None:
    """Die früheren Stände einer Ausgabe: wer was wann geändert hat.

    \b
    Beispiel:
      newsletter issue revisions clusterplattform-2026-12
    """
    from newsletter import issues

    with invocation.look() as session:
        issue, found = issues.versions(session, key)
    if found:
        heads = [_("Stand"), _("galt bis"), _("Von"), _("Was"), _("Geändert")]
        table(heads, [_row(each) for each in found])
        say(_("Jetzt: Stand {version}").format(version=issue.version))
        how = _("Zurück zu Stand {number}: newsletter issue restore {issue} {number}")
        say(how.format(number=found[-1].number, issue=issue.id))
    else:
        said = _("{issue} wurde noch nicht geändert (Stand {version}).")
        say(said.format(issue=issue.id, version=issue.version))
        suggest(f"issue show {issue.id}")
    give({"id": issue.id, "version": issue.version, "before": [_facts(each) for each in found]})


def _row(it: Version) -> list[object]:
    from newsletter.commands.log import DONE

    changed = ", ".join(_(_FIELDS[name]) for name in it.fields)
    done = _(DONE.get(it.what, it.what))
    return [it.number, moments.moment(it.until), it.changed_by, done, changed]


def _facts(it: Version) -> dict[str, object]:
    texts = {name: it.before[name] for name in ("subject", "preheader", "opening")}
    return {
        "version": it.number,
        "until": it.until.isoformat(),
        "by": it.changed_by,
        "what": it.what,
        "changed": list(it.fields),
        **texts,
        "sections": [
            {"key": key, "items": [{"id": f"q{number}", "revision": pin} for number, pin in places]}
            for key, places in it.before["order"]
        ],
    }


def restore(
    key: str = _ISSUE,
    number: int = typer.Argument(..., metavar="STAND", min=1, help="Der Stand, wie er war."),
) -> None:
    """Eine Ausgabe wieder so stehen lassen wie bei einem früheren Stand.

    Texte, Beiträge und deren Fassungen sind dann wie damals. Das ist eine Änderung wie jede
    andere: Eine Freigabe gilt danach nicht mehr.

    \b
    Beispiel:
      newsletter issue restore clusterplattform-2026-12 3 --as redaktion
    """
    from newsletter import issues
    from newsletter.commands import issue

    invocation.actor()
    seen = stake.of_issue(key)
    with invocation.act() as act:
        issues.require_as_seen(act, seen)
        done = issues.restore(act, key, number)
    said = _("{issue} steht wieder da wie bei Stand {number}.")
    say(said.format(issue=done.id, number=number))
    issue.tell_changed(done)
