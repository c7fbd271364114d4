"""``newsletter issue call``: asking the clusters for contributions."""

from __future__ import annotations

import typer

from newsletter.commands import moments
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import _, n_

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def call(
    key: str = _ISSUE,
    preview: bool = typer.Option(False, "--preview", help="Nur zeigen, wer was bekäme."),
    remind: bool = typer.Option(
        False, "--remind", help="Erinnern, und nur Cluster, von denen noch nichts da ist."
    ),
) -> None:
    """Die Ansprechpersonen zum Einreichen aufrufen.

    Jede bekommt ihren persönlichen Link, den Redaktionsschluss und was von ihrem Cluster schon da
    ist. Einmal je Ausgabe, und eine Erinnerung; wer keine Aufrufe möchte, bekommt keine. Von
    selbst geschieht das, wenn in newsletter.toml call_days und remind_days stehen: Tage vor dem
    Redaktionsschluss.

    \b
    Beispiel:
      newsletter issue call clusterplattform-2026-12 --preview
      newsletter issue call clusterplattform-2026-12 --as redaktion
      newsletter issue call clusterplattform-2026-12 --remind --as redaktion
    """
    from newsletter import issues
    from newsletter.history import now

    if preview:
        invocation.actor()
        with invocation.look() as session:
            issue = issues.find(session, key)
            planned = issues.planned_call(session, invocation.settings, issue, now(), remind=remind)
    else:
        with invocation.act() as act:
            planned = issues.call(act, issues.find(act.session, key), remind=remind)
    said = n_(
        "{n} Person, Redaktionsschluss {closes}",
        "{n} Personen, Redaktionsschluss {closes}",
        len(planned.people),
    )
    say(said.format(n=len(planned.people), closes=moments.moment(planned.closes)))
    table(
        [_("Cluster"), _("Adresse"), _("Schon da")],
        [[it.slug, who.email, len(planned.inside.get(it.id, []))] for it, who in planned.people],
    )
    if planned.opted_out:
        said = n_("{n} Person möchte keine.", "{n} Personen möchten keine.", planned.opted_out)
        say(said.format(n=planned.opted_out))
    if preview:
        suggest(f"issue call {planned.issue}" + (" --remind" if remind else ""))
    else:
        suggest("dispatch --until-empty")
    give(
        {
            "id": planned.issue,
            "closes": planned.closes.isoformat(),
            "posted": not preview,
            "people": [
                {"cluster": it.slug, "email": who.email, "inside": planned.inside.get(it.id, [])}
                for it, who in planned.people
            ],
            "opted_out": planned.opted_out,
        }
    )
