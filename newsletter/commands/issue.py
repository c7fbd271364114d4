"""``newsletter issue``: put an issue together and check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands import (
    issue_approving,
    issue_audience,
    issue_call,
    issue_checked,
    issue_correct,
    issue_leaving_out,
    issue_preview,
    issue_record,
    issue_release,
    issue_steering,
    issue_swap,
    issue_together,
    issue_verify,
    issue_versions,
    stake,
)
from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.commands.tree import Noun
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.commands.document import Document
    from newsletter.content import IssueContent
    from newsletter.models.issue import Issue

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
_REFERENCE = typer.Argument(..., metavar="ID", help="Der Beitrag, zum Beispiel q12.")
_REFERENCES = typer.Argument(..., metavar="ID…", help="Beiträge, zum Beispiel q12 q15.")
_SECTION = typer.Option(None, "--section", metavar="RUBRIK", help="Kürzel der Rubrik.")


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    noun = Noun(
        help="Ausgabe: zusammenstellen, freigeben lassen, planen.",
    )
    for name, command in (
        ("new", new),
        ("list", list_),
        ("show", show),
        ("edit", edit),
        ("add", add),
        ("remove", remove),
        ("move", move),
        ("swap", issue_swap.swap),
        ("fill", fill),
        ("check", issue_checked.check),
        ("preview", issue_preview.preview),
        ("test", issue_release.post_test),
        ("request", issue_approving.request),
        ("approve", issue_approving.approve),
        ("record", issue_record.record),
        ("verify", issue_verify.verify),
        ("schedule", issue_release.schedule),
        ("unschedule", issue_release.unschedule),
        ("pause", issue_steering.pause),
        ("resume", issue_steering.resume),
        ("stop", issue_steering.stop),
        ("cancel", issue_release.cancel),
        ("status", issue_release.status),
        ("resolve", issue_steering.resolve),
        ("correct", issue_correct.correct),
        ("diff", issue_correct.diff),
        ("audience", issue_audience.audience),
        ("call", issue_call.call),
        ("comment", issue_together.comment),
        ("revisions", issue_versions.revisions),
        ("restore", issue_versions.restore),
        ("skip", issue_leaving_out.skip),
        ("unskip", issue_leaving_out.unskip),
    ):
        noun.command(name)(command)
    app.add_typer(noun, name="issue")


def new(
    newsletter: str = typer.Argument(..., metavar="SLUG", help="Der Newsletter."),
    number: str = typer.Option(
        None, "--number", metavar="N", help="2027-01, Sonderausgabe 2027-01-s1; sonst die nächste."
    ),
    also: bool = typer.Option(
        False, "--also", help="Auch wenn eine andere Ausgabe noch ein Entwurf ist."
    ),
    occasion: str = typer.Option(
        "", "--occasion", metavar="TEXT", help="Ein Absatz der Begrüßung, zum Anlass."
    ),
    topic: str = typer.Option(
        "", "--topic", metavar="TEXT", help="Das Thema einer Sonderausgabe; steht im Betreff."
    ),
) -> None:
    """Eine Ausgabe beginnen, mit den eingestellten Texten.

    Mit --number auch eine, die abgesagt wurde, bevor jemand sie freigab; sie beginnt leer.

    \b
    Beispiel:
      newsletter issue new clusterplattform --as redaktion
      newsletter issue new clusterplattform --number 2027-04-s1 --topic "Clusterwoche 2027"
    """
    from newsletter import issues
    from newsletter.commands.issue_shown import planned

    invocation.actor()
    also = also or (not number and _asked_for_another(newsletter))
    with invocation.act() as act:
        words = issues.Words(occasion, topic)
        issue = issues.new(act, newsletter, number, also=also, words=words)
    say(_("{id} ist angelegt: „{subject}“").format(id=issue.id, subject=issue.subject))
    for line in planned(issue):
        say(line)
    suggest(f"issue fill {issue.id}")
    give({"id": issue.id, "number": issue.number, "state": issue.state.value})


def _asked_for_another(newsletter: str) -> bool:
    """Whether a person at the terminal wants another issue beside a draft; it asks if so."""
    from newsletter import issues

    if not at_a_terminal():
        return False
    with invocation.look() as session:
        draft = issues.open_draft(session, newsletter)
    sure = _("{issue} ist noch ein Entwurf. Trotzdem schon die nächste beginnen?")
    if draft and not yes(sure.format(issue=draft), default=False):
        suggest(f"issue fill {draft}")
        raise typer.Exit(1)
    return draft is not None


def list_(
    newsletter: str = typer.Option(None, "--newsletter", metavar="SLUG", help="Nur von diesem."),
) -> None:
    """Die Ausgaben zeigen, die neueste zuerst.

    \b
    Beispiel:
      newsletter issue list --newsletter clusterplattform
    """
    from newsletter import issues
    from newsletter.commands import issue_shown

    if newsletter:
        invocation.settings.newsletter(newsletter)
    with invocation.look() as session:
        lines = issues.list_(session, newsletter)
    if lines:
        table(issue_shown.heads(), [issue_shown.row(line) for line in lines], lead=4)
    else:
        say(_("Es gibt noch keine Ausgabe."))
        suggest(f"issue new {newsletter or next(iter(invocation.settings.newsletters))}")
    give([issue_shown.facts(line) for line in lines])


def show(
    key: str = _ISSUE,
    document: bool = typer.Option(
        False, "--document", help="Als Dokument, wie „issue edit“ es liest."
    ),
) -> None:
    """Eine Ausgabe zeigen: Texte und Beiträge, Rubrik für Rubrik.

    \b
    Beispiel:
      newsletter issue show clusterplattform-2026-12
    """
    from newsletter import issues, queue
    from newsletter.commands import comments, issue_shown, presence
    from newsletter.history import now

    with invocation.look() as session:
        issue = issues.find(session, key)
        content = issues.content_of(session, invocation.settings, issue, now())
        said = issues.comments_of(session, issue)
        shared = issues.shared_with(session, invocation.settings, issue)
        typing = queue.typing_on(session, "issue", issue.id, now())
    if document:
        print(issue_shown.document(issue, content), end="")
        return
    for line in presence.lines(typing):
        say(line)
    issue_shown.tell(issue, content, said, shared)
    more = {"comments": comments.facts(said), "typing": presence.facts(typing)}
    give(issue_shown.everything(issue, content, shared) | more)


def edit(
    key: str = _ISSUE,
    file: str = typer.Argument(
        None, metavar="[DATEI]", help="Das Dokument; „-“ liest die Standardeingabe. Sonst: EDITOR."
    ),
) -> None:
    """Eine Ausgabe als ein Dokument bearbeiten: Texte und Reihenfolge.

    \b
    Beispiel:
      newsletter issue edit clusterplattform-2026-12
      newsletter issue show clusterplattform-2026-12 --document > ausgabe.md
      newsletter issue edit clusterplattform-2026-12 ausgabe.md --as redaktion
    """
    from newsletter import issues
    from newsletter.commands import issue_document, issue_shown, presence
    from newsletter.commands.document import carry
    from newsletter.history import now

    invocation.actor()

    def read() -> tuple[Issue, IssueContent]:
        with invocation.look() as session:
            issue = issues.find(session, key)
            return issue, issues.content_of(session, invocation.settings, issue, now())

    def standing() -> str:
        return issue_shown.document(*read())

    def take(document: Document) -> Issue:
        plan, seen = issue_document.plan_in(document)
        try:
            with invocation.act() as act:
                issues.require_as_seen(act, before)
                return issues.edit(act, key, plan, seen)
        except issues.BothChanged as both:
            raise issue_shown.to_settle(both, read()[1]) from both

    before = stake.of_issue(key)
    content = read()[1]
    with presence.typing("issue", before.id, file) as others:
        issue = carry(
            f"issue edit {key}",
            file,
            lambda: presence.told(standing(), others),
            take,
            issue_document.lines_of,
        )
    if issue is None or issue.version == before.version:
        say(_("Nichts geändert."))
    else:
        what = ", ".join(issue_shown.differences(content, read()[1]))
        say(_("{id}: Geändert ist {what}.").format(id=issue.id, what=what))
    tell_changed(issue or before)


def tell_changed(issue: Issue) -> None:
    suggest(f"issue check {issue.id}")
    give({"id": issue.id, "state": issue.state.value, "version": issue.version})


def add(
    key: str = _ISSUE,
    references: list[str] = _REFERENCES,
    section: str = _SECTION,
    position: int = typer.Option(
        None,
        "--position",
        metavar="N",
        min=1,
        help="Platz in der Rubrik; sonst der letzte, ein Termin nach seinem Beginn.",
    ),
) -> None:
    """Angenommene Beiträge aufnehmen, jeden in seiner neuesten Fassung.

    \b
    Beispiel:
      newsletter issue add clusterplattform-2026-12 q12 --section programm --as redaktion
    """
    from newsletter import issues

    invocation.actor()
    seen = stake.of_issue(key)
    with invocation.act() as act:
        issues.require_as_seen(act, seen)
        added = issues.add(act, key, references, section, position)
        issue = issues.find(act.session, key)
    for each in added:
        if each.before == each.revision:
            stands = _("{reference} steht schon in Fassung {revision} unter {section}.")
        else:
            stands = _("{reference} steht in Fassung {revision} unter {section}.")
        say(stands.format(reference=each.reference, revision=each.revision, section=each.section))
        if each.elsewhere:
            say("  " + _("auch in: {issues}").format(issues=", ".join(each.elsewhere)))
    tell_changed(issue)


def remove(key: str = _ISSUE, references: list[str] = _REFERENCES) -> None:
    """Beiträge aus einer Ausgabe herausnehmen; angenommen bleiben sie.

    \b
    Beispiel:
      newsletter issue remove clusterplattform-2026-12 q12 --as redaktion
    """
    from newsletter import issues

    invocation.actor()
    seen = stake.of_issue(key)
    with invocation.act() as act:
        issues.require_as_seen(act, seen)
        issue = issues.remove(act, key, references)
    say(_("Herausgenommen: {references}").format(references=", ".join(references)))
    tell_changed(issue)


def move(
    key: str = _ISSUE,
    reference: str = _REFERENCE,
    section: str = _SECTION,
    before: str = typer.Option(None, "--before", metavar="ID", help="Vor diesen Beitrag."),
    to: int = typer.Option(None, "--to", metavar="N", min=1, help="Auf diesen Platz der Rubrik."),
) -> None:
    """Einen Beitrag an eine andere Stelle rücken.

    \b
    Beispiel:
      newsletter issue move clusterplattform-2026-12 q12 --before q9 --as redaktion
    """
    from newsletter import issues
    from newsletter.errors import WrongUsage

    if section is None and before is None and to is None:
        raise WrongUsage(why=_("Wohin? Bitte --section, --before oder --to angeben."))
    invocation.actor()
    seen = stake.of_issue(key)
    with invocation.act() as act:
        issues.require_as_seen(act, seen)
        issue = issues.move(act, key, reference, section=section, before=before, to=to)
    say(_("{reference} steht jetzt an der neuen Stelle.").format(reference=reference))
    tell_changed(issue)


def fill(
    key: str = _ISSUE,
    lead: str = typer.Option(
        None, "--lead", metavar="ID", help="Der Aufmacher; sonst wird einer vorgeschlagen."
    ),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Nur vorschlagen, mit Gründen; nichts ändern."
    ),
) -> None:
    """Eine Ausgabe mit dem füllen, was angenommen ist.

    Genommen wird, was noch in keiner Ausgabe dieses Newsletters steht, nach den Regeln
    in newsletter.toml. Zu jedem Beitrag steht dabei, warum er hineinkommt oder nicht.

    \b
    Beispiel:
      newsletter issue fill clusterplattform-2026-12 --dry-run
      newsletter issue fill clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues
    from newsletter.commands import issue_filled
    from newsletter.history import now

    if dry_run:
        with invocation.look() as session:
            proposal = issues.propose(session, invocation.settings, key, now(), lead)
    else:
        invocation.actor()
        seen = stake.of_issue(key)
        with invocation.act() as act:
            issues.require_as_seen(act, seen)
            proposal = issues.fill(act, key, lead)
    issue_filled.tell(proposal, dry_run=dry_run)
