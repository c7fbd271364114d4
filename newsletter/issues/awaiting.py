"""An issue that is scheduled by itself as soon as somebody has said yes to it.

What an editor planned so holds for what they asked about: it lapses when the approver has
changed a sentence, and when its last moment has passed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from newsletter import editors, rhythm
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _, speaking
from newsletter.models.issue import Issue, IssueState, WhenApproved

from .change import STATE_WORDS
from .register import find
from .sound import HasErrors, NotYet
from .timing import InThePast, by_rhythm, plan_of, schedule

PLANNED, LAPSED = "planned when approved", "plan lapsed"  # lines of the history
_WAITING = frozenset({IssueState.DRAFT, IssueState.IN_APPROVAL})
_CHANGED = N_("Bei der Freigabe wurden Sätze geändert.")
_TOO_LATE = N_("Die Freigabe kam nicht rechtzeitig.")
_NOT_READY = N_("Zur Zeit des Versands wäre die Ausgabe nicht in Ordnung.")


class TooLate(Refused):
    sentence = N_("--latest {latest} ist schon vorbei.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: ``at`` if the issue is scheduled, else ``why`` not (marked)."""

    at: datetime | None
    why: str = ""


def schedule_when_approved(
    act: Act, key: str, when: datetime | None = None, latest: datetime | None = None
) -> WhenApproved:
    """Let an issue leave at ``when`` (default: the rhythm's time) if it is approved by ``latest``.

    By default the approval must be there when the issue is to leave. If it comes after that,
    but by ``latest``, the issue leaves at once. A plan that stands is replaced. NotYet unless
    somebody's yes is still to come; InThePast, TooLate.
    """
    issue = find(act.session, key)
    if issue.state not in _WAITING:
        mend = _("Planen: newsletter issue schedule {issue}").format(issue=issue.id)
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    send_at = when or by_rhythm(act, issue)
    last = latest or send_at
    _require_ahead(act, issue, send_at, latest)
    plan = act.session.merge(
        WhenApproved(
            issue_id=issue.id,
            send_at=send_at,
            latest=last,
            planned_by=act.actor.name,
            planned_at=act.now,
        )
    )
    act.session.flush()
    detail = {"send_at": send_at.isoformat(), "latest": last.isoformat()}
    act.record("issue", issue.id, PLANNED, detail=detail)
    return plan


def _require_ahead(act: Act, issue: Issue, send_at: datetime, latest: datetime | None) -> None:
    if latest is not None and latest <= act.now:
        raise TooLate(latest=rhythm.in_words(latest, act.settings.zone))
    if latest is None and send_at <= act.now:
        raise InThePast(when=rhythm.in_words(send_at, act.settings.zone), issue=issue.id)


def fulfil(act: Act, issue: Issue, *, changed: bool = False) -> Outcome | None:
    """Do what was planned for an issue that has just been approved; None: nothing was.

    ``changed``: the approver changed a sentence, so the editors have the last word.
    """
    plan = plan_of(act.session, issue.id)
    if plan is None:
        return None
    if changed:
        return _lapse(act, issue, plan, _CHANGED)
    if act.now > plan.latest:
        return _lapse(act, issue, plan, _TOO_LATE)
    at = max(plan.send_at, act.now)
    try:
        schedule(act, issue.id, at, planned_by=plan.planned_by)
    except HasErrors:
        return _lapse(act, issue, plan, _NOT_READY)
    act.session.delete(plan)
    return Outcome(at)


def lapse_plans(act: Act) -> list[str]:
    """Let every plan lapse whose last moment has passed; their issues."""
    over = select(WhenApproved).where(col(WhenApproved.latest) < act.now)
    plans = act.session.scalars(over.order_by(col(WhenApproved.issue_id))).all()
    for plan in plans:
        _lapse(act, act.session.get_one(Issue, plan.issue_id), plan, _TOO_LATE)
    return [plan.issue_id for plan in plans]


def _lapse(act: Act, issue: Issue, plan: WhenApproved, why: str) -> Outcome:
    """The editors hear of it: nobody waits for an issue that does not leave."""
    act.session.delete(plan)
    act.record("issue", issue.id, LAPSED, why=why)
    approved = issue.state is IssueState.APPROVED
    with speaking(act.settings.language):
        editors.tell(
            act,
            "issues",
            "plan_lapsed",
            issue.newsletter,
            issue=issue,
            planned_by=plan.planned_by,
            when=rhythm.in_words(plan.send_at, act.settings.zone),
            why=_(why),
            approved=approved,
            command_words=f"issue schedule {issue.id}" if approved else f"issue status {issue.id}",
        )
    return Outcome(None, why)
