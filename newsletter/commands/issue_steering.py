"""``newsletter issue``: hold, go on, end; decide about copies that may have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import N_, _, n_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from newsletter.dispatch.ledger import Unclear
    from newsletter.dispatch.steering import Steered
    from newsletter.history import Act
    from newsletter.models.issue import Issue

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
_SHOWN = 50  # at the terminal; JSON has all
_WHY = {
    "sender_died": N_("Der Versand brach ab, bevor die Antwort da war."),
    "machine_restarted": N_("Der Rechner startete neu, bevor die Antwort da war."),
    "adopted": N_("Der Ordner wurde übernommen; vielleicht ging sie vom früheren Ort hinaus."),
}


def pause(
    key: str = _ISSUE,
    reason: str = typer.Option(None, "--reason", metavar="TEXT", help="Warum; steht im Protokoll."),
) -> None:
    """Den Versand einer Ausgabe anhalten; was gerade übergeben wird, wird fertig.

    \b
    Beispiel:
      newsletter issue pause clusterplattform-2026-12 --as redaktion
    """
    from newsletter.dispatch import steering

    with invocation.act() as act:
        done = steering.pause(act, key, reason)
    say(_("{id} ist angehalten.").format(id=done.issue.id))
    _who_has_it(done)
    suggest(f"issue resume {done.issue.id}")
    _give(done)


def resume(key: str = _ISSUE) -> None:
    """Eine angehaltene Ausgabe weiter versenden.

    Abgelehnt mit Gründen, solange etwas nicht mehr so ist, wie es freigegeben wurde.

    \b
    Beispiel:
      newsletter issue resume clusterplattform-2026-12 --as redaktion
    """
    from newsletter.dispatch import steering

    with invocation.act() as act:
        done = steering.resume(act, key)
    say(_("{id} geht weiter hinaus.").format(id=done.issue.id))
    _who_has_it(done)
    _carried_by_the_sender()
    suggest(f"issue status {done.issue.id} --watch")
    _give(done)


def stop(
    key: str = _ISSUE,
    reason: str = typer.Option(None, "--reason", metavar="TEXT", help="Warum; steht im Protokoll."),
) -> None:
    """Den Versand einer Ausgabe für immer abbrechen.

    Wer sie hat, behält sie; alle anderen bekommen sie nicht mehr.

    \b
    Beispiel:
      newsletter issue stop clusterplattform-2026-12 --reason "Falscher Termin" --as redaktion
    """
    from newsletter import issues
    from newsletter.dispatch import home_guard, ledger, steering

    invocation.actor()
    with invocation.look() as session:
        home_guard.require_own_home(session, invocation.settings.home)
        issue = issues.find(session, key)
        steering.may_be_stopped(issue)
        seen = steering.Steered(issue, ledger.sums(session, issue.id))
    if at_a_terminal():
        _who_has_it(seen)
        sure = _("{id} wirklich abbrechen? Das gilt für immer.").format(id=issue.id)
        if not yes(sure, default=False):
            raise typer.Exit(1)
    with invocation.act() as act:
        done = steering.stop(act, issue.id, reason)
    _skip_the_rest()
    say(_("{id} ist abgebrochen.").format(id=issue.id))
    _who_got_it(done)
    suggest(f"issue {'resolve' if done.unknown else 'status'} {issue.id}")
    with invocation.look() as session:
        _give(steering.Steered(done.issue, ledger.sums(session, issue.id)))


def _skip_the_rest() -> None:
    """Skip what still waits, in short transactions; a sender at work does the same."""
    from newsletter.dispatch import ledger

    more = True
    while more:
        with invocation.act() as act:
            more = ledger.skip_stopped(act) > 0


def _who_has_it(it: Steered) -> None:
    """How many were reached by now, and how many are still to be: nobody is missing in it."""
    from newsletter.dispatch.accounts import number

    said = n_(
        "An eine Person ist sie schon übergeben.",
        "An {n} Personen ist sie schon übergeben.",
        it.accepted,
    )
    say(said.format(n=number(it.accepted)))
    waiting = n_("Eine Zustellung wartet.", "{n} Zustellungen warten.", it.held)
    say(waiting.format(n=number(it.held)))
    _in_flight(it)


def _in_flight(it: Steered) -> None:
    """How many are on the wire, and of how many nobody knows."""
    from newsletter.dispatch.accounts import number

    if it.sending:
        said = n_(
            "Eine wird gerade noch übergeben.", "{n} werden gerade noch übergeben.", it.sending
        )
        say(said.format(n=number(it.sending)))
    if it.unknown:
        said = n_("Eine ist unklar.", "{n} sind unklar.", it.unknown)
        say(said.format(n=number(it.unknown)))


def _who_got_it(it: Steered) -> None:
    from newsletter.dispatch.accounts import number

    said = n_(
        "An eine Person wurde sie übergeben.",
        "An {n} Personen wurde sie übergeben.",
        it.accepted,
    )
    say(said.format(n=number(it.accepted)))
    rest = n_(
        "Eine Zustellung wird übersprungen.", "{n} Zustellungen werden übersprungen.", it.held
    )
    say(rest.format(n=number(it.held)))
    _in_flight(it)


def _carried_by_the_sender() -> None:
    say(_("Der Versand läuft mit „newsletter run“, oder einmal mit:"))
    say("  newsletter dispatch --until-empty")


def _give(it: Steered) -> None:
    issue = it.issue
    give({"id": issue.id, "state": issue.state.value, "deliveries": dict(it.sums)})


# -- copies that may have arrived -----------------------------------------------------------


def resolve(
    key: str = _ISSUE,
    resend: bool = typer.Option(
        False, "--resend", help="Noch einmal senden, frühestens 15 Minuten danach."
    ),
    leave: bool = typer.Option(False, "--leave", help="So belassen; es geht nichts mehr hinaus."),
) -> None:
    """Unklare Zustellungen zeigen und über sie entscheiden.

    Unklar ist, was vielleicht ankam: die Verbindung brach ab, bevor der Mailserver
    antwortete. Von selbst wird nichts wiederholt, damit niemand die Ausgabe zweimal bekommt.

    \b
    Beispiel:
      newsletter issue resolve clusterplattform-2026-12 --as redaktion
      newsletter issue resolve clusterplattform-2026-12 --resend --as redaktion
    """
    from newsletter import issues
    from newsletter.dispatch import home_guard, ledger
    from newsletter.errors import WrongUsage
    from newsletter.history import now

    if resend and leave:
        raise WrongUsage(why=_("Bitte entweder --resend oder --leave."))
    invocation.actor()
    seen_at = now()
    with invocation.look() as session:
        home_guard.require_own_home(session, invocation.settings.home)
        issue = issues.find(session, key)
        sums = ledger.sums(session, issue.id)
        only_show = not (resend or leave)
        most = None if invocation.json else _SHOWN
        rows = ledger.unclear(session, issue.id, most) if only_show else []
    if only_show:
        _tell(issue, sums, rows, seen_at)
    elif resend:
        _resend(issue, sums.get("unknown", 0))
    else:
        _leave(issue, sums.get("unknown", 0), seen_at)


def _tell(issue: Issue, sums: dict[str, int], rows: list[Unclear], now: datetime) -> None:
    from newsletter.dispatch.accounts import number

    unknown, sending = sums.get("unknown", 0), sums.get("sending", 0)
    if unknown:
        said = n_(
            "{id}: Bei einer Zustellung ist unklar, ob sie ankam.",
            "{id}: Bei {n} Zustellungen ist unklar, ob sie ankamen.",
            unknown,
        )
    else:
        said = _("{id}: Keine Zustellung ist unklar.")
    say(said.format(id=issue.id, n=number(unknown)))
    for row in rows:
        say()
        for line in _known(row, now):
            say(line)
    if rows and unknown > len(rows):
        say()
        said = _("… und {n} weitere; alle mit --json.")
        say(said.format(n=number(unknown - len(rows))))
    if sending:
        said = n_(
            "Eine wird gerade übergeben; was daraus wird, steht danach fest.",
            "{n} werden gerade übergeben; was daraus wird, steht danach fest.",
            sending,
        )
        say(said.format(n=number(sending)))
    if unknown:
        _tell_the_choice(issue.id)
    give(
        {
            "id": issue.id,
            "state": issue.state.value,
            "sending": sending,
            "unknown": [_facts(row) for row in rows],
        }
    )


def _tell_the_choice(issue_id: str) -> None:
    say()
    say(_("Noch einmal senden; wer sie schon hat, bekommt sie zweimal:"))
    say(f"  newsletter issue resolve {issue_id} --resend")
    say(_("So belassen; wer sie nicht hat, bekommt sie nicht:"))
    say(f"  newsletter issue resolve {issue_id} --leave")


def _known(row: Unclear, now: datetime) -> Iterator[str]:
    """What is known of a copy, as lines."""
    from newsletter.commands.moments import moment
    from newsletter.dispatch.steering import whole_minute

    person = " ".join(filter(None, [row.name, f"<{row.email}>" if row.email else ""]))
    yield person or _("(gelöschte Person)")
    said = n_(
        "unklar seit {since}, {n} Versuch",
        "unklar seit {since}, {n} Versuche",
        row.attempts,
    )
    yield "  " + said.format(since=moment(row.since), n=row.attempts)
    if row.relay:
        yield "  " + _("Mailserver: {relay}").format(relay=row.relay)
    if row.why in _WHY:
        yield "  " + _(_WHY[row.why])
    if row.reply:
        words = " ".join(row.reply.split())  # the server's own, or ours of a lost connection
        yield "  " + _("Zuletzt: {reply}").format(reply=_(words))
    if row.resend_from > now:
        when = moment(whole_minute(row.resend_from))
        yield "  " + _("Noch einmal senden geht ab {when}.").format(when=when)


def _facts(row: Unclear) -> dict[str, object]:
    return {
        "delivery": row.delivery,
        "name": row.name,
        "email": row.email,
        "since": row.since.isoformat(),
        "resend_from": row.resend_from.isoformat(),
        "attempts": row.attempts,
        "relay": row.relay,
        "reply": row.reply,
        "why": row.why,
        "message_id": row.message_id,
    }


def _resend(issue: Issue, unknown: int) -> None:
    from newsletter.dispatch import ledger, steering
    from newsletter.dispatch.accounts import number

    question = n_(
        "Eine Zustellung noch einmal senden? Wer sie schon hat, bekommt sie zweimal.",
        "{n} Zustellungen noch einmal senden? Wer sie schon hat, bekommt sie zweimal.",
        unknown,
    )
    _sure(question, unknown)
    with invocation.act() as act:
        issue, queued = steering.resend_unknown(act, issue.id)
        decided_at = act.now
    queued += _rest_of(queued, lambda act: steering.go_on_resending(act, issue.id, decided_at))
    with invocation.look() as session:
        left = ledger.sums(session, issue.id).get("unknown", 0)
    if queued:
        said = n_(
            "{id}: Eine Zustellung geht noch einmal hinaus.",
            "{id}: {n} Zustellungen gehen noch einmal hinaus.",
            queued,
        )
        say(said.format(id=issue.id, n=number(queued)))
        if issue.state == "paused":
            say(_("Die Ausgabe ist angehalten; sie gehen hinaus, wenn es weitergeht:"))
            say(f"  newsletter issue resume {issue.id}")
        else:
            _carried_by_the_sender()
    _after(issue, {"resent": queued, "unknown": left})


def _leave(issue: Issue, unknown: int, seen_at: datetime) -> None:
    from newsletter.dispatch import ledger, steering
    from newsletter.dispatch.accounts import number

    question = n_(
        "Eine Zustellung so belassen? Wer sie nicht hat, bekommt sie nicht.",
        "{n} Zustellungen so belassen? Wer sie nicht hat, bekommt sie nicht.",
        unknown,
    )
    _sure(question, unknown)
    with invocation.act() as act:
        issue, decided = steering.leave_unknown(act, issue.id, seen_at)
    decided += _rest_of(decided, lambda act: steering.go_on_leaving(act, issue.id, seen_at))
    with invocation.look() as session:
        left = ledger.sums(session, issue.id).get("unknown", 0)
    if decided:
        said = n_(
            "{id}: Eine Zustellung bleibt, wie sie ist.",
            "{id}: {n} Zustellungen bleiben, wie sie sind.",
            decided,
        )
        say(said.format(id=issue.id, n=number(decided)))
    _after(issue, {"left": decided, "unknown": left})


def _rest_of(first: int, go_on: Callable[[Act], int]) -> int:
    """What is left of a decision about many, in short transactions; how many that were."""
    done, more = 0, first
    while more:
        with invocation.act() as act:
            more = go_on(act)
        done += more
    return done


def _sure(question: str, unknown: int) -> None:
    """Ask where somebody can answer, if there is anything to decide."""
    from newsletter.dispatch.accounts import number

    if unknown and at_a_terminal() and not yes(question.format(n=number(unknown)), default=False):
        raise typer.Exit(1)


def _after(issue: Issue, done: dict[str, int]) -> None:
    """What is still to be decided, and the result as JSON."""
    from newsletter.dispatch.accounts import number

    if done["unknown"]:
        said = n_(
            "Eine ist noch unklar; von ihr gab es eben noch ein Lebenszeichen.",
            "{n} sind noch unklar; von ihnen gab es eben noch ein Lebenszeichen.",
            done["unknown"],
        )
        say(said.format(n=number(done["unknown"])))
        suggest(f"issue resolve {issue.id}")
    else:
        if not any(done.values()):
            say(_("{id}: Keine Zustellung ist unklar.").format(id=issue.id))
        suggest(f"issue status {issue.id}")
    give({"id": issue.id, "state": issue.state.value} | done)
