"""Asking for approval: of one issue or several at once, by one person or several."""

from collections.abc import Sequence
from datetime import datetime
from shlex import quote
from typing import NamedTuple

from newsletter import invalidation, texts
from newsletter.content import content_hash
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import ISSUE, Approval, ApprovalState, Issue, IssueState

from . import accepting, asking, made_with
from .approval import (
    ASKED_ANEW,
    LONGEST_REFERENCE,
    Oneself,
    alone,
    editions,
    keep,
    lapsed,
    open_requests,
    second_person,
)
from .change import STATE_WORDS
from .contents import Built, build
from .people import Person, same_name, same_person, to_ask
from .register import find
from .sound import NotYet, listed, require_sound


class WarningsUnanswered(Refused):
    sentence = N_(
        "{issue} hat Warnungen:\n{findings}\nBitte beheben oder begründen:"
        ' newsletter issue request {issue} --accept-warnings "GRUND"'
    )


class Request(NamedTuple):
    """What was asked for. ``approvals``: one for each person who was asked."""

    issue: Issue
    approvals: tuple[Approval, ...]
    built: Built
    instead_of: tuple[str, ...] = ()  # for whom deputies are asked, who are away

    @property
    def approval(self) -> Approval:
        """The first, and mostly the only one."""
        return self.approvals[0]


def request(
    act: Act,
    key: str,
    accept_warnings: str | None = None,
    to: str | Sequence[str] | None = None,
    until: datetime | None = None,
    *,
    file_reference: str | None = None,
) -> Request:
    """Build the edition and ask for approval of exactly its bytes: ``request_together`` for one."""
    names = [to] if isinstance(to, str) else to or ()
    (asked,) = request_together(
        act, [key], accept_warnings, names, until, file_reference=file_reference
    )
    return asked


def request_together(
    act: Act,
    keys: Sequence[str],
    accept_warnings: str | None = None,
    to: Sequence[str] = (),
    until: datetime | None = None,
    *,
    file_reference: str | None = None,
) -> list[Request]:
    """Build the editions and ask for approval of exactly their bytes; all or none.

    Errors refuse. Warnings refuse unless a reason is given for all, or one for their kind
    (``accepting``); without warnings a reason is fine and not kept. A request that is open is
    replaced, if the issue would differ, if it has lapsed, or if approvers are named in ``to``:
    each gets one letter with one link to all the issues, which holds ``until`` then (by default
    the first ``asking.deadline``). An issue is approved when each of them has said yes.
    """
    today = act.now.astimezone(act.settings.zone).date()
    wanted = [(name, to_ask(act.settings, name, today)) for name in to]
    people = list({person.name: person for _name, person in wanted}.values())
    for person in people:
        if not alone(act) and same_person(act.settings, act.actor.name, person.name):
            raise Oneself(name=person.name, who=act.actor.name)
    away = tuple(name for name, person in wanted if not same_name(name, person.name))
    found = {issue.id: issue for issue in (find(act.session, key) for key in keys)}
    asked = [
        _ask(act, issue, accept_warnings, people, file_reference)._replace(instead_of=away)
        for issue in found.values()
    ]
    for number, person in enumerate(people):
        parts = [asking.Part(each.issue, each.approvals[number], each.built) for each in asked]
        asking.by_letter(act, parts, person, until)
    return asked


def _ask(
    act: Act,
    issue: Issue,
    accept_warnings: str | None,
    people: Sequence[Person],
    file_reference: str | None,
) -> Request:
    if issue.state not in {IssueState.DRAFT, IssueState.IN_APPROVAL}:
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=_after(issue))
    built = build(act.session, act.settings, issue, act.now)
    require_sound(issue, built)
    reason = (accept_warnings or "").strip()
    kept = accepting.as_kept(act.session, act.settings, issue, built, act.now)
    given = accepting.reasons_of(act.session, issue, kept)
    unanswered = [each for each in built.warnings if each.check not in given]
    if unanswered and not reason:
        raise WarningsUnanswered(issue=issue.id, findings=listed(unanswered))
    asked = content_hash(editions(built))
    _withdraw_open_requests(act, issue, asked, again=bool(people))
    keep(act, issue, editions(built), asked)
    made_with.note(act, issue, built.content, asked)
    act.move(
        issue,
        ISSUE,
        IssueState.IN_APPROVAL,
        content_hash=asked,
        accepted_warnings=reason if unanswered else None,
        detail={"content_hash": asked, "warnings": [f.check for f in built.warnings]},
    )
    names: list[str | None] = [each.name for each in people] or [None]
    approvals = tuple(
        Approval(
            issue_id=issue.id,
            content_hash=asked,
            state=ApprovalState.OPEN,
            requested_by=act.actor.name,
            requested_at=act.now,
            asked=name,
            alone=alone(act),
            file_reference=texts.line(file_reference or "")[:LONGEST_REFERENCE] or None,
            warnings=accepting.with_reasons(kept, given, reason, act.actor.name),
        )
        for name in names
    )
    act.session.add_all(approvals)
    act.session.flush()
    return Request(issue, approvals, built)


def _after(issue: Issue) -> str:
    if issue.state is IssueState.APPROVED:
        mend = _("Nächster Schritt: newsletter issue schedule {issue}")
        return mend.format(issue=issue.id)
    return _("Eine Freigabe lässt sich nur für einen Entwurf anfragen.")


def _withdraw_open_requests(act: Act, issue: Issue, asked: str, *, again: bool) -> None:
    if issue.state is not IssueState.IN_APPROVAL:
        return
    waiting = open_requests(act.session, issue)
    over = any(lapsed(act, each) for each in waiting)
    if issue.content_hash == asked and not again and not over:
        second = second_person(act.settings, act.actor.name)
        mend = _(
            "Jetzt ist die zweite Person dran: newsletter --as {second} issue approve {issue}"
        ).format(second=quote(second), issue=issue.id)
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    invalidation.take_back(act, issue, ASKED_ANEW)
