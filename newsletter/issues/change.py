"""What every change of an issue has in common: may it be, and what does it undo?"""

from sqlalchemy import update
from sqlmodel import col

from newsletter import invalidation
from newsletter.errors import Overtaken, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import EDITABLE, Issue, IssueState

from .register import CHANGES, find

STATE_WORDS = {  # marked: to be said by _
    IssueState.DRAFT: N_("Entwurf"),
    IssueState.IN_APPROVAL: N_("zur Freigabe vorgelegt"),
    IssueState.APPROVED: N_("freigegeben"),
    IssueState.SCHEDULED: N_("geplant"),
    IssueState.LATE: N_("verspätet"),
    IssueState.OPENING: N_("kurz vor dem Versand"),
    IssueState.SENDING: N_("im Versand"),
    IssueState.PAUSED: N_("angehalten"),
    IssueState.SENT: N_("versendet"),
    IssueState.CANCELLED: N_("abgesagt"),
    IssueState.STOPPED: N_("abgebrochen"),
}


class NotEditable(Refused):
    sentence = N_("Die Ausgabe {issue} ist {state}; daran lässt sich nichts mehr ändern.")


class MovedMeanwhile(Refused):
    sentence = N_(
        "{issue} ist inzwischen {state}; davon war noch nicht die Rede. Es wurde nichts geändert."
        " Wenn Sie trotzdem ändern möchten, geben Sie den Befehl noch einmal."
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
    return editable(find(act.session, key))


def editable(issue: Issue) -> Issue:
    """The issue, if it may still be changed; NotEditable otherwise."""
    if issue.state not in EDITABLE:
        raise NotEditable(issue=issue.id, state=_(STATE_WORDS[issue.state]))
    return issue


def changed(act: Act, issue: Issue, what: str, **detail: object) -> None:
    """Record a change: what was approved is approved no more, and the version goes up.

    ``before``: how the issue stood (``Board.standing``), for whoever wants it back, and for
    ``meeting``: whoever edits from that version.
    """
    if isinstance(before := detail.get("before"), dict):
        detail["before"] = before | {"version": issue.version}
    if issue.state in invalidation.AWAITED:
        invalidation.take_back(act, issue, CHANGES[what])
    else:
        bumped = act.session.connection().execute(
            update(Issue)
            .where(col(Issue.id) == issue.id, col(Issue.version) == issue.version)
            .values(version=issue.version + 1)
        )
        if bumped.rowcount != 1:  # somebody else changed it meanwhile
            raise Overtaken(noun=_("Die Ausgabe"), key=issue.id)
        act.session.refresh(issue)
    act.record("issue", issue.id, what, detail=detail or None)
