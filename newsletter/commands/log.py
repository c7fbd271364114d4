"""``newsletter log``: who did what, when, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import moments
from newsletter.commands.context import give, invocation, say, table
from newsletter.language import N_, _

if TYPE_CHECKING:
    from sqlmodel import Session

    from newsletter.models.event import Event

_LAST = 50
_HEADS = (N_("Wann"), N_("Wer"), N_("Was"), N_("Von"), N_("Nach"), N_("Warum"))

# Of readers only what happened is shown: this command asks nobody who they are.
_READERS = frozenset({"subscriber", "subscribers", "subscription"})
_NOUNS = {
    "submission": N_("Einreichung"),
    "event": N_("Termin"),
    "clearance": N_("Einreichung"),
    "issue": N_("Ausgabe"),
    "story": N_("Einreichung"),
    "approval": N_("Freigabeanfrage"),
    "cluster": N_("Cluster"),
    "letter": N_("Nachricht"),
    "sender": N_("Versand"),
    "subscriber": N_("Person"),
    "subscribers": N_("Abonnements"),
}
DONE = {
    "accepted unasked": N_("angenommen, ohne dass es gewünscht war"),
    "added": N_("aufgenommen"),
    "adopted": N_("übernommen"),
    "asked": N_("gewünscht"),
    "assigned": N_("zugewiesen an {to}"),
    "assigned to nobody": N_("niemandem mehr zugewiesen (bisher {before})"),
    "asked about a person": N_("nach einer Person gefragt"),
    "called for contributions": N_("um Beiträge gebeten"),
    "calls ended": N_("will keine Aufrufe mehr"),
    "calls wanted": N_("will wieder Aufrufe"),
    "change wanted": N_("Änderung gewünscht"),
    "changed": N_("geändert"),
    "closed": N_("abgerechnet"),
    "commented": N_("kommentiert"),
    "correction begun": N_("Korrektur begonnen"),
    "contributors told": N_("Ansprechpersonen benachrichtigt"),
    "deactivated": N_("abgeschaltet"),
    "edited": N_("bearbeitet"),
    "erased": N_("gelöscht"),
    "exported": N_("als Liste herausgegeben"),
    "feed added": N_("Feed eingetragen"),
    "feed removed": N_("Feed ausgetragen"),
    "filled": N_("gefüllt"),
    "handed over": N_("übergeben"),
    "imported": N_("eingelesen"),
    "kept in stock": N_("in den Vorrat gelegt"),
    "key issued": N_("Schlüssel ausgestellt"),
    "left out": N_("fällt aus"),
    "leave": N_("so belassen"),
    "let go": N_("Beitrag freigegeben für andere Ausgaben"),
    "link issued": N_("Link ausgestellt"),
    "links revoked": N_("Links gesperrt"),
    "listed": N_("aufgelistet"),
    "made": N_("begonnen"),
    "moved": N_("umgestellt"),
    "note in the archive taken back": N_("Hinweis im Archiv weggenommen"),
    "noted in the archive": N_("Hinweis im Archiv gesetzt"),
    "not left out any more": N_("erscheint doch"),
    "not in stock any more": N_("nicht mehr im Vorrat"),
    "no target any more": N_("nicht mehr gewünscht"),
    "person added": N_("Person aufgenommen"),
    "person removed": N_("Person entfernt"),
    "picture uploaded": N_("Bild hochgeladen"),
    "filed from a mail": N_("aus einer E-Mail aufgenommen"),
    "published": N_("veröffentlicht"),
    "taken down": N_("entfernt, von Rechts wegen"),
    "put back": N_("wieder wie vorher"),
    "restored": N_("wieder wie bei einem früheren Stand"),
    "question answered": N_("Rückfrage beantwortet"),
    "question asked": N_("Rückfrage gestellt"),
    "reactivated": N_("wieder eingeschaltet"),
    "received": N_("eingegangen"),
    "recovered": N_("nach Abbruch aufgeräumt"),
    "reminded of contributions": N_("an Beiträge erinnert"),
    "removed": N_("Beiträge herausgenommen"),
    "resend": N_("noch einmal senden"),
    "revised": N_("bearbeitet"),
    "said besides": N_("zum Termin geschrieben"),
    "shown": N_("angesehen"),
    "shown as edited": N_("der Ansprechperson gezeigt, wie es erscheint"),
    "taken over": N_("Entwurf übernommen"),
    "taken back": N_("zurückgenommen"),
    "taken from stock": N_("aus dem Vorrat in eine Ausgabe genommen"),
    "terms renewed": N_("Zusage zur Nutzung erneuert"),
    "tested": N_("als Testmail geschickt"),
    "told": N_("Ansprechperson benachrichtigt"),
    "told of a thin issue": N_("gemeldet: noch dünn"),
    "told of no approval": N_("gemeldet: Freigabe fehlt"),
    "told of the cut-off": N_("gemeldet: Redaktionsschluss"),
    "alarmed": N_("Redaktion alarmiert"),
    "trouble": N_("Störung"),
    "well": N_("Mailserver nimmt wieder an"),
    "warning accepted": N_("Warnung begründet"),
    "warning open again": N_("Begründung einer Warnung zurückgenommen"),
    "planned when approved": N_("für die Zeit nach der Freigabe vorgemerkt"),
    "plan lapsed": N_("Vormerkung entfallen"),
    "plan dropped": N_("Vormerkung zurückgenommen"),
    "approved in part": N_("von einer der gefragten Personen freigegeben"),
    "reminded": N_("erinnert"),
    "waits until": N_("länger zurückgestellt"),
    "unsubscribed": N_("abgemeldet"),
}


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    app.command("log")(log)


def log(
    noun: str = typer.Argument(
        None,
        metavar="[ART]",
        help="submission, event, clearance, story, issue, approval, cluster, letter, sender,"
        " subscriber oder subscribers.",
    ),
    key: str = typer.Argument(
        None, metavar="[ID]", help="Welche: q12, clusterplattform-2026-12, lichtwerk …"
    ),
    last: int = typer.Option(
        _LAST, "--last", metavar="ZAHL", min=1, help="So viele Zeilen vom Ende."
    ),
) -> None:
    """Das Protokoll: wer was wann getan hat, und warum.

    Von Leserinnen und Lesern steht nur da, was geschah. Bei wem das Konto am Rechner den
    Namen nicht belegt, steht „Identität nicht belegt“.

    \b
    Beispiel:
      newsletter log
      newsletter log q12
      newsletter log issue clusterplattform-2026-12 --json
    """
    from newsletter import history

    if key is None and re.fullmatch(r"q\d+", noun or ""):  # as everywhere else
        noun, key = "submission", noun
    with invocation.look() as session:
        about = _about(session, noun, key) if noun else []
        events = history.recorded(session, about, last)
    if events:
        table([_(head) for head in _HEADS], [_row(event) for event in events])
    else:
        say(_("Dazu steht nichts im Protokoll."))
    give([_facts(event) for event in events])


def _about(session: Session, noun: str, key: str | None) -> list[tuple[str, str]]:
    """Nouns and keys as the history has them, for what a person calls q12."""
    from newsletter import issues, queue, submissions
    from newsletter.errors import WrongUsage

    given = (key or "").strip()
    if noun not in _NOUNS:
        wrong = _("„{name}“ gibt es nicht. Möglich: {names}.")
        raise WrongUsage(why=wrong.format(name=noun, names=", ".join(_NOUNS)))
    if given and noun in {"submission", "clearance", "event", "story"}:
        return queue.history_keys(submissions.by_reference(session, given))
    if given and noun == "issue":
        issue = issues.find(session, given)
        return [("issue", issue.id), *_approvals(session, issue.id)]
    return [(noun, given)]


def _approvals(session: Session, issue_id: str) -> list[tuple[str, str]]:
    from sqlmodel import col, select

    from newsletter.models.issue import Approval

    asked = select(Approval.id).where(col(Approval.issue_id) == issue_id)
    return [("approval", str(number)) for number in session.exec(asked)]


def _row(event: Event) -> list[object]:
    return [
        moments.moment(event.at),
        _who(event),
        _what(event),
        _state(event, event.from_state),
        _end(event) if event.to_state else _done(event),
        _(why) if (why := _why(event)) else "",
    ]


def _done(event: Event) -> str:
    what = event.what or ""
    done = _(DONE.get(what, what))
    return done.format_map(event.detail) if event.detail and "{" in done else done


def _who(event: Event) -> str:
    """The claimed name, and what the operating system or sshd knows about it."""
    from newsletter.history import SSH

    by = (event.detail or {}).get("by")
    if _nobody(event) and by and event.noun in {"approval", "issue"}:
        return _("{name} (per Link)").format(name=by)
    if _nobody(event):
        return event.actor
    if event.proven and event.login and event.login.startswith(SSH):
        return _("{name} (mit ssh-Schlüssel belegt)").format(name=event.actor)
    if event.login and event.login != event.actor:
        said = _PROVEN_AS if event.proven else _NOT_PROVEN_AS
    else:
        said = _PROVEN if event.proven else _NOT_PROVEN
    return _(said).format(name=event.actor, login=event.login)


_PROVEN = N_("{name} (belegt)")
_PROVEN_AS = N_("{name} ({login}; belegt)")
_NOT_PROVEN = N_("{name} (Identität nicht belegt)")
_NOT_PROVEN_AS = N_("{name} ({login}; Identität nicht belegt)")


def _nobody(event: Event) -> bool:
    """Whether it was the program itself, or a page that asks nobody."""
    from newsletter.history import PUBLIC, SYSTEM

    return event.login is None and event.actor in {SYSTEM.name, PUBLIC.name}


def _what(event: Event) -> str:
    word = _(_NOUNS.get(event.noun, event.noun))
    if event.noun not in {"submission", "clearance", "event", "story"}:
        return f"{word} {_key(event)}"
    number, __, newsletter = event.key.partition("/")
    if not newsletter:
        return f"{word} q{number}"
    said = _("{noun} {reference} für {newsletter}")
    return said.format(noun=word, reference=f"q{number}", newsletter=newsletter)


def _key(event: Event) -> str:
    return f"{event.key[:6]}…" if event.noun == "subscriber" else event.key


def _end(event: Event) -> str:
    """Where it came to; who wishes changes has not said no."""
    if event.noun == "approval" and (event.detail or {}).get("answer") == "changes":
        return _("Änderungen gewünscht")
    return _state(event, event.to_state)


def _state(event: Event, state: str | None) -> str:
    from newsletter import issues, queue, stories

    words: dict[str, dict[str, str]] = {
        "submission": {each.value: word for each, word in queue.STATE_WORDS.items()},
        "clearance": {each.value: word for each, word in queue.CLEARANCE_WORDS.items()},
        "event": {each.value: word for each, word in queue.EVENT_WORDS.items()},
        "issue": {each.value: word for each, word in issues.STATE_WORDS.items()},
        "approval": _APPROVALS,
        "story": {each.value: word for each, word in stories.STATE_WORDS.items()},
    }
    known = words.get(event.noun, {})
    return _(known.get(state, state)) if state else ""


_APPROVALS = {
    "open": N_("angefragt"),
    "approved": N_("freigegeben"),
    "declined": N_("abgelehnt"),
    "void": N_("hinfällig"),
}


def _why(event: Event) -> str | None:
    return None if event.noun in _READERS else _(event.why or "") or None


def _facts(event: Event) -> dict[str, object]:
    return {
        "at": event.at.isoformat(),
        "actor": event.actor,
        "login": event.login,
        "proven": event.proven,
        "noun": event.noun,
        "key": _key(event),
        "from": event.from_state,
        "to": event.to_state,
        "what": event.what,
        "why": _why(event),
        "detail": None if event.noun in _READERS else _detail(event),
    }


def _detail(event: Event) -> dict[str, Any] | None:
    """Without how it all stood before: ``undo`` needs that, and nobody reads it."""
    kept = {name: value for name, value in (event.detail or {}).items() if name != "before"}
    return kept or None
