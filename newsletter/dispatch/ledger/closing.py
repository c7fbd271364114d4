"""The account of an issue: when no row is unfinished, its sums are kept.

``unknown`` rows hold nothing up; when a person has decided about one (``deciding``), the sums
are written anew.
"""

from typing import Any

from sqlalchemy import exists, func, select, update
from sqlmodel import Session, col

from newsletter.dispatch import accounts
from newsletter.history import Act
from newsletter.models.delivery import UNFINISHED, Delivery, DeliveryState
from newsletter.models.issue import ISSUE, Issue, IssueState

_D = DeliveryState


def finished(session: Session) -> dict[str, dict[str, int]]:
    """Issues with no unfinished row whose account is not kept yet, and their sums."""
    unfinished = exists().where(
        col(Delivery.issue_id) == col(Issue.id), col(Delivery.state).in_(UNFINISHED)
    )
    open_accounts = select(col(Issue.id)).where(
        col(Issue.state).in_([IssueState.SENDING, IssueState.STOPPED, IssueState.SENT]),
        col(Issue.closed_at).is_(None),
        ~unfinished,
    )
    return {issue_id: sums(session, issue_id) for issue_id in session.scalars(open_accounts)}


def sums(session: Session, issue_id: str) -> dict[str, int]:
    """How many rows of an issue are in which state; only states that occur."""
    counted = session.execute(
        select(col(Delivery.state), func.count())
        .where(col(Delivery.issue_id) == issue_id)
        .group_by(col(Delivery.state))
    )
    return {state.value: number for state, number in counted}


def close(act: Act, issue_id: str, account: dict[str, int]) -> None:
    """Keep the sums and tell the editors; an issue that was going out is ``sent`` now.

    One that somebody has paused since its rows were counted waits until it goes on.
    """
    issue = act.session.get_one(Issue, issue_id, populate_existing=True)
    if issue.state is IssueState.PAUSED:
        return
    again = issue.account is not None
    kept: dict[str, Any] = {"account": account, "closed_at": act.now}
    detail = dict(account) | _alarm(issue.recipients, account)
    if issue.state is IssueState.SENDING:
        act.move(issue, ISSUE, IssueState.SENT, detail=detail, **kept)
    else:
        act.session.execute(update(Issue).where(col(Issue.id) == issue_id).values(**kept))
        act.session.refresh(issue)
        act.record("issue", issue_id, "closed", detail=detail)
    accounts.tell(act, issue, by_reason(act.session, issue_id), again=again)


def _alarm(recipients: int | None, account: dict[str, int]) -> dict[str, str]:
    total = sum(account.values())
    return {} if total == recipients else {"alarm": f"{recipients} <> {total}"}


def by_reason(session: Session, issue_id: str) -> accounts.Sums:
    """The sums, and for whom was skipped also why."""
    skipped = session.execute(
        select(col(Delivery.why), func.count())
        .where(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.SKIPPED)
        .group_by(col(Delivery.why))
    )
    found = {(_D.SKIPPED, why or ""): number for why, number in skipped}
    others = sums(session, issue_id).items()
    return found | {(_D(state), ""): number for state, number in others if state != _D.SKIPPED}
