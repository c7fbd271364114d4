"""``newsletter issue``: have an issue approved, and let it leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import give, invocation, say

if TYPE_CHECKING:
    from newsletter.models.issue import Issue

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def _next(command: str) -> None:
    say(f"Als Nächstes: newsletter {command}")


def request(
    key: str = _ISSUE,
    accept_warnings: str = typer.Option(
        None, "--accept-warnings", metavar="TEXT", help="Warum die Warnungen in Ordnung sind."
    ),
) -> None:
    """Die Versandfassung bauen und ihre Freigabe anfragen.

    Freigeben muss jemand anders.

    \b
    Beispiel:
      newsletter issue request clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        asked = issues.request(act, key, accept_warnings)
        second = issues.second_person(act.settings, act.actor.name)
    issue, edition = asked.issue, asked.built.edition
    say(f"{issue.id}: Die Freigabe ist angefragt.")
    say(f"Betreff: {issue.subject}")
    if edition:
        say(f"Größe: {len(edition.html.encode()) // 1000} kB; Prüfsumme {issue.content_hash}")
    _next(f"--as {second} issue approve {issue.id}")
    give({"id": issue.id, "state": issue.state.value, "content_hash": issue.content_hash})


def approve(key: str = _ISSUE) -> None:
    """Eine Ausgabe freigeben, genau so, wie sie angefragt wurde.

    Wer angefragt hat, kann nicht freigeben (außer mit approval.people = 1).

    \b
    Beispiel:
      newsletter --as freigabe issue approve clusterplattform-2026-12
    """
    from newsletter import issues

    with invocation.act() as act:
        issue = issues.approve(act, key)
    say(f"{issue.id} ist freigegeben: Prüfsumme {issue.content_hash}")
    _next(f"issue schedule {issue.id}")
    give({"id": issue.id, "state": issue.state.value, "content_hash": issue.content_hash})


def schedule(
    key: str = _ISSUE,
    when: str = typer.Argument(
        None,
        metavar="[ZEIT]",
        help="now, oder eine Zeit wie 2026-12-15T10:00; sonst nach dem Rhythmus.",
    ),
) -> None:
    """Eine freigegebene Ausgabe für eine Zeit planen.

    \b
    Beispiel:
      newsletter issue schedule clusterplattform-2026-12 2026-12-15T10:00 --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        moment = issues.moment_of(when, act.settings, act.now) if when else None
        issue = issues.schedule(act, key, moment)
    _scheduled(issue, at_once=issue.send_at == act.now)


def _scheduled(issue: Issue, *, at_once: bool) -> None:
    from newsletter.rhythm import in_words, working_day

    zone = invocation.settings.zone
    if issue.send_at is None:
        return
    say(f"{issue.id} ist geplant: {in_words(issue.send_at, zone)}")
    if not working_day(issue.send_at.astimezone(zone).date()):
        say("Hinweis: Das ist kein Werktag.")
    if at_once:
        _next("dispatch --until-empty")
    else:
        say("Sie wird versendet, wenn „newsletter work“ oder „newsletter run“ läuft.")
        _next(f"issue status {issue.id}")
    give({"id": issue.id, "state": issue.state.value, "send_at": issue.send_at.isoformat()})


def unschedule(key: str = _ISSUE) -> None:
    """Einer geplanten Ausgabe ihre Zeit nehmen; freigegeben bleibt sie.

    \b
    Beispiel:
      newsletter issue unschedule clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        issue = issues.unschedule(act, key)
    say(f"{issue.id} ist nicht mehr geplant.")
    _next(f"issue schedule {issue.id}")
    give({"id": issue.id, "state": issue.state.value})


def cancel(key: str = _ISSUE) -> None:
    """Eine Ausgabe absagen, bevor ihr Versand beginnt.

    Ihre Beiträge werden wieder frei.

    \b
    Beispiel:
      newsletter issue cancel clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues

    invocation.actor()
    if at_a_terminal() and not yes(f"{key} wirklich absagen? Das gilt für immer.", default=False):
        raise typer.Exit(1)
    with invocation.act() as act:
        issue = issues.cancel(act, key)
    say(f"{issue.id} ist abgesagt; ihre Beiträge sind wieder frei.")
    _next("issue list")
    give({"id": issue.id, "state": issue.state.value})


def status(key: str = _ISSUE) -> None:
    """Wie es um eine Ausgabe steht: Freigabe, Zeit, Zustellungen.

    \b
    Beispiel:
      newsletter issue status clusterplattform-2026-12 --json
    """
    from newsletter import issues
    from newsletter.commands.issue_shown import tell_status

    with invocation.look() as session:
        facts: dict[str, Any] = issues.status(session, key)
    tell_status(facts)
    give(facts)
