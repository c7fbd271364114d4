"""``newsletter log``: who did what, when, and why; ``newsletter undo``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, table

if TYPE_CHECKING:
    from sqlmodel import Session

    from newsletter.models.event import Event

_LAST = 50
_HEADS = ("Wann", "Wer", "Was", "Von", "Nach", "Warum")

# Of readers only what happened is shown: this command asks nobody who they are.
_READERS = frozenset({"subscriber", "subscribers", "subscription"})
_NOUNS = {
    "submission": "Einreichung",
    "event": "Termin",
    "clearance": "Einreichung",
    "issue": "Ausgabe",
    "approval": "Freigabeanfrage",
    "cluster": "Cluster",
    "letter": "Nachricht",
    "sender": "Versand",
    "subscriber": "Person",
    "subscribers": "Abonnements",
}
_DONE = {
    "accepted unasked": "angenommen, ohne dass es gewünscht war",
    "added": "aufgenommen",
    "adopted": "übernommen",
    "asked": "gewünscht",
    "changed": "geändert",
    "closed": "abgerechnet",
    "deactivated": "abgeschaltet",
    "edited": "bearbeitet",
    "erased": "gelöscht",
    "filled": "gefüllt",
    "imported": "eingelesen",
    "key issued": "Schlüssel ausgestellt",
    "let go": "Beitrag freigegeben für andere Ausgaben",
    "link issued": "Link ausgestellt",
    "listed": "aufgelistet",
    "made": "begonnen",
    "moved": "umgestellt",
    "no target any more": "nicht mehr gewünscht",
    "person added": "Person aufgenommen",
    "person removed": "Person entfernt",
    "published": "veröffentlicht",
    "question answered": "Rückfrage beantwortet",
    "question asked": "Rückfrage gestellt",
    "reactivated": "wieder eingeschaltet",
    "received": "eingegangen",
    "recovered": "nach Abbruch aufgeräumt",
    "removed": "Beiträge herausgenommen",
    "resend": "noch einmal senden",
    "revised": "bearbeitet",
    "shown": "angesehen",
    "told": "Ansprechperson benachrichtigt",
    "trouble": "Störung",
    "unsubscribed": "abgemeldet",
}


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    app.command("log")(log)
    app.command("undo")(undo)


def log(
    noun: str = typer.Argument(
        None, metavar="[ART]", help="submission, issue, cluster, subscriber oder sender."
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
      newsletter log submission q12
      newsletter log issue clusterplattform-2026-12 --json
    """
    from newsletter import history

    with invocation.look() as session:
        about = _about(session, noun, key) if noun else []
        events = history.recorded(session, about, last)
    if events:
        table(_HEADS, [_row(event) for event in events])
    else:
        say("Dazu steht nichts im Protokoll.")
    give([_facts(event) for event in events])


def undo(
    reference: str = typer.Argument(
        None, metavar="[ID]", help="Nur die letzte Entscheidung über diese Einreichung."
    ),
) -> None:
    """Die eigene letzte Entscheidung über Einreichungen zurücknehmen.

    Angenommen, abgelehnt, zurückgestellt: Danach ist wieder offen, was in einem Befehl
    entschieden wurde. Die Nachricht darüber wartet zehn Minuten; so lange geht sie dann
    nicht hinaus.

    \b
    Beispiel:
      newsletter undo --as redaktion
      newsletter undo q12 --as redaktion
    """
    from newsletter import queue

    with invocation.act() as act:
        undone = queue.undo(act, reference)
    for each in undone:
        say(f"{each.reference}  wieder offen für {each.newsletter}: {each.title}")
    for told in dict.fromkeys(each.reference for each in undone if each.letter_left):
        say(f"{told}: Die Nachricht an die Ansprechperson ist schon hinausgegangen.")
    say(f"Als Nächstes: newsletter queue show {undone[0].reference}")
    give(
        [
            {
                "id": each.reference,
                "newsletter": each.newsletter,
                "state": "asked",
                "letter_left": each.letter_left,
            }
            for each in undone
        ]
    )


def _about(session: Session, noun: str, key: str | None) -> list[tuple[str, str]]:
    """Nouns and keys as the history has them, for what a person calls q12."""
    from newsletter import issues, queue, submissions
    from newsletter.errors import WrongUsage

    given = (key or "").strip()
    if noun not in _NOUNS:
        raise WrongUsage(why=f"„{noun}“ gibt es nicht. Möglich: {', '.join(_NOUNS)}.")
    if given and noun in {"submission", "clearance", "event"}:
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
    when = event.at.astimezone(invocation.settings.zone)
    done = _DONE.get(event.what or "", event.what)
    return [
        f"{when:%d.%m.%Y %H:%M}",
        _who(event),
        _what(event),
        _state(event, event.from_state),
        _state(event, event.to_state) if event.to_state else done,
        _why(event) or "",
    ]


def _who(event: Event) -> str:
    """The claimed name, and what the operating system knows about it."""
    if _nobody(event):
        return event.actor
    login = f"{event.login}; " if event.login and event.login != event.actor else ""
    if event.proven:
        return f"{event.actor} ({login}belegt)"
    return f"{event.actor} ({login}Identität nicht belegt)"


def _nobody(event: Event) -> bool:
    """Whether it was the program itself, or a page that asks nobody."""
    from newsletter.history import PUBLIC, SYSTEM

    return event.login is None and event.actor in {SYSTEM.name, PUBLIC.name}


def _what(event: Event) -> str:
    word = _NOUNS.get(event.noun, event.noun)
    number, _, newsletter = event.key.partition("/")
    if event.noun in {"submission", "clearance", "event"}:
        return f"{word} q{number}" + (f" für {newsletter}" if newsletter else "")
    return f"{word} {_key(event)}"


def _key(event: Event) -> str:
    return f"{event.key[:6]}…" if event.noun == "subscriber" else event.key


def _state(event: Event, state: str | None) -> str:
    from newsletter import issues, queue

    words: dict[str, dict[str, str]] = {
        "submission": {each.value: word for each, word in queue.STATE_WORDS.items()},
        "clearance": {each.value: word for each, word in queue.CLEARANCE_WORDS.items()},
        "event": {each.value: word for each, word in queue.EVENT_WORDS.items()},
        "issue": {each.value: word for each, word in issues.STATE_WORDS.items()},
        "approval": _APPROVALS,
    }
    return words.get(event.noun, {}).get(state or "", state or "")


_APPROVALS = {
    "open": "angefragt",
    "approved": "freigegeben",
    "declined": "abgelehnt",
    "void": "hinfällig",
}


def _why(event: Event) -> str | None:
    return None if event.noun in _READERS else event.why


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
        "detail": None if event.noun in _READERS else event.detail,
    }
