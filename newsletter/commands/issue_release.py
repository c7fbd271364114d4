"""``newsletter issue``: have an issue approved, and let it leave."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import issue_progress
from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import give, invocation, say, suggest, warn
from newsletter.language import _, n_

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.dispatch.progress import Estimate
    from newsletter.issues import Evidence
    from newsletter.models.issue import Issue

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def post_test(
    key: str = _ISSUE,
    addresses: list[str] = typer.Argument(
        ..., metavar="ADRESSE…", help="Aus [[editors]], [[approvers]] oder test_addresses."
    ),
) -> None:
    """Die Ausgabe, wie sie jetzt ist, als Testmail schicken, mit [TEST] im Betreff.

    \b
    Beispiel:
      newsletter issue test clusterplattform-2026-12 redaktion@go-cluster.example --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        posted = issues.post_test(act, key, addresses)
        subject, sent_to = posted[0].subject, [letter.to_email for letter in posted]
    said = _("„{subject}“ geht an {addresses}.")
    say(said.format(subject=subject, addresses=", ".join(sent_to)))
    _carried_by_the_sender()
    give({"subject": subject, "to": sent_to})


def _carried_by_the_sender() -> None:
    say(_("Die Mail geht von selbst hinaus, wenn „newsletter run“ läuft, sonst mit:"))
    say("  newsletter dispatch --until-empty")


def request(
    key: str = _ISSUE,
    to: str = typer.Option(
        None, "--to", metavar="NAME", help="Wer per E-Mail mit Link gefragt wird ([[approvers]])."
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
) -> None:
    """Die Versandfassung bauen und ihre Freigabe anfragen.

    Freigeben muss jemand anders: am Terminal, oder mit --to per E-Mail und Link.

    \b
    Beispiel:
      newsletter issue request clusterplattform-2026-12 --as redaktion
      newsletter issue request clusterplattform-2026-12 --to "Dr. Erika Beispiel"
    """
    from newsletter import issues, readers
    from newsletter.errors import WrongUsage

    if until and not to:
        raise WrongUsage(why=_("--until gilt nur zusammen mit --to."))
    with invocation.act() as act:
        deadline = issues.moment_of(until, act.settings, act.now) if until else None
        asked = issues.request(act, key, accept_warnings, to, deadline)
        second = issues.second_person(act.settings, act.actor.name)
        listening = readers.listening(act.session, asked.issue.newsletter)
    issue, edition = asked.issue, asked.built.edition
    say(_("{id}: Die Freigabe ist angefragt.").format(id=issue.id))
    say(_("Betreff: {subject}").format(subject=issue.subject))
    if edition:
        size = len(edition.html.encode()) // 1000
        said = _("Größe: {size} kB; Prüfsumme {hash}")
        say(said.format(size=size, hash=issue.content_hash))
    _who_listens(issue, listening)
    if asked.approval.asked and asked.approval.until:
        _asked_by_letter(asked.approval.asked, asked.approval.until)
    else:
        suggest(f"--as {quote(second)} issue approve {issue.id}")
    give(
        {
            "id": issue.id,
            "state": issue.state.value,
            "content_hash": issue.content_hash,
            "asked": asked.approval.asked,
            "until": asked.approval.until.isoformat() if asked.approval.until else None,
        }
    )


def _who_listens(issue: Issue, listening: int) -> None:
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
    _carried_by_the_sender()


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
) -> None:
    """Eine Ausgabe freigeben, genau so, wie sie angefragt wurde.

    Wer angefragt hat, kann nicht freigeben (außer mit approval.people = 1) und keine Zusage
    ablegen.

    \b
    Beispiel:
      newsletter --as freigabe issue approve clusterplattform-2026-12
      newsletter issue approve clusterplattform-2026-12 --received-from NAME --evidence ja.eml
    """
    from newsletter import issues
    from newsletter.errors import WrongUsage

    if (received_from is None) is not (evidence is None):
        raise WrongUsage(why=_("--received-from und --evidence gehören zusammen."))
    with invocation.act() as act:
        if evidence is None:
            issue = issues.approve(act, key)
        else:
            issue = issues.approve_by_evidence(act, key, received_from, _read(evidence))
    said = _("{id} ist freigegeben: Prüfsumme {hash}")
    say(said.format(id=issue.id, hash=issue.content_hash))
    suggest(f"issue schedule {issue.id}")
    give({"id": issue.id, "state": issue.state.value, "content_hash": issue.content_hash})


def _read(path: Path) -> Evidence:
    """A file, or as much of it as shows that it is too large. Refused if it cannot be read."""
    from newsletter import issues
    from newsletter.errors import Refused, unreadable

    try:
        with path.open("rb") as file:
            return issues.Evidence(path.name, file.read(issues.LARGEST_EVIDENCE + 1))
    except OSError as error:
        said = _("{file} lässt sich nicht lesen: {why}")
        raise Refused(why=said.format(file=path, why=unreadable(error))) from error


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
    from newsletter import issues, readers
    from newsletter.dispatch import home_guard

    with invocation.act() as act:
        moment = issues.moment_of(when, act.settings, act.now) if when else None
        issue = issues.schedule(act, key, moment)
    with invocation.look() as session:  # counting takes a while; nobody has to wait for it
        listening = readers.listening(session, issue.newsletter)
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
        _who_listens(issue, listening)


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

    \b
    Beispiel:
      newsletter issue unschedule clusterplattform-2026-12 --as redaktion
    """
    from newsletter import issues

    with invocation.act() as act:
        issue = issues.unschedule(act, key)
    say(_("{id} ist nicht mehr geplant.").format(id=issue.id))
    suggest(f"issue schedule {issue.id}")
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
