"""``newsletter issue swap``: two items exchange their places."""

from __future__ import annotations

import typer

from newsletter.commands import stake
from newsletter.commands.context import invocation, say
from newsletter.language import _


def swap(
    key: str = typer.Argument(
        ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
    ),
    one: str = typer.Argument(..., metavar="ID", help="Der Beitrag, zum Beispiel q12."),
    other: str = typer.Argument(..., metavar="ID", help="Der andere Beitrag."),
) -> None:
    """Zwei Beiträge ihre Plätze tauschen lassen.

    Steht nur einer in der Ausgabe, nimmt der andere seinen Platz ein, und der eine ist draußen.

    \b
    Beispiel:
      newsletter issue swap clusterplattform-2026-12 q12 q9 --as redaktion
    """
    from newsletter import issues
    from newsletter.commands import issue

    invocation.actor()
    seen = stake.of_issue(key)
    with invocation.act() as act:
        issues.require_as_seen(act, seen)
        done = issues.swap(act, key, one, other)
    say(_("{one} und {other} sind getauscht.").format(one=one, other=other))
    issue.tell_changed(done)
