"""``newsletter issue``: try it out, and let it leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import issue_progress
from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.commands.issue_approving import carried_by_the_sender, who_listens
from newsletter.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.dispatch.progress import Estimate
    from newsletter.models.issue import Issue

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def post_test(
    key: str = _ISSUE,
    addresses: list[str] = typer.Argument(
        ..., metavar="ADRESSE…", help="Aus [[editors]], [[approvers]] oder test_addresses."
    ),
    edition: str = typer.Option(
        "full", "--edition", metavar="FASSUNG", help="full (ganz), text (nur Text) oder dates."
    ),
) -> None:
    """Die Ausgabe, wie sie jetzt ist, als Testmail schicken, mit [TEST] im Betreff.

    \b
    Beispiel:
      newsletter issue test clusterplattform-2026-12 redaktion@go-cluster.example --as redaktion
      newsletter issue test 2026-12 redaktion@go-cluster.example --edition dates --as redaktion
    """
    from newsletter import issues
    from newsletter.content import Variant
    from newsletter.errors import WrongUsage

    if edition not in set(Variant):
        wrong = _("--edition „{given}“ gibt es nicht. Möglich: {names}.")
        raise WrongUsage(why=wrong.format(given=edition, names=", ".join(Variant)))
    with invocation.act() as act:
        posted = issues.post_test(act, key, addresses, Variant(edition))
        subject, sent_to = posted[0].subject, [letter.to_email for letter in posted]
    said = _("„{subject}“ geht an {addresses}.")
    say(said.format(subject=subject, addresses=", ".join(sent_to)))
    carried_by_the_sender()
    give({"subject": subject, "to": sent_to, "edition": edition})


def schedule(
    key: str = _ISSUE,
    when: str = typer.Argument(
        None,
        metavar="[ZEIT]",
        help="now, oder eine Zeit wie 2026-12-15T10:00; sonst nach dem Rhythmus.",
    ),
    when_approved: bool = typer.Option(
        False, "--when-approved", help="Von selbst planen, sobald die Freigabe da ist."
    ),
    latest: str = typer.Option(
        None,
        "--latest",
        metavar="ZEIT",
        help="Bis wann die Freigabe da sein muss; sonst bis zum Versand.",
    ),
) -> None:
    """Eine freigegebene Ausgabe für eine Zeit planen.

    Mit --when-approved schon vorher: Sie wird geplant, sobald sie freigegeben ist. Das entfällt,
    wenn die Freigabe nicht bis --latest kommt oder dabei ein Satz geändert wird; Sie erfahren es
    per E-Mail. „issue unschedule“ nimmt es zurück.

    \b
    Beispiel:
      newsletter issue schedule clusterplattform-2026-12 2026-12-15T10:00 --as redaktion
      newsletter issue schedule clusterplattform-2026-12 --when-approved --latest 2026-12-15T12:00
    """
    from newsletter import issues
    from newsletter.dispatch import home_guard, ledger
    from newsletter.errors import WrongUsage

    if latest and not when_approved:
        raise WrongUsage(why=_("--latest gilt nur zusammen mit --when-approved."))
    if when_approved:
        _planned_when_approved(key, when, latest)
        return
    with invocation.act() as act:
        moment = issues.moment_of(when, act.settings, act.now) if when else None
        issue = issues.schedule(act, key, moment)
    with invocation.look() as session:  # counting takes a while; nobody has to wait for it
        listening = ledger.listening(session, issue)
        takes = issue_progress.expected(session, issue.newsletter, listening)
        at_work = home_guard.at_work(session, invocation.home)
    _scheduled(issue, listening, takes)
    _carried_by(issue, at_work, at_once=issue.send_at == act.now)
    give(
        {
            "id": issue.id,
            "state": issue.state.value,
            "send_at": issue.send_at.isoformat() if issue.send_at else None,
            "listening": listening,
            "estimate": issue_progress.expected_facts(takes, issue.send_at),
        }
    )


def _planned_when_approved(key: str, when: str | None, latest: str | None) -> None:
    from newsletter import issues
    from newsletter.rhythm import in_words

    zone = invocation.settings.zone
    with invocation.act() as act:
        moment, last = (
            issues.moment_of(text, act.settings, act.now) if text else None
            for text in (when, latest)
        )
        plan = issues.schedule_when_approved(act, key, moment, last)
        issue = issues.find(act.session, plan.issue_id)
    said = _("{id} wird geplant, sobald sie freigegeben ist: Versand {when}")
    say(said.format(id=issue.id, when=in_words(plan.send_at, zone)))
    lapses = _(
        "Das entfällt, wenn die Freigabe nicht bis {latest} da ist oder dabei ein Satz geändert"
        " wird; die Redaktion erfährt es per E-Mail."
    )
    say(lapses.format(latest=in_words(plan.latest, zone)))
    suggest(f"issue {'check' if issue.state == 'draft' else 'status'} {issue.id}")
    give(
        {
            "id": issue.id,
            "state": issue.state.value,
            "send_at": None,
            "when_approved": plan.send_at.isoformat(),
            "latest": plan.latest.isoformat(),
        }
    )


def _scheduled(issue: Issue, listening: int, takes: Estimate | None) -> None:
    from newsletter.dispatch.progress import in_words
    from newsletter.rhythm import twice_on_the_clock

    zone = invocation.settings.zone
    if issue.send_at is None:
        return
    said = _("{id} ist geplant: {when}")
    say(said.format(id=issue.id, when=in_words(issue.send_at, listening, takes, zone)))
    if why := invocation.settings.almanac.why_free(issue.send_at.astimezone(zone).date()):
        say(_("Hinweis: Das ist kein Werktag ({why}).").format(why=why))
    if twice_on_the_clock(issue.send_at, zone):
        say(_the_other_pass(issue.id, issue.send_at.astimezone(zone)))
    if not listening:
        who_listens(issue, listening)


def _carried_by(issue: Issue, at_work: bool | None, *, at_once: bool) -> None:
    """Who will send it, or who ought to."""
    if at_work and at_once:
        said = _("Der Versand läuft; zusehen: newsletter {command}")
        say(said.format(command=f"issue status {issue.id} --watch"))
    elif at_once:
        suggest("dispatch --until-empty")
    elif not at_work:
        say(_("Sie wird versendet, wenn „newsletter run“ läuft."))
        suggest("run")


def _the_other_pass(issue_id: str, local: datetime) -> str:
    other = local.replace(fold=1 - local.fold).isoformat(timespec="minutes")
    return _(
        "Hinweis: In dieser Nacht zeigen die Uhren {clock} Uhr zweimal. Das andere Mal:"
        " newsletter issue schedule {issue} {other}"
    ).format(clock=f"{local:%H:%M}", issue=issue_id, other=other)


def unschedule(key: str = _ISSUE) -> None:
    """Einer geplanten Ausgabe ihre Zeit nehmen; freigegeben bleibt sie.

    Auch, was mit „issue schedule --when-approved“ vorgemerkt ist.

    \b
    Beispiel:
      newsletter issue unschedule clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        issue = issues.unschedule(act, key)
    say(_("{id} ist nicht mehr geplant.").format(id=issue.id))
    approved = issue.state == "approved"
    suggest(f"issue {'schedule' if approved else 'status'} {issue.id}")
    give({"id": issue.id, "state": issue.state.value})


def cancel(key: str = _ISSUE) -> None:
    """Eine Ausgabe absagen, bevor ihr Versand beginnt.

    Ihre Beiträge werden wieder frei. War sie noch nie freigegeben, lässt sie sich mit
    „issue new --number“ neu beginnen.

    \b
    Beispiel:
      newsletter issue cancel clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues

    invocation.actor()
    with invocation.look() as session:
        whole = issues.find(session, key).id
    sure = _("{id} wirklich absagen?").format(id=whole)
    if at_a_terminal() and not yes(sure, default=False):
        raise typer.Exit(1)
    with invocation.act() as act:
        issue = issues.cancel(act, whole)
    say(_("{id} ist abgesagt; ihre Beiträge sind wieder frei.").format(id=issue.id))
    suggest("issue list")
    give({"id": issue.id, "state": issue.state.value})


def status(
    key: str = _ISSUE,
    watch: bool = typer.Option(
        False, "--watch", help="Dabeibleiben, bis sie versendet, angehalten oder abgebrochen ist."
    ),
) -> None:
    """Wie es um eine Ausgabe steht: Freigabe, Zeit, Zustellungen.

    Mit --watch läuft die Anzeige mit: wie viele, wie schnell, wann fertig. Ohne Terminal oder
    mit --plain ist es eine Zeile je 10 %, mit --json ein Objekt je Zeile. Ende mit 0, wenn sie
    versendet ist, sonst mit 1. Strg+C beendet nur die Anzeige.

    \b
    Beispiel:
      newsletter issue status clusterplattform-2026-12 --json
      newsletter issue status clusterplattform-2026-12 --watch
    """
    from newsletter import issues
    from newsletter.commands.issue_shown import tell_status
    from newsletter.history import now

    if watch:
        from newsletter.commands import issue_watch

        issue_watch.watch(key)
        return
    with invocation.look() as session:
        facts: dict[str, Any] = issues.status(session, key)
        issue = issues.find(session, key)
        standing = issue_progress.standing(session, issue, now())
    facts |= standing.facts
    tell_status(facts, standing.planned, standing.told(facts["reason"]))
    give(facts)
