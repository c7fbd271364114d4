"""``newsletter issue check``: what is wrong with an issue, and why a warning is in order."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands.context import give, invocation, say, suggest, warn
from newsletter.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel import Session

    from newsletter.content import Finding
    from newsletter.issues import Built
    from newsletter.models.issue import Issue, WarningReason

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
_NO_REASON = ("", "")


def check(
    key: str = _ISSUE,
    accept: tuple[str, str] = typer.Option(
        _NO_REASON,
        "--accept",
        metavar="NAME TEXT",
        show_default=False,
        help="Warum die Warnungen dieses Namens in Ordnung sind; ein leerer TEXT nimmt es zurück.",
    ),
    sizes: bool = typer.Option(
        False, "--sizes", help="Auch zeigen, wie viel jeder Block und jeder Beitrag der Mail wiegt."
    ),
    spam: bool = typer.Option(
        False, "--spam", help="Auch den Spamfilter SpamAssassin fragen; das dauert einige Sekunden."
    ),
) -> None:
    """Eine Ausgabe prüfen.

    Fehler verhindern die Freigabe, Warnungen wollen eine Begründung: eine für alle bei der
    Anfrage, oder mit --accept eine je Name. Sie gilt, solange Befund und Text dieselben sind.

    \b
    Beispiel:
      newsletter issue check clusterplattform-2026-12
      newsletter issue check clusterplattform-2026-12 --sizes --spam
      newsletter issue check clusterplattform-2026-12 --accept subject-length "Eigenname"
    """
    from newsletter import checks, issues
    from newsletter.commands import findings_told
    from newsletter.history import now

    name, text = accept
    if accept != _NO_REASON:
        with invocation.act() as act:
            issues.accept(act, key, name, text)
    ask_around([key])
    with invocation.look() as session:
        built = issues.check(session, invocation.settings, key, now())
        issue = issues.find(session, key)
        kept = issues.as_kept(session, invocation.settings, issue, built, now())
        reasons = issues.reasons_of(session, issue, kept)
        found = [*built.findings, *_spam(session, key, asked=spam)]
    titles = {it.reference: it.title for it in built.content.items}
    weights = checks.sizes(built.edition) if built.edition else {}
    findings_told.tell(found, titles, reasons)
    if weights and (sizes or any(it.check == "size" for it in built.findings)):
        findings_told.tell_sizes(weights, titles)
        say()
    _what_next(issue, built, reasons)
    give(
        {
            "id": issue.id,
            "errors": len(built.errors),
            "warnings": len(built.warnings),
            "findings": [_facts(each, reasons) for each in found],
            "sizes": weights,
        }
    )
    if built.errors and accept == _NO_REASON:
        raise typer.Exit(1)


def _spam(session: Session, key: str, *, asked: bool) -> list[Finding]:
    """What SpamAssassin says: where it is installed, unasked only of a mail for the wide net."""
    from newsletter.checks import spam
    from newsletter.dispatch import spam_filter
    from newsletter.history import now
    from newsletter.web import preview

    if not asked and (invocation.settings.links.loopback or not spam_filter.installed()):
        return []
    if not spam_filter.installed():
        warn(
            _("SpamAssassin ist hier nicht installiert. Debian: sudo apt-get install spamassassin")
        )
        return []
    message = preview.sheet(session, invocation.settings, key, now()).message
    judged = spam_filter.judged([message]) if message else {}
    if message and not judged:
        warn(_("SpamAssassin hat nicht geantwortet; die Mail ist davon nicht geprüft."))
    found = [each for it in judged.values() for each in spam.findings(it)]
    if judged and not found:
        say(_("SpamAssassin hat nichts gegen die Mail."))
    return found


def ask_around(keys: Sequence[str]) -> None:
    """Ask the pages that issues link to and the DNS, before anything is decided."""
    from newsletter import issues
    from newsletter.history import now

    def begin(count: int) -> None:
        said = n_("{n} Auskunft aus dem Netz …", "{n} Auskünfte aus dem Netz …", count)
        if sys.stderr.isatty():
            warn(said.format(n=count))

    around = issues.look_around(invocation.engine, invocation.settings, keys, now(), begin=begin)
    if around.offline:
        warn(_("Von hier aus antwortet keine der verlinkten Seiten; sie sind nicht geprüft."))


def _what_next(issue: Issue, built: Built, reasons: Mapping[str, WarningReason]) -> None:
    from newsletter.commands import issue_shown

    open_ = [each for each in built.warnings if each.check not in reasons]
    if built.errors:
        said = n_(
            "{n} Fehler. Danach wieder: newsletter issue check {id}",
            "{n} Fehler. Danach wieder: newsletter issue check {id}",
            len(built.errors),
        )
        say(said.format(n=len(built.errors), id=issue.id))
    elif issue.state == "draft" and all(it.check == "newer-revision" for it in open_):
        newer = " ".join(it.where for it in open_)
        suggest(f"issue add {issue.id} {newer}" if newer else f"issue request {issue.id}")
    elif issue.state == "draft":
        why = _("GRUND")
        if len({each.check for each in open_}) > 1:
            one = _(
                'Jede für sich begründen: newsletter issue check {issue} --accept {name} "{why}"'
            )
            say(one.format(issue=issue.id, name=open_[0].check, why=why))
        suggest(f'issue request {issue.id} --accept-warnings "{why}"')
    elif following := issue_shown.after(issue.state, issue.id):
        suggest(following)


def _facts(finding: Finding, reasons: Mapping[str, WarningReason]) -> dict[str, Any]:
    why = reasons.get(finding.check) if finding.level == "warning" else None
    return {
        "check": finding.check,
        "level": finding.level.value,
        "where": finding.where,
        "text": finding.text,
        "mend": finding.mend,
        "accepted": why.reason if why else None,
        "accepted_by": why.given_by if why else None,
    }
