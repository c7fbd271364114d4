"""The issues there are: found by id or the beginning of one, and how each stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from newsletter.content import Variant
from newsletter.errors import NotFound, Refused
from newsletter.language import N_, _
from newsletter.models.delivery import Delivery
from newsletter.models.event import Event
from newsletter.models.issue import (
    ISSUE,
    Approval,
    ApprovalState,
    Issue,
    IssueState,
    Placement,
    WhenApproved,
)

from .guard import editions_of

CHANGES = {  # what a change is called in the history, and why it undid a request; said by _
    "added": N_("geändert: Beiträge aufgenommen"),
    "removed": N_("geändert: Beiträge herausgenommen"),
    "moved": N_("geändert: Beiträge umgestellt"),
    "edited": N_("geändert: Texte bearbeitet"),
    "filled": N_("geändert: gefüllt"),
    "put back": N_("geändert: wie vor der letzten Änderung"),
    "restored": N_("geändert: wie bei einem früheren Stand"),
}
OVER = frozenset({IssueState.SENT, IssueState.CANCELLED, IssueState.STOPPED})


class NoSuchIssue(NotFound):
    sentence = N_("Die Ausgabe „{key}“ gibt es nicht. Welche es gibt: newsletter issue list")


class NoneBegun(NotFound):
    sentence = N_(
        "Von „{newsletter}“ ist noch keine Ausgabe begonnen."
        " Beginnen: newsletter issue new {newsletter}"
    )


class Ambiguous(Refused):
    sentence = N_("„{key}“ passt auf mehrere Ausgaben: {candidates}. Bitte genauer angeben.")


def find(session: Session, key: str) -> Issue:
    """The issue with this id, or the one whose id begins so or that has this number.

    Of several it is the only one that is neither sent nor cancelled nor stopped, if there is
    one. NotFound, Ambiguous.
    """
    key = key.strip().lower()
    if exact := session.get(Issue, key):
        return exact
    fits = or_(col(Issue.id).startswith(key, autoescape=True), col(Issue.number) == key)
    wanted = select(Issue).where(fits).order_by(col(Issue.id))
    found = session.scalars(wanted.limit(6)).all() if key else []
    if not found:
        raise _missing(key)
    if len(found) == 1:
        return found[0]
    ahead = session.scalars(wanted.where(col(Issue.state).not_in(OVER)).limit(6)).all()
    if len(ahead) == 1:
        return ahead[0]
    raise Ambiguous(key=key, candidates=", ".join(issue.id for issue in ahead or found))


def _missing(key: str) -> NotFound:
    """With what goes on: an issue has the number of a month, a newsletter has a name."""
    if re.fullmatch(r"[a-z][a-z0-9-]*", key) and not re.search(r"\d{4}", key):
        return NoneBegun(newsletter=key)
    return NoSuchIssue(key=key)


@dataclass(frozen=True, slots=True)
class Line:
    """One issue as a list shows it."""

    issue: Issue
    items: int
    send_at: datetime | None


def list_(session: Session, newsletter: str | None = None, *, over: bool = True) -> list[Line]:
    """The issues, newest number first; ``over`` false leaves out what is sent or cancelled."""
    items = (
        select(col(Placement.issue_id), func.count().label("placed"))
        .group_by(col(Placement.issue_id))
        .subquery()
    )
    wanted = (
        select(Issue, func.coalesce(items.c.placed, 0))
        .outerjoin(items, items.c.issue_id == Issue.id)
        .order_by(col(Issue.number).desc(), col(Issue.newsletter))
    )
    if newsletter:
        wanted = wanted.where(col(Issue.newsletter) == newsletter)
    if not over:
        wanted = wanted.where(col(Issue.state).not_in(OVER))
    return [Line(issue, count, issue.send_at) for issue, count in session.execute(wanted)]


def deliveries(session: Session, issue_id: str) -> dict[str, int]:
    """How many messages stand in which state."""
    counted = (
        select(col(Delivery.state), func.count())
        .where(col(Delivery.issue_id) == issue_id)
        .group_by(col(Delivery.state))
    )
    return {state.value: count for state, count in session.execute(counted)}


def approvals(session: Session, issue_id: str) -> Sequence[Approval]:
    """Every request for approval, oldest first."""
    asked = select(Approval).where(col(Approval.issue_id) == issue_id)
    return session.scalars(asked.order_by(col(Approval.id))).all()


def standing(session: Session, issue_id: str) -> list[Approval]:
    """What counts of the requests about an issue: those that wait, and those with a yes."""
    counts = {ApprovalState.OPEN, ApprovalState.APPROVED}
    return [each for each in approvals(session, issue_id) if each.state in counts]


def names(requests: Sequence[Approval]) -> list[str]:
    """Who was asked by name."""
    return [each.asked for each in requests if each.asked]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an approver wants changed (``changes``), or why they said no (``decline``)."""

    who: str
    answer: str
    comment: str
    answered: bool  # the issue was changed since


def wishes(session: Session, ids: Sequence[str]) -> dict[str, Wish]:
    """What sent an issue back to its editors, by its id; nothing once something else did."""
    story = select(Event).where(col(Event.noun) == ISSUE.noun, col(Event.key).in_(ids))
    found: dict[str, Wish] = {}
    for event in session.scalars(story.order_by(col(Event.id))):
        detail = event.detail or {}
        if event.to_state == IssueState.DRAFT and "answer" in detail:
            found[event.key] = Wish(detail["by"], detail["answer"], event.why or "", answered=False)
        elif event.to_state:
            found.pop(event.key, None)
        elif event.key in found and event.what in CHANGES:
            found[event.key] = replace(found[event.key], answered=True)
    return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an issue came into the state it is in."""

    why: str  # to be said by _
    brake: str | None  # what held it by itself: "refusals", "relay"


def reasons(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], Reason]:
    """Why issues are late, held or stopped, by id and state; the last time counts."""
    told = (IssueState.LATE.value, IssueState.PAUSED.value, IssueState.STOPPED.value)
    moved = select(Event).where(
        col(Event.noun) == ISSUE.noun, col(Event.key).in_(ids), col(Event.to_state).in_(told)
    )
    return {
        (each.key, each.to_state or ""): Reason(each.why or "", (each.detail or {}).get("brake"))
        for each in session.scalars(moved.order_by(col(Event.id)))
    }


def status(session: Session, key: str) -> dict[str, Any]:
    """How an issue stands, as JSON takes it (contract: DESIGN §6)."""
    issue = find(session, key)
    closed = issue.closed_at is not None and issue.account is not None
    counts = dict(issue.account or {}) if closed else deliveries(session, issue.id)
    standing = next(
        (a for a in reversed(approvals(session, issue.id)) if a.state is not ApprovalState.VOID),
        None,
    )
    plan = session.get(WhenApproved, issue.id)
    wish = wishes(session, [issue.id]).get(issue.id)
    reason = reasons(session, [issue.id]).get((issue.id, issue.state.value))
    approved = standing if standing and standing.state is ApprovalState.APPROVED else None
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "state": issue.state.value,
        "subject": issue.subject,
        "send_at": _iso(issue.send_at),
        "when_approved": _iso(plan.send_at) if plan else None,
        "when_approved_latest": _iso(plan.latest) if plan else None,
        "when_approved_by": plan.planned_by if plan else None,
        "recipients": issue.recipients,
        "deliveries": counts,
        "content_hash": issue.content_hash,
        "editions": _sizes(session, issue),
        "requested_by": standing.requested_by if standing else None,
        "asked": standing.asked if standing else None,
        "waiting_for": [
            each.asked
            for each in approvals(session, issue.id)
            if each.state is ApprovalState.OPEN and each.asked
        ],
        "asked_until": _iso(standing.until) if standing else None,
        "approved_by": approved.decided_by if approved else None,
        "approved_at": _iso(approved.decided_at) if approved else None,
        "approved_changed": bool(approved and approved.changes),
        "approved_how": approved.how.value if approved and approved.how else None,
        "returned_by": wish.who if wish else None,
        "returned_answer": wish.answer if wish else None,
        "returned_answered": wish.answered if wish else None,
        "returned_comment": wish.comment if wish else None,
        "reason": _(reason.why) if reason and reason.why else None,
        "brake": reason.brake if reason else None,
        "accepted_warnings": issue.accepted_warnings,
        "opened_at": _iso(issue.opened_at),
        "closed_at": _iso(issue.closed_at),
    }


def _sizes(session: Session, issue: Issue) -> list[dict[str, Any]]:
    """The editions that were submitted, the whole one first, and their bytes."""
    rows = {row.variant: row for row in editions_of(session, issue)}
    return [
        {
            "edition": variant.value,
            "subject": rows[variant].subject,
            "html_bytes": len(rows[variant].html.encode()),
            "text_bytes": len(rows[variant].text.encode()),
        }
        for variant in Variant
        if variant in rows
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
