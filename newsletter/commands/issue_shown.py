"""How issues look at the terminal and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter import issues, rhythm
from newsletter.commands import issue_document
from newsletter.commands.context import invocation, say
from newsletter.content import Finding, IssueContent
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import Issue

HEADS = ("Ausgabe", "Stand", "Versand", "Beiträge", "Betreff")
LEVELS = {"error": "Fehler", "warning": "Warnung", "hint": "Hinweis"}
APPROVED_HOW = {
    "command": "",
    "link": " per Link",
    "evidence": " per E-Mail oder Telefon; der Nachweis ist abgelegt",
    None: "",
}
_DELIVERY_WORDS = {
    DeliveryState.QUEUED: "warten",
    DeliveryState.CLAIMED: "in Arbeit",
    DeliveryState.SENDING: "werden gerade übergeben",
    DeliveryState.ACCEPTED: "an den Mailserver übergeben",
    DeliveryState.DEFERRED: "später noch einmal",
    DeliveryState.REFUSED: "abgewiesen",
    DeliveryState.UNKNOWN: "ungewiss (brauchen eine Entscheidung)",
    DeliveryState.SKIPPED: "ausgelassen",
    DeliveryState.EXPIRED: "abgelaufen",
    DeliveryState.FAILED: "ließen sich nicht schreiben",
    DeliveryState.LEFT: "so belassen",
}
_ONE_DELIVERY = _DELIVERY_WORDS | {
    DeliveryState.QUEUED: "wartet",
    DeliveryState.SENDING: "wird gerade übergeben",
    DeliveryState.UNKNOWN: "ungewiss (braucht eine Entscheidung)",
    DeliveryState.FAILED: "ließ sich nicht schreiben",
}


def planned(issue: Issue) -> Iterator[str]:
    """When an issue leaves by the rhythm, and until when items are taken for it."""
    settings = invocation.settings
    it = settings.newsletter(issue.newsletter)
    leaves = rhythm.planned_time(issue.number, it.rhythm, settings.zone)
    if leaves is not None:
        yield f"Versand nach dem Rhythmus: {rhythm.in_words(leaves, settings.zone)}"
        closes = rhythm.cut_off(leaves, it.cutoff, settings.zone)
        yield f"Redaktionsschluss: {rhythm.in_words(closes, settings.zone)}"


def row(line: issues.Line) -> list[object]:
    """One issue in a list."""
    issue = line.issue
    state = issues.STATE_WORDS[issue.state]
    return [issue.id, state, _local(issue.send_at), line.items, issue.subject]


def facts(line: issues.Line) -> dict[str, object]:
    """One issue in a list, as JSON."""
    issue = line.issue
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "state": issue.state.value,
        "subject": issue.subject,
        "send_at": issue.send_at.isoformat() if issue.send_at else None,
        "items": line.items,
    }


def _local(moment: datetime | None) -> str:
    return rhythm.in_words(moment, invocation.settings.zone) if moment else "–"


def document(issue: Issue, content: IssueContent) -> str:
    """The issue as ``issue edit`` reads it."""
    it = invocation.settings.newsletter(issue.newsletter)
    return issue_document.written(issue, content, [(s.key, s.title) for s in it.sections])


def tell(issue: Issue, content: IssueContent) -> None:
    """An issue with its texts and items."""
    say(f"{issue.id}  {issues.STATE_WORDS[issue.state]}, Stand {issue.version}")
    if issue.send_at:
        say(f"Versand: {_local(issue.send_at)}")
    else:
        for line in planned(issue):
            say(line)
    say(f"Betreff: {issue.subject}")
    say(f"Vorschauzeile: {issue.preheader}")
    say(f"\n{issue.opening}\n")
    for section in content.sections:
        say(f"[{section.key}] {section.title}")
        for item in section.items:
            say(f"  {item.reference}  {item.title} (Fassung {item.revision})")
    if not content.items:
        say("Noch kein Beitrag.")
        say(f"Als Nächstes: newsletter issue fill {issue.id}")
    elif following := after(issue.state, issue.id, issue.made_by):
        say(f"Als Nächstes: newsletter {following}")


def everything(issue: Issue, content: IssueContent) -> dict[str, object]:
    """An issue with its texts and items, as JSON."""
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "audience": issue.audience.value,
        "state": issue.state.value,
        "version": issue.version,
        "send_at": issue.send_at.isoformat() if issue.send_at else None,
        "content_hash": issue.content_hash,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "opening": issue.opening,
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "items": [
                    {"id": item.reference, "revision": item.revision, "title": item.title}
                    for item in section.items
                ],
            }
            for section in content.sections
        ],
    }


def tell_findings(findings: Sequence[Finding]) -> None:
    """Findings line by line, gravest first."""
    for finding in findings:
        where = "" if finding.where == "issue" else f"{finding.where}: "
        say(f"{LEVELS[finding.level]} ({finding.check}): {where}{finding.text}")
    if not findings:
        say("Nichts zu beanstanden.")


def tell_status(facts: Mapping[str, Any]) -> None:
    """How an issue stands, with the next step."""
    state = next(word for key, word in issues.STATE_WORDS.items() if key == facts["state"])
    say(f"{facts['id']}  {state}")
    say(f"Betreff: {facts['subject']}")
    if facts["approved_by"]:
        how = APPROVED_HOW[facts["approved_how"]]
        say(f"Freigegeben von {facts['approved_by']}{how} (angefragt von {facts['requested_by']})")
    elif facts["requested_by"]:
        say(f"Freigabe angefragt von {facts['requested_by']}")
    if facts["asked"] and facts["state"] == "in_approval":
        until = _local(datetime.fromisoformat(facts["asked_until"]))
        say(f"Gefragt ist {facts['asked']}, per Link; Frist: {until}")
    if facts["content_hash"]:
        say(f"Prüfsumme: {facts['content_hash']}")
    if facts["send_at"]:
        say(f"Versand: {_local(datetime.fromisoformat(facts['send_at']))}")
    if facts["recipients"] is not None:
        say(f"Empfängerinnen und Empfänger: {facts['recipients']}")
    for name, count in facts["deliveries"].items():
        words = _ONE_DELIVERY if count == 1 else _DELIVERY_WORDS
        say(f"  {count:>7}  {words[DeliveryState(name)]}")
    if following := after(facts["state"], facts["id"], facts["requested_by"] or ""):
        say(f"Als Nächstes: newsletter {following}")


def after(state: str, key: str, requested_by: str = "") -> str | None:
    """The likely next command for an issue; None when it is over."""
    second = issues.second_person(invocation.settings, requested_by)
    return {
        "draft": f"issue check {key}",
        "in_approval": f"--as {second} issue approve {key}",
        "approved": f"issue schedule {key}",
        "scheduled": "dispatch --until-empty",
        "late": f"issue schedule {key} now",
        "opening": "dispatch --until-empty",
        "sending": "dispatch --until-empty",
    }.get(state)
