"""``newsletter issue``: ask for an approval, and give it."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import typer

from newsletter.commands import issue_checked, issue_correct
from newsletter.commands.context import give, invocation, say, suggest, warn
from newsletter.language import _, n_

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.issues import Request
    from newsletter.models.issue import Issue

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
_ISSUES = typer.Argument(
    ...,
    metavar="AUSGABE…",
    help="Die Ausgabe, zum Beispiel clusterplattform-2026-12; auch mehrere.",
)
_FILE_REFERENCE = typer.Option(
    None, "--file-reference", metavar="TEXT", help="Aktenzeichen für den Freigabevermerk."
)


def request(
    keys: list[str] = _ISSUES,
    to: list[str] = typer.Option(
        None,
        "--to",
        metavar="NAME",
        help="Wer per E-Mail mit Link gefragt wird ([[approvers]]); mehrmals: alle müssen zusagen.",
    ),
    until: str = typer.Option(
        None,
        "--until",
        metavar="ZEIT",
        help="Frist für --to, wie 2026-12-10T12:00; sonst drei Werktage, spätestens zwei"
        " Stunden vor dem Versand.",
    ),
    accept_warnings: str = typer.Option(
        None, "--accept-warnings", metavar="TEXT", help="Warum die Warnungen in Ordnung sind."
    ),
    file_reference: str = _FILE_REFERENCE,
) -> None:
    """Die Versandfassung bauen und ihre Freigabe anfragen.

    Freigeben muss jemand anders: am Terminal, oder mit --to per E-Mail und Link. Mehrere
    Ausgaben auf einmal stehen dann hinter einem Link.

    \b
    Beispiel:
      newsletter issue request clusterplattform-2026-12 --as redaktion
      newsletter issue request clusterplattform-2026-12 --to "Dr. Erika Beispiel"
      newsletter issue request go-cluster clusterplattform --to "Dr. Erika Beispiel"
    """
    from newsletter import issues
    from newsletter.dispatch import ledger
    from newsletter.errors import WrongUsage

    if until and not to:
        raise WrongUsage(why=_("--until gilt nur zusammen mit --to."))
    invocation.actor()  # whoever may not ask need not wait
    issue_checked.ask_around(keys)
    with invocation.act() as act:
        deadline = issues.moment_of(until, act.settings, act.now) if until else None
        asked = issues.request_together(
            act, keys, accept_warnings, to or (), deadline, file_reference=file_reference
        )
        second = issues.second_person(act.settings, act.actor.name)
        listening = [ledger.listening(act.session, each.issue) for each in asked]
    for each, readers in zip(asked, listening, strict=True):
        _asked_about(each, readers)
    _asked_whom(asked[0])
    if not to:
        for each in asked:
            suggest(f"--as {quote(second)} issue approve {each.issue.id}")
    found = [_facts(each) for each in asked]
    give(found[0] if len(found) == 1 else {"issues": found})


def _asked_about(asked: Request, readers: int) -> None:
    issue, edition = asked.issue, asked.built.edition
    say(_("{id}: Die Freigabe ist angefragt.").format(id=issue.id))
    say(_("Betreff: {subject}").format(subject=issue.subject))
    if edition:
        size = len(edition.html.encode()) // 1000
        said = _("Größe: {size} kB; Prüfsumme {hash}")
        say(said.format(size=size, hash=issue.content_hash))
    who_listens(issue, readers)


def _asked_whom(asked: Request) -> None:
    for name in asked.instead_of:
        away = _("{name} ist zurzeit nicht da; gefragt wird die Vertretung.")
        say(away.format(name=name))
    for each in asked.approvals:
        if each.asked and each.until:
            _asked_by_letter(each.asked, each.until)
    if asked.approval.asked:
        carried_by_the_sender()


def _facts(asked: Request) -> dict[str, object]:
    until = asked.approval.until
    return {
        "id": asked.issue.id,
        "state": asked.issue.state.value,
        "content_hash": asked.issue.content_hash,
        "asked": asked.approval.asked,
        "all_asked": [each.asked for each in asked.approvals if each.asked],
        "until": until.isoformat() if until else None,
    }


def who_listens(issue: Issue, listening: int) -> None:
    """For how many the issue is, as the list stands now."""
    from newsletter.dispatch.accounts import number

    if listening:
        said = n_(
            "Auf der Liste steht jetzt eine Person.",
            "Auf der Liste stehen jetzt {n} Abonnentinnen und Abonnenten.",
            listening,
        )
        say(said.format(n=number(listening)))
    else:
        nobody = _(
            "Niemand steht auf der Liste: {id} würde an niemanden gesendet. Eine Liste"
            " übernimmt: newsletter subscribers import DATEI --newsletter {newsletter}"
        )
        warn(nobody.format(id=issue.id, newsletter=issue.newsletter))


def _asked_by_letter(name: str, until: datetime) -> None:
    from newsletter.rhythm import in_words

    deadline = in_words(until, invocation.settings.zone)
    said = _("{name} erhält eine E-Mail mit einem Link; Frist: {deadline}")
    say(said.format(name=name, deadline=deadline))


def approve(
    key: str = _ISSUE,
    received_from: str = typer.Option(
        None,
        "--received-from",
        metavar="NAME",
        help="Wessen Zusage per E-Mail oder Telefon kam ([[approvers]] oder Vertretung).",
    ),
    evidence: Path = typer.Option(
        None, "--evidence", metavar="DATEI", help="Der Nachweis dazu, bis 10 MB."
    ),
    file_reference: str = _FILE_REFERENCE,
) -> None:
    """Eine Ausgabe freigeben, genau so, wie sie angefragt wurde.

    Wer angefragt hat, kann nicht freigeben (außer mit approval.people = 1) und keine Zusage
    ablegen. Bei einer Korrektur steht zuerst da, was sie an der ersten Ausgabe ändert.

    \b
    Beispiel:
      newsletter --as freigabe issue approve clusterplattform-2026-12
      newsletter issue approve clusterplattform-2026-12 --received-from NAME --evidence ja.eml
    """
    from newsletter import issues
    from newsletter.errors import WrongUsage
    from newsletter.evidence import Evidence

    if (received_from is None) is not (evidence is None):
        raise WrongUsage(why=_("--received-from und --evidence gehören zusammen."))
    seen = issue_correct.shown_to_approver(key)
    with invocation.act() as act:
        if evidence is None:
            issue = issues.approve(act, key, file_reference=file_reference, seen=seen)
        else:
            issue = issues.approve_by_evidence(
                *(act, key, received_from, Evidence.read(evidence)),
                file_reference=file_reference,
                seen=seen,
            )
    if issue.state == "in_approval":
        _approved_in_part(issue)
        return
    said = _("{id} ist freigegeben: Prüfsumme {hash}")
    say(said.format(id=issue.id, hash=issue.content_hash))
    filed = _("Freigabevermerk für die Akte: newsletter issue record {id} --html vermerk.html")
    say(filed.format(id=issue.id))
    if issue.send_at:  # as somebody had planned it
        _scheduled_with_it(issue, issue.send_at)
    else:
        now = " now" if issue.corrects_id else ""  # no rhythm gives it a time
        suggest(f"issue schedule {issue.id}{now}")
    give({"id": issue.id, "state": issue.state.value, "content_hash": issue.content_hash})


def _approved_in_part(issue: Issue) -> None:
    """Somebody else was asked, too, and has not answered."""
    said = _("{id}: Die Zusage ist abgelegt. Freigegeben ist die Ausgabe mit der letzten.")
    say(said.format(id=issue.id))
    suggest(f"issue status {issue.id}")
    give({"id": issue.id, "state": issue.state.value, "content_hash": issue.content_hash})


def _scheduled_with_it(issue: Issue, send_at: datetime) -> None:
    from newsletter.rhythm import in_words

    said = _("{id} ist geplant, wie vorgemerkt: {when}")
    say(said.format(id=issue.id, when=in_words(send_at, invocation.settings.zone)))
    suggest(f"issue status {issue.id}")


def carried_by_the_sender() -> None:
    """Say when a mail leaves that was just posted."""
    say(_("Die Mail geht von selbst hinaus, wenn „newsletter run“ läuft, sonst mit:"))
    say("  newsletter dispatch --until-empty")
