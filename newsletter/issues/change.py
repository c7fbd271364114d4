"""What every change of an issue has in common: may it be, and what does it undo?"""

from sqlalchemy import update
from sqlmodel import col

from newsletter import invalidation
from newsletter.errors import Overtaken, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import EDITABLE, Issue, IssueState

from .register import find

STATE_WORDS = {
    IssueState.DRAFT: "Entwurf",
    IssueState.IN_APPROVAL: "zur Freigabe vorgelegt",
    IssueState.APPROVED: "freigegeben",
    IssueState.SCHEDULED: "geplant",
    IssueState.LATE: "verspätet",
    IssueState.OPENING: "im Versand",
    IssueState.SENDING: "im Versand",
    IssueState.PAUSED: "angehalten",
    IssueState.SENT: "versendet",
    IssueState.CANCELLED: "abgesagt",
    IssueState.STOPPED: "abgebrochen",
}


class NotEditable(Refused):
    sentence = "Die Ausgabe {issue} ist {state}; daran lässt sich nichts mehr ändern."


class MovedMeanwhile(Refused):
    sentence = N_(
        "{issue} ist inzwischen {state}; davon war noch nicht die Rede. Es wurde nichts geändert."
        " Wenn Sie trotzdem ändern möchten, geben Sie den Befehl noch einmal."
    )


def at_stake(issue: Issue) -> str | None:
    """What a change would undo, as a sentence to say before it is made; None if nothing."""
    if issue.state not in invalidation.AWAITED:
        return None
    return (
        f"{issue.id} ist {STATE_WORDS[issue.state]}. Mit dieser Änderung wird die Ausgabe wieder"
        " ein Entwurf und braucht eine neue Freigabe."
    )


def require_as_seen(act: Act, seen: Issue) -> None:
    """MovedMeanwhile if a change would undo more by now than was said when it was ``seen``.

    Whoever requests, approves or schedules while an editor types does not lose it unheard.
    """
    issue = find(act.session, seen.id)
    if issue.state is not seen.state and issue.state in invalidation.AWAITED:
        raise MovedMeanwhile(issue=issue.id, state=_(STATE_WORDS[issue.state]))


def opened(act: Act, key: str) -> Issue:
    """The issue, if it may still be changed; NotEditable otherwise."""
    issue = find(act.session, key)
    if issue.state not in EDITABLE:
        raise NotEditable(issue=issue.id, state=STATE_WORDS[issue.state])
    return issue


def changed(act: Act, issue: Issue, what: str, **detail: object) -> None:
    """Record a change: what was approved is approved no more, and the version goes up."""
    if issue.state in invalidation.AWAITED:
        invalidation.take_back(act, issue, f"geändert: {what}")
    else:
        bumped = act.session.connection().execute(
            update(Issue)
            .where(col(Issue.id) == issue.id, col(Issue.version) == issue.version)
            .values(version=issue.version + 1)
        )
        if bumped.rowcount != 1:  # somebody else changed it meanwhile
            raise Overtaken(noun="Die Ausgabe", key=issue.id)
        act.session.refresh(issue)
    act.record("issue", issue.id, what, detail=detail or None)
