"""``newsletter issue``: correct what has gone out; what a correction changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands.asking import at_a_terminal, text, yes
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.errors import Refused
from newsletter.language import N_, _, n_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.issues import Begun
    from newsletter.models.correction import Whom
    from newsletter.models.issue import Issue
    from newsletter.texts import Change

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
WHOM = {
    "received": N_("an alle, die sie haben oder vielleicht haben"),
    "rest": N_("an alle, die sie nicht haben"),
    "all": N_("an alle, die sie bekommen sollten"),
}


def correct(
    key: str = _ISSUE,
    note: str = typer.Option(
        None, "--note", metavar="TEXT", help="Was falsch war und was richtig ist."
    ),
    to: str = typer.Option(
        None,
        "--to",
        metavar="WEM",
        help="received: wer sie hat; rest: wer nicht; all: beide. Sonst received, nach einem"
        " Abbruch all.",
    ),
    letter: bool = typer.Option(
        False, "--letter", help="Nur eine kurze Nachricht statt der ganzen Ausgabe (--to received)."
    ),
) -> None:
    """Eine versandte oder abgebrochene Ausgabe berichtigen, als eigene Ausgabe.

    Übernommen wird die ganze Ausgabe, jeder Beitrag in seiner neuesten Fassung; mit --letter
    nur, was seitdem bearbeitet wurde. Freigegeben und versendet wird wie immer; wer sich
    inzwischen abgemeldet hat, bekommt nichts. Zurück: newsletter issue cancel.

    \b
    Beispiel:
      newsletter issue correct clusterplattform-2026-12 --note "Die Tagung ist am 16. März."
      newsletter issue correct clusterplattform-2026-12 --letter --note "Richtig ist 16. März."
    """
    from newsletter import issues
    from newsletter.dispatch import ledger

    invocation.actor()
    whom = _whom(to)
    with invocation.look() as session:
        first = issues.may_be_corrected(session, key)
    if not note and at_a_terminal():
        note = text(_("Was war falsch, was ist richtig?"))
    with invocation.act() as act:
        begun = issues.correct(act, first.id, note or "", whom, letter=letter)
        listening = ledger.listening(act.session, begun.issue)
    _tell(begun, listening)
    give(
        {
            "id": begun.issue.id,
            "state": begun.issue.state.value,
            "corrects": begun.first.id,
            "to": begun.correction.whom.value,
            "letter": begun.correction.letter,
            "note": begun.correction.note,
            "reach": begun.reach,
            "listening": listening,
            "newer": [
                {"id": reference, "before": before, "revision": now}
                for reference, before, now in begun.newer
            ],
            "left_out": [{"id": reference, "why": why} for reference, why in begun.left_out],
        }
    )


def _whom(given: str | None) -> Whom | None:
    from newsletter.errors import WrongUsage
    from newsletter.models.correction import Whom

    try:
        return Whom(given) if given else None
    except ValueError as error:
        wrong = _("--to: „{given}“ geht nicht; möglich: {known}.")
        known = ", ".join(Whom)
        raise WrongUsage(why=wrong.format(given=given, known=known)) from error


def _tell(begun: Begun, listening: int) -> None:
    from newsletter.dispatch.accounts import number

    issue, gone = begun.issue, begun.reach - listening
    say(_("{id} ist angelegt: „{subject}“").format(id=issue.id, subject=issue.subject))
    said = n_(
        "Sie geht {whom}: {n} Adresse.", "Sie geht {whom}: {n} Adressen.", begun.reach
    ).format(whom=_(WHOM[begun.correction.whom]), n=number(begun.reach))
    if gone > 0:
        said += " " + n_(
            "{n} davon will inzwischen nichts mehr und bekommt nichts.",
            "{n} davon wollen inzwischen nichts mehr und bekommen nichts.",
            gone,
        ).format(n=number(gone))
    say(said)
    for reference, before, now in begun.newer:
        told = _("{reference} steht in Fassung {now} darin; versandt wurde Fassung {before}.")
        say(told.format(reference=reference, now=now, before=before))
    for reference, why in begun.left_out:
        say(_("{reference} bleibt draußen: {why}").format(reference=reference, why=why))
    if begun.newer:
        suggest(f"issue check {issue.id}")
    else:
        say(_("Noch ist kein Beitrag berichtigt. So geht es:"))
        say("  newsletter queue edit q…")
        say(f"  newsletter issue add {issue.id} q…")
        suggest(f"issue edit {issue.id}")


def shown_to_approver(key: str) -> str | None:
    """Of a correction, what it changes; whoever is at a terminal is asked whether that is right.

    The hash of the edition that was shown; None if none was.
    """
    from newsletter import issues
    from newsletter.models.issue import IssueState

    invocation.actor()
    with invocation.look() as session:
        issue = issues.find(session, key)
        waits = issue.state is IssueState.IN_APPROVAL and issue.corrects_id is not None
    if not waits:
        return None
    say(_("{id} ändert an {first}:").format(id=issue.id, first=issue.corrects_id))
    issue, changes, seen = changes_of(key)
    tell_changes(changes)
    if at_a_terminal() and not yes(_("Genau so freigeben?"), default=False):
        raise typer.Exit(1)
    return seen


def diff(key: str = _ISSUE) -> None:
    """Was sich an einer Ausgabe seit der letzten Freigabe geändert hat, Satz für Satz.

    Bei einer Korrektur: was sie an der ersten Ausgabe ändert. „-“ geht, „+“ kommt; in [ ] steht,
    was innerhalb eines Satzes anders ist.

    \b
    Beispiel:
      newsletter issue diff clusterplattform-2026-12
      newsletter issue diff clusterplattform-2026-12-k1 --json
    """
    issue, changes, __ = changes_of(key)
    if issue.corrects_id is None:
        _since_yes(key)
        return
    tell_changes(changes)
    _following(issue)
    give({"id": issue.id, "corrects": issue.corrects_id, "changes": facts(changes)})


def _since_yes(key: str) -> None:
    from newsletter import issues
    from newsletter.commands.moments import moment
    from newsletter.history import now

    with invocation.look() as session:
        shown = issues.preview(session, invocation.settings, key, now())
        issue = shown.issue
        since = issues.since_yes(session, issue, shown.edition) if shown.edition else None
    if since is None or since[0].decided_at is None:
        never = _("{id} hat noch niemand freigegeben. Was darin steht: newsletter issue show {id}")
        raise Refused(why=never.format(id=issue.id))
    yes, changes = since
    said = _("Seit der Freigabe durch {who} am {when}:")
    say(said.format(who=yes.decided_by, when=moment(since[0].decided_at)))
    tell_changes(changes)
    _following(issue)
    give(
        {
            "id": issue.id,
            "corrects": None,
            "approved_by": yes.decided_by,
            "approved_at": since[0].decided_at.isoformat(),
            "changes": facts(changes),
        }
    )


def _following(issue: Issue) -> None:
    from newsletter.commands.issue_shown import after

    if following := after(issue.state, issue.id):
        suggest(following)


def changes_of(key: str) -> tuple[Issue, Sequence[Change], str | None]:
    """An issue, what it changes in the one that it corrects, and the hash of what says so."""
    from newsletter import issues
    from newsletter.content import content_hash
    from newsletter.history import now

    settings = invocation.settings
    with invocation.look() as session:
        shown = issues.preview(session, settings, key, now())
        if shown.edition is None:
            return shown.issue, [], None
        changes = issues.since_first(session, settings, shown.issue, shown.edition)
        return shown.issue, changes, content_hash(shown.editions)


def tell_changes(changes: Sequence[Change]) -> None:
    """What goes and what comes, below the heading where it stands."""
    where = None
    for change in changes:
        if change.where != where:
            where = change.where
            say(f"\n{where}" if where else "")
        for sign, pieces in (("-", change.gone), ("+", change.new)):
            if pieces:
                words = (f"[{it.text}]" if it.changed else it.text for it in pieces)
                say(f"  {sign} {' '.join(words)}")
    say() if changes else say(_("Es ändert sich kein Satz."))


def facts(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Changes as JSON."""
    from newsletter import texts

    return [
        {"where": it.where, "gone": texts.plain(it.gone), "new": texts.plain(it.new)}
        for it in changes
    ]
