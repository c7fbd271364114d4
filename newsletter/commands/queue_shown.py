"""How the queue and its items look at the terminal and as JSON."""

from collections.abc import Sequence
from datetime import date, datetime

from newsletter.commands.context import invocation, say
from newsletter.content import EventState, Finding
from newsletter.models.event import Event
from newsletter.models.issue import IssueState
from newsletter.models.submission import ClearanceState, SubmissionState
from newsletter.queue import (
    CLEARANCE_WORDS,
    EVENT_WORDS,
    STATE_WORDS,
    Decision,
    Entry,
    Shown,
)
from newsletter.rhythm import in_words

KINDS = {"news": "Meldung", "date": "Termin", "success_story": "Erfolgsgeschichte"}
LEVELS = {"error": "Fehler", "warning": "Warnung", "hint": "Hinweis"}
HEADS = ("ID", "Art", "Von", "Titel", "Eingang", "Stand", "Ausgabe")
_TITLE = 60  # characters of a title in a list


def row(entry: Entry) -> list[object]:
    stands = [f"{slug} {CLEARANCE_WORDS[state]}" for slug, state in entry.clearances.items()]
    gone = {"merged": "zusammengeführt", "withdrawn": "zurückgezogen"}
    state = gone.get(entry.submission.state, ", ".join(stands))
    title = entry.title if len(entry.title) <= _TITLE else entry.title[: _TITLE - 1] + "…"
    if entry.embargo_until:
        state += f"; Sperrfrist {local(entry.embargo_until)}"
    received = entry.submission.received_at.astimezone(invocation.settings.zone)
    return [
        entry.submission.reference,
        KINDS[entry.submission.kind],
        entry.origin,
        title,
        f"{received:%d.%m.%Y}",
        state,
        ", ".join(entry.issues),
    ]


def facts(entry: Entry) -> dict[str, object]:
    submission = entry.submission
    return {
        "id": submission.reference,
        "kind": submission.kind.value,
        "state": submission.state.value,
        "title": entry.title,
        "origin": entry.origin,
        "received_at": submission.received_at.isoformat(),
        "revision": submission.revision,
        "reach": submission.reach.value,
        "embargo_until": entry.embargo_until.isoformat() if entry.embargo_until else None,
        "starts_at": entry.starts,
        "clearances": {slug: state.value for slug, state in entry.clearances.items()},
        "issues": list(entry.issues),
    }


def local(moment: datetime) -> str:
    return in_words(moment, invocation.settings.zone)


def tell(shown: Shown, findings: Sequence[Finding]) -> None:
    submission, item = shown.submission, shown.item
    say(f"{submission.reference}  {KINDS[submission.kind]}: {item.title}")
    say(f"Von: {item.origin.name}; Fassung {item.revision}, {STATE_WORDS[submission.state]}")
    say(f"Eingang: {local(submission.received_at)}")
    for label, text in _lines(shown):
        if text:
            say(f"{label}: {text}")
    say(f"\n{item.teaser}\n")
    if item.body:
        say(f"{item.body}\n")
    for clearance in shown.clearances:
        reason = f" ({clearance.reason})" if clearance.reason else ""
        say(f"{clearance.newsletter}: {CLEARANCE_WORDS[clearance.state]}{reason}")
    if shown.issues:
        say(f"Steht in: {', '.join(shown.issues)}")
    for finding in findings:
        say(f"{LEVELS[finding.level]}: {finding.text}")
    say("\nVerlauf:")
    for event in shown.history:
        why = f" ({event.why})" if event.why else ""
        say(f"  {local(event.at)}  {event.actor}: {_said(event)}{why}")
    if submission.state in {"received", "in_review", "question"}:
        say(f"Als Nächstes: newsletter queue accept {submission.reference}")


_DONE = {
    "received": "eingegangen",
    "published": "veröffentlicht",
    "revised": "bearbeitet",
    "question asked": "gefragt",
    "question answered": "Antwort bekommen",
    "asked": "gewünscht",
    "told": "Ansprechperson benachrichtigt",
    "accepted unasked": "angenommen, ohne dass es gewünscht war",
    "no target any more": "nicht mehr gewünscht",
}


def _said(event: Event) -> str:
    """A line of history: „angenommen für go-cluster“, „in Prüfung“."""
    if event.to_state is None:
        done = _DONE.get(event.what or "", event.what or "")
        revision = (event.detail or {}).get("revision")
        done += f" (Fassung {revision})" if revision else ""
    elif event.noun == "clearance":
        done = CLEARANCE_WORDS[ClearanceState(event.to_state)]
    elif event.noun == "submission":
        done = STATE_WORDS[SubmissionState(event.to_state)]
    elif event.noun == "event":
        done = EVENT_WORDS[EventState(event.to_state)]
    else:
        done = event.to_state
    _, _, newsletter = event.key.partition("/")
    return f"{done} für {newsletter}" if newsletter else done


def _lines(shown: Shown) -> list[tuple[str, str]]:
    revision, item = shown.revision, shown.item
    picture = item.picture
    state = shown.submission.event_state
    return [
        ("Termin", EVENT_WORDS[state] if state and state is not EventState.ON else ""),
        ("Beginn", _when(revision.starts_at or revision.starts_on)),
        ("Ende", _when(revision.ends_at or revision.ends_on)),
        ("Ort", item.location or ""),
        ("Online", "ja" if item.online else ""),
        ("Anmeldung bis", _when(item.register_by)),
        ("Sperrfrist", _when(item.embargo_until)),
        ("Link", item.link or ""),
        ("Bild", picture.url if picture else ""),
        ("Alternativtext", ("schmückend" if picture.decorative else picture.alt or "fehlt"))
        if picture
        else ("", ""),
        ("Bildnachweis", (picture.credit or "fehlt") if picture else ""),
        ("Herausforderung", item.challenge or ""),
        ("Lösung", item.solution or ""),
        ("Ergebnis", item.result or ""),
        ("Kontakt", " ".join(filter(None, (revision.contact_name, revision.contact_email)))),
    ]


def _when(moment: date | None) -> str:
    if moment is None:
        return ""
    return local(moment) if isinstance(moment, datetime) else f"{moment:%d.%m.%Y}"


def everything(shown: Shown, findings: Sequence[Finding]) -> dict[str, object]:
    submission, revision = shown.submission, shown.revision
    hidden = {"submission_id", "number", "handed_in"}
    return {
        "id": submission.reference,
        "kind": submission.kind.value,
        "state": submission.state.value,
        "origin": shown.item.origin.name,
        "reach": submission.reach.value,
        "event_state": submission.event_state.value if submission.event_state else None,
        "via": submission.via.value,
        "received_at": submission.received_at.isoformat(),
        "revision": submission.revision,
        **{name: value for name, value in revision.model_dump().items() if name not in hidden},
        "clearances": {
            clearance.newsletter: {"state": clearance.state.value, "reason": clearance.reason}
            for clearance in shown.clearances
        },
        "issues": list(shown.issues),
        "findings": [{"check": f.check, "level": f.level.value, "text": f.text} for f in findings],
    }


# -- what was decided ---------------------------------------------------------------------


def tell_decisions(decisions: Sequence[Decision]) -> None:
    for each in decisions:
        word = CLEARANCE_WORDS[each.state]
        already = "" if each.changed else "schon "
        say(f"{each.reference}  {already}{word} für {each.newsletter}: {each.title}")


def decision(decision: Decision) -> dict[str, object]:
    return {
        "id": decision.reference,
        "newsletter": decision.newsletter,
        "state": decision.state.value,
        "changed": decision.changed,
    }


def tell_stopped(stopped: Sequence[tuple[str, IssueState]]) -> None:
    """Which issues lost their approval, and how it stands with them now."""
    for issue, state in stopped:
        word = "angehalten" if state is IssueState.PAUSED else "wieder ein Entwurf"
        say(f"Achtung: {issue} ist deshalb {word}; die Freigabe gilt nicht mehr.")
