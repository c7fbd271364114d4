"""When an issue leaves, and that it does not leave at all."""

import re
from datetime import datetime

from sqlmodel import Session

from newsletter import invalidation, rhythm
from newsletter.errors import Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import CANCELLABLE, ISSUE, Issue, IssueState, WhenApproved
from newsletter.settings import Settings

from .change import STATE_WORDS
from .contents import build
from .guard import ready_to_send
from .register import find
from .sound import HasErrors, NotYet, listed, require_sound

NOW = "now"
DROPPED = "plan dropped"  # a line of the history


class InThePast(Refused):
    sentence = N_(
        "{when} ist schon vorbei. Sofort versenden: newsletter issue schedule {issue} now"
    )


class NoTimeByRhythm(Refused):
    sentence = N_(
        "Für {issue} gibt der Rhythmus keinen Zeitpunkt vor. Bitte angeben:"
        " newsletter issue schedule {issue} now oder {issue} 2026-12-15T10:00"
    )


def moment_of(text: str, settings: Settings, now: datetime) -> datetime:
    """„now“, or a time as clocks show it: 2026-12-15T10:00, with an offset if you like.

    In autumn's doubled hour the first pass is meant. WrongUsage for other forms, Refused for
    an hour that does not exist.
    """
    if text.strip().lower() == NOW:
        return now
    given = re.sub(r"(?<=\d)\s+(?=\d)", "T", text.strip())
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or "T" not in given:
        why = _("„{text}“ ist kein Zeitpunkt. Die Form: 2026-12-15T10:00 oder now.")
        raise WrongUsage(why=why.format(text=text))
    if moment.tzinfo is not None:
        return moment
    try:
        return rhythm.on_the_clock(moment.date(), moment.time(), settings.zone)
    except ValueError as error:
        raise Refused(why=str(error)) from error


def schedule(
    act: Act, key: str, when: datetime | None = None, *, planned_by: str | None = None
) -> Issue:
    """Let an approved issue leave at ``when``, by default at the rhythm's time.

    A scheduled or late one gets a new time. Refused if the time is past, if a check that
    knows the time finds an error, or if something is not as it was approved. ``planned_by``:
    an editor wanted it so as soon as it would be approved.
    """
    issue = find(act.session, key)
    if issue.state not in {IssueState.APPROVED, IssueState.SCHEDULED, IssueState.LATE}:
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=_before(issue))
    send_at = when or by_rhythm(act, issue)
    if send_at < act.now:
        raise InThePast(when=rhythm.in_words(send_at, act.settings.zone), issue=issue.id)
    if findings := ready_to_send(act.session, act.settings, issue, send_at):
        raise HasErrors(issue=issue.id, findings=listed(findings))
    require_sound(issue, build(act.session, act.settings, issue, act.now, send_at=send_at))
    if issue.state is IssueState.SCHEDULED:
        act.move(issue, ISSUE, IssueState.APPROVED, why=N_("neuer Zeitpunkt"), send_at=None)
    act.move(
        issue,
        ISSUE,
        IssueState.SCHEDULED,
        send_at=send_at,
        why=N_("vorgemerkt für die Freigabe") if planned_by else None,
        detail={
            "send_at": send_at.isoformat(),
            **({"planned_by": planned_by} if planned_by else {}),
        },
    )
    return issue


def _before(issue: Issue) -> str:
    match issue.state:
        case IssueState.DRAFT:
            said = _("Zuerst die Freigabe anfragen: newsletter issue request {issue}")
        case IssueState.IN_APPROVAL:
            said = _("Zuerst freigeben lassen: newsletter --as NAME issue approve {issue}")
        case _:
            said = _("Hier gibt es nichts mehr zu planen.")
    return said.format(issue=issue.id)


def by_rhythm(act: Act, issue: Issue) -> datetime:
    """When an issue leaves by the rhythm of its newsletter. NoTimeByRhythm."""
    it = act.settings.newsletter(issue.newsletter)
    planned = rhythm.planned_time(issue.number, it.rhythm, act.settings.almanac)
    if planned is None:
        raise NoTimeByRhythm(issue=issue.id)
    return planned


def unschedule(act: Act, key: str) -> Issue:
    """Take the time away from a scheduled issue; it stays approved. A plan for the moment of its
    approval is dropped, too.
    """
    issue = find(act.session, key)
    if drop(act, issue):
        return issue
    if issue.state is not IssueState.SCHEDULED:
        mend = _("Nur eine geplante Ausgabe lässt sich ausplanen.")
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    act.move(issue, ISSUE, IssueState.APPROVED, send_at=None)
    return issue


def cancel(act: Act, key: str, why: str | None = None) -> Issue:
    """Let an issue never leave. Its items are free for other issues."""
    issue = find(act.session, key)
    if issue.state not in CANCELLABLE:
        mend = _("Absagen geht nur, bevor der Versand beginnt.")
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    reason = why or N_("abgesagt")
    invalidation.void_approvals(act, issue, reason)
    act.move(issue, ISSUE, IssueState.CANCELLED, why=reason, send_at=None)
    drop(act, issue)
    return issue


def plan_of(session: Session, issue_id: str) -> WhenApproved | None:
    """What was planned for the moment of its approval (``awaiting``)."""
    return session.get(WhenApproved, issue_id)


def drop(act: Act, issue: Issue) -> bool:
    """Forget that plan; whether there was one."""
    plan = plan_of(act.session, issue.id)
    if plan is None:
        return False
    act.session.delete(plan)
    act.record("issue", issue.id, DROPPED)
    return True
