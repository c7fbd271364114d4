"""How the queue and its items look at the terminal and as JSON."""

from collections.abc import Sequence
from datetime import date, datetime

from newsletter import stories
from newsletter.commands import comments, log, moments, presence, queue_alike
from newsletter.commands.context import give, invocation, say, suggest
from newsletter.content import EventState, Finding, PictureUse
from newsletter.language import N_, _, n_
from newsletter.models.event import Event
from newsletter.models.issue import IssueState
from newsletter.models.story import STORY, StoryState
from newsletter.models.submission import ClearanceState, Submission, SubmissionState
from newsletter.queue import (
    CLEARANCE_WORDS,
    EVENT_WORDS,
    STATE_WORDS,
    Alike,
    Decision,
    Edited,
    Entry,
    Merged,
    Shown,
)
from newsletter.rhythm import in_words
from newsletter.submissions.spoken import field_name

KINDS = {"news": N_("Meldung"), "date": N_("Termin"), "success_story": N_("Erfolgsgeschichte")}
LEVELS = {"error": N_("Fehler"), "warning": N_("Warnung"), "hint": N_("Hinweis")}
_GONE = {"merged": N_("zusammengeführt"), "withdrawn": N_("zurückgezogen")}
_TITLE = 60  # characters of a title in a list


def heads() -> list[str]:
    """What stands above a list of submissions."""
    first = [_("ID"), _("Art"), _("Von"), _("Titel")]
    return [*first, _("Eingang"), _("Stand"), _("Ausgabe")]


def row(entry: Entry, *, late: bool = False) -> list[object]:
    whole = invocation.plain or len(entry.title) <= _TITLE
    title = entry.title if whole else entry.title[: _TITLE - 1] + "…"
    received = entry.submission.received_at.astimezone(invocation.settings.zone)
    return [
        entry.submission.reference,
        _(KINDS[entry.submission.kind]),
        entry.origin,
        title,
        moments.day(received),
        _stand(entry, late=late),
        ", ".join(entry.issues),
    ]


def _stand(entry: Entry, *, late: bool = False) -> str:
    asking = entry.submission.state is SubmissionState.QUESTION
    stands = [
        f"{slug} {_decided(state, entry.held_until.get(slug), asking=asking)}"
        for slug, state in entry.clearances.items()
    ]
    gone = _GONE.get(entry.submission.state)
    state = _(gone) if gone else ", ".join(stands)
    if late:
        state = _("{state}; nach Redaktionsschluss").format(state=state)
    if entry.assigned:
        state = _("{state}; bei {name}").format(state=state, name=entry.assigned)
    if entry.comments:
        said = n_("{state}; {n} Kommentar", "{state}; {n} Kommentare", entry.comments)
        state = said.format(state=state, n=entry.comments)
    if entry.embargo_until is None:
        return state
    return _("{state}; Sperrfrist {when}").format(state=state, when=local(entry.embargo_until))


def _decided(state: ClearanceState, until: str | None, *, asking: bool) -> str:
    """„angenommen“, „zurückgestellt bis 2027-01“; „in Rückfrage“ while an answer is awaited."""
    if asking and state is ClearanceState.ASKED:
        return _(STATE_WORDS[SubmissionState.QUESTION])
    word = _(CLEARANCE_WORDS[state])
    return _("{state} bis {number}").format(state=word, number=until) if until else word


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
        "assigned": entry.assigned,
        "comments": entry.comments,
    }


def local(moment: datetime) -> str:
    return in_words(moment, invocation.settings.zone)


def tell(shown: Shown, findings: Sequence[Finding], alike: Alike) -> None:
    submission, item = shown.submission, shown.item
    say(f"{submission.reference}  {_(KINDS[submission.kind])}: {item.title}")
    stands = _("Von: {origin}; Fassung {revision}, {state}")
    state = _(STATE_WORDS[submission.state])
    say(stands.format(origin=item.origin.name, revision=item.revision, state=state))
    say(_("Eingang: {when}").format(when=local(submission.received_at)))
    if shown.assigned:
        whose = _("Liegt bei: {name}, seit {when}")
        when = local(shown.assigned.assigned_at)
        say(whose.format(name=shown.assigned.editor, when=when))
    for line in presence.lines(shown.typing):
        say(line)
    for label, text in _lines(shown):
        if text:
            say(f"{label}: {text}")
    say(f"\n{item.teaser}\n")
    if item.body:
        say(f"{item.body}\n")
    asking = submission.state is SubmissionState.QUESTION
    for clearance in shown.clearances:
        reason = f" ({clearance.reason})" if clearance.reason else ""
        decided = _decided(clearance.state, clearance.held_until, asking=asking)
        say(f"{clearance.newsletter}: {decided}{reason}")
    if shown.issues:
        say(_("Steht in: {issues}").format(issues=", ".join(shown.issues)))
    for finding in findings:
        say(f"{_(LEVELS[finding.level])}: {finding.text}")
    merge = queue_alike.tell(alike)
    for line in comments.lines(shown.comments):
        say(line)
    _tell_history(shown.history)
    _tell_next_step(submission, merge)


def _tell_history(events: Sequence[Event]) -> None:
    say("\n" + _("Verlauf:"))
    for event in events:
        if event.what == "commented":
            continue  # it stands above
        why = f" ({' '.join(_(event.why).split())})" if event.why else ""
        say(f"  {local(event.at)}  {event.actor}: {_said(event)}{why}")


def _tell_next_step(submission: Submission, merge: str | None) -> None:
    if submission.state is SubmissionState.QUESTION:
        said = _(
            "Die Antwort steht noch aus. Entscheiden ohne sie: newsletter queue accept {reference}"
        )
        say(said.format(reference=submission.reference))
    elif merge:
        suggest(merge)
    elif submission.state in {SubmissionState.RECEIVED, SubmissionState.IN_REVIEW}:
        suggest(f"queue accept {submission.reference}")


_DONE = log.DONE | {  # shorter, in an item's own story
    "question asked": N_("gefragt"),
    "question answered": N_("Antwort bekommen"),
    "waits until": N_("zurückgestellt bis {until}"),
}


def _said(event: Event) -> str:
    """A line of history: „angenommen für go-cluster“, „in Prüfung“."""
    if event.to_state is None:
        what = event.what or ""
        done = _(_DONE.get(what, what))
        if event.detail and "{" in done:
            done = done.format_map(event.detail)
        if revision := (event.detail or {}).get("revision"):
            done = _("{done} (Fassung {revision})").format(done=done, revision=revision)
    elif event.noun == "clearance":
        done = _(CLEARANCE_WORDS[ClearanceState(event.to_state)])
    elif event.noun == "submission":
        done = _(STATE_WORDS[SubmissionState(event.to_state)])
    elif event.noun == "event":
        done = _(EVENT_WORDS[EventState(event.to_state)])
    elif event.noun == STORY.noun:
        done = _(stories.STATE_WORDS[StoryState(event.to_state)])
    else:
        done = event.to_state
    if newsletter := event.key.partition("/")[2]:
        return _("{done} für {newsletter}").format(done=done, newsletter=newsletter)
    return done


def _lines(shown: Shown) -> list[tuple[str, str]]:
    revision, item = shown.revision, shown.item
    picture = item.picture
    state = shown.submission.event_state
    return [
        (_("Termin"), _(EVENT_WORDS[state]) if state and state is not EventState.ON else ""),
        (_("Beginn"), _when(revision.starts_at or revision.starts_on)),
        (_("Ende"), _when(revision.ends_at or revision.ends_on)),
        (_("Ort"), item.location or ""),
        (_("Online"), _("ja") if item.online else ""),
        (_("Anmeldung bis"), _when(item.register_by)),
        (_("Sperrfrist"), _when(item.embargo_until)),
        (_("Link"), item.link or ""),
        (_("Bild"), picture.url if picture else ""),
        (_("Alternativtext"), _alt(picture) if picture else ""),
        (_("Bildnachweis"), (picture.credit or _("fehlt")) if picture else ""),
        (_("Herausforderung"), item.challenge or ""),
        (_("Lösung"), item.solution or ""),
        (_("Ergebnis"), item.result or ""),
        (_("Zitat"), item.quote or ""),
        (_("Zugestimmt hat"), revision.approved_by or ""),
        (_("Zu sehen sind"), revision.persons_shown or ""),
        (_("Wunschausgabe"), revision.wish_issue or ""),
        (_("Muss jetzt hinein, weil"), revision.urgent_because or ""),
        (_("Aktuell bis"), _when(revision.current_until)),
        (_("Kontakt"), " ".join(filter(None, (revision.contact_name, revision.contact_email)))),
    ]


def _alt(picture: PictureUse) -> str:
    return _("schmückend") if picture.decorative else picture.alt or _("fehlt")


def _when(moment: date | None) -> str:
    if moment is None:
        return ""
    return local(moment) if isinstance(moment, datetime) else moments.day(moment)


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
        "assigned": shown.assigned.editor if shown.assigned else None,
        "comments": comments.facts(shown.comments),
        "typing": presence.facts(shown.typing),
        "findings": [{"check": f.check, "level": f.level.value, "text": f.text} for f in findings],
    }


# -- what was decided ---------------------------------------------------------------------


def tell_decisions(decisions: Sequence[Decision]) -> None:
    for each in decisions:
        said = (
            _("{reference}  {state} für {newsletter}: {title}")
            if each.changed
            else _("{reference}  schon {state} für {newsletter}: {title}")
        )
        state = _(CLEARANCE_WORDS[each.state])
        facts = {"reference": each.reference, "newsletter": each.newsletter, "title": each.title}
        say(said.format(state=state, **facts))
        if other := each.other:
            before = _(
                "  Bis eben {state}, von {who} ({when}). Zurück: newsletter undo {reference}"
            )
            was = _(CLEARANCE_WORDS[other.state])
            told = {"state": was, "who": other.who, "when": moments.moment(other.at)}
            say("  " + before.format(reference=each.reference, **told))


def tell_waits(decisions: Sequence[Decision]) -> None:
    """Which issues go without what was held over, and which are the first to take it."""
    waits = {each.newsletter: each.wait for each in decisions if each.wait}
    for slug, wait in waits.items():
        said = _("{newsletter}: nicht in {past}; „issue fill“ nimmt sie ab {until} wieder auf.")
        say(said.format(newsletter=slug, past=wait.past, until=wait.until))


def decision(decision: Decision) -> dict[str, object]:
    waits = {"until": decision.wait.until} if decision.wait else {}
    return {
        "id": decision.reference,
        "newsletter": decision.newsletter,
        "state": decision.state.value,
        "changed": decision.changed,
        **waits,
    }


def tell_stopped(stopped: Sequence[tuple[str, IssueState]]) -> None:
    """Which issues lost their approval, and how it stands with them now."""
    for issue, state in stopped:
        said = (
            _("Achtung: {issue} ist deshalb angehalten; die Freigabe gilt nicht mehr.")
            if state is IssueState.PAUSED
            else _("Achtung: {issue} ist deshalb wieder ein Entwurf; die Freigabe gilt nicht mehr.")
        )
        say(said.format(issue=issue))


def tell_edited(edited: Edited) -> None:
    """The new revision, what went in with it, and which issues show an older one."""
    reference = edited.reference
    said = _("{reference} hat jetzt Fassung {revision}.")
    say(said.format(reference=reference, revision=edited.revision))
    _tell_met(edited)
    tell_stopped(edited.stopped)
    if edited.picture_gone:
        say(_("Das Bild ist nicht mehr dabei: Ohne bestätigte Rechte wird keines gezeigt."))
    for issue in edited.older_in:
        if edited.without_rights:
            said = _(
                "{issue} zeigt noch die alte. Ohne Rechte bitte herausnehmen:"
                " newsletter issue remove {issue} {reference}"
            )
            say(said.format(issue=issue, reference=reference))
        else:
            tell_older(issue, reference)
    if not edited.older_in:
        suggest(f"queue show {reference}")
    give(
        {
            "id": reference,
            "revision": edited.revision,
            "older_in": list(edited.older_in),
            "stopped": {issue: state.value for issue, state in edited.stopped},
            **({"joined_with": list(edited.met.who)} if edited.met else {}),
        }
    )


def _tell_met(edited: Edited) -> None:
    if edited.met is None:
        return
    met = {"who": ", ".join(edited.met.who), "upto": edited.met.upto}
    said = _("Inzwischen hat {who} Fassung {upto} gespeichert; in Fassung {revision} steht beides.")
    say(said.format(revision=edited.revision, **met))
    if edited.met.theirs:
        fields = ", ".join(field_name(name) for name in edited.met.theirs)
        say(_("Von dort übernommen: {fields}").format(fields=fields))


def tell_merged(done: Merged) -> None:
    """What went into which submission, and which issues still show the older revision."""
    kept = {"reference": done.reference, "title": done.title, "revision": done.revision}
    merged = _("{others} in {reference} zusammengeführt: {title}")
    say(merged.format(others=", ".join(done.merged), **kept))
    if done.filled:
        filled = _("Übernommen (Fassung {revision}): {fields}")
        say(filled.format(fields=", ".join(done.filled), **kept))
    if done.credited:
        say(_("Außerdem genannt: {clusters}").format(clusters=", ".join(done.credited)))
    for slug in done.also_wanted:
        also = _("Gewünscht auch für {slug}: newsletter queue accept {reference} --for {slug}")
        say(also.format(slug=slug, **kept))
    tell_stopped(done.stopped)
    for issue in done.older_in:
        tell_older(issue, done.reference)


def tell_older(issue: str, reference: str) -> None:
    """An issue shows an older revision; how it gets the new one."""
    said = _("{issue} zeigt noch die alte. Neue nehmen: newsletter issue add {issue} {reference}")
    say(said.format(issue=issue, reference=reference))
