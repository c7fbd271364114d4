"""Reminding approvers: once before their deadline, and when it has passed."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from newsletter import letters, rendering, rhythm
from newsletter.content import Audience
from newsletter.errors import NewsletterError
from newsletter.history import Act
from newsletter.language import speaking
from newsletter.models.issue import APPROVAL, Approval, ApprovalState, Issue, IssueState
from newsletter.settings import Settings

from .asking import TOKEN_BYTES, hash_of, part_of
from .people import Person, reachable

REMINDED = "reminded"  # a line of the history
_SHORTEST = timedelta(hours=4)  # who has less than that was asked a moment ago


def remind_at(asked_at: datetime, until: datetime, settings: Settings) -> datetime | None:
    """A working day before the deadline, but not before half the time is over (pure).

    None where the time is too short to be reminded in.
    """
    if until - asked_at < _SHORTEST:
        return None
    local = until.astimezone(settings.zone)
    day = settings.almanac.working_days(local.date(), -1)
    before = datetime.combine(day, local.time(), settings.zone)
    return max(before, asked_at + (until - asked_at) / 2)


def remind_approvers(act: Act) -> list[str]:
    """Remind whoever has not answered, once; their names.

    The letter brings a second link to the same request: of the first only a hash is kept.
    """
    waits = (
        select(Approval, Issue)
        .join(Issue, col(Issue.id) == col(Approval.issue_id))
        .where(
            col(Approval.state) == ApprovalState.OPEN,
            col(Approval.token_sha256).is_not(None),
            col(Approval.reminded_at).is_(None),
            col(Approval.until) > act.now,
            col(Issue.state) == IssueState.IN_APPROVAL,
        )
    )
    together: dict[tuple[str | None, datetime], list[tuple[Approval, Issue]]] = {}
    for approval, issue in act.session.execute(waits.order_by(col(Approval.id))).all():
        due = remind_at(approval.requested_at, approval.until, act.settings)
        if due is not None and due <= act.now:
            asked = (approval.asked, approval.requested_at)
            together.setdefault(asked, []).append((approval, issue))
    told = []
    for waiting in together.values():
        if (person := _person(act.settings, waiting[0][0])) is not None:
            _remind(act, waiting, person)
            told.append(person.name)
    return told


def _remind(act: Act, waiting: Sequence[tuple[Approval, Issue]], person: Person) -> None:
    """One letter about all that somebody was asked about at once, and one link to it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    for number, (approval, _issue) in enumerate(waiting):
        approval.reminder_sha256 = hash_of(part_of(token, number))
        approval.reminded_at = act.now
        act.session.add(approval)
        act.record(APPROVAL.noun, approval.id, REMINDED, detail={"name": person.name})
    (approval, issue), more = waiting[0], [issue for _approval, issue in waiting[1:]]
    _post(act, issue, approval, person, url=act.settings.links.approval(token), more=more)


def tell_over(act: Act, issue: Issue, approval: Approval) -> None:
    """Tell whoever was asked that the deadline has passed, and that nothing is left to do."""
    person = _person(act.settings, approval)
    if person is not None and approval.token_sha256:
        _post(act, issue, approval, person, url="")


def _person(settings: Settings, approval: Approval) -> Person | None:
    """Whom a request went to, if the file still names them."""
    try:
        return reachable(settings, approval.asked or "")
    except NewsletterError:
        return None


def _post(
    act: Act,
    issue: Issue,
    approval: Approval,
    person: Person,
    *,
    url: str,
    more: Sequence[Issue] = (),
) -> None:
    until = approval.until or act.now
    with speaking(act.settings.language):  # the facts, too
        letters.post(
            act,
            "approval_reminder",
            person.email,
            to_name=person.name,
            newsletter=issue.newsletter,
            expires_at=until if url else None,
            issue=issue,
            issue_name=rendering.issue_name(issue.number),
            asked_by=approval.requested_by,
            until=rhythm.in_words(until, act.settings.zone),
            url=url,
            more=[_named(act.settings, each) for each in more],
            members=any(each.audience is Audience.MEMBERS for each in (issue, *more)),
        )


def _named(settings: Settings, issue: Issue) -> str:
    """An issue as people call it."""
    its = settings.newsletters.get(issue.newsletter)
    return f"{its.name if its else issue.newsletter}, {rendering.issue_name(issue.number)}"
