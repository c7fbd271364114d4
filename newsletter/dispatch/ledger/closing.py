"""The account of an issue: when no row is unfinished, its sums are kept.

``unknown`` rows hold nothing up; when a person has decided about one (``deciding``), the sums
are written anew.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlmodel import Session, col

from newsletter.dispatch import accounts
from newsletter.history import Act
from newsletter.issues import figures
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.issue import ISSUE, Issue, IssueState

from . import rows
from .rows import Row, has_rows

_D = DeliveryState


def finished(session: Session) -> dict[str, dict[str, int]]:
    """Issues with no unfinished row whose account is not kept yet, and their sums."""
    open_accounts = select(col(Issue.id)).where(
        col(Issue.state).in_([IssueState.SENDING, IssueState.STOPPED, IssueState.SENT]),
        col(Issue.closed_at).is_(None),
        ~_unfinished(session),
    )
    return {issue_id: sums(session, issue_id) for issue_id in session.scalars(open_accounts)}


def _unfinished(session: Session) -> ColumnElement[bool]:
    """The condition "copies of this issue wait, or a sender has them in hand"."""
    in_hand = exists().where(col(Delivery.issue_id) == col(Issue.id), *rows.in_hand(session))
    return or_(has_rows(_D.QUEUED), has_rows(_D.DEFERRED), in_hand)


def sums(session: Session, issue_id: str) -> dict[str, int]:
    """How many rows of an issue are in which state; only states that occur."""
    counted = session.execute(
        select(col(Delivery.state), func.count())
        .where(col(Delivery.issue_id) == issue_id)
        .group_by(col(Delivery.state))
    )
    return {state.value: number for state, number in counted}


def close(
    act: Act, issue_id: str, account: dict[str, int], skipped: Mapping[str, int] | None = None
) -> bool:
    """Keep the sums and tell the editors; an issue that was going out is ``sent`` now.

    ``skipped``: why those were, counted together with ``account``. False, and nothing is done,
    if somebody has paused the issue or decided about a copy since its rows were counted: then
    they are to be counted anew.
    """
    issue = act.session.get_one(Issue, issue_id, populate_existing=True)
    if issue.state is IssueState.PAUSED or not _still_so(act.session, issue_id, account):
        return False
    again = issue.account is not None
    reasons = dict(skipped_why(act.session, issue_id) if skipped is None else skipped)
    kept: dict[str, Any] = {"account": account, "account_skipped": reasons, "closed_at": act.now}
    detail: dict[str, Any] = dict(account) | _alarm(issue.recipients, account)
    if issue.state is IssueState.SENDING:
        act.move(issue, ISSUE, IssueState.SENT, detail=detail, **kept)
    else:
        act.session.execute(update(Issue).where(col(Issue.id) == issue_id).values(**kept))
        act.session.refresh(issue)
        act.record("issue", issue_id, "closed", detail=detail)
    figures.keep(act, issue)
    accounts.tell(act, issue, accounts.sums_of(account, reasons), again=again)
    return True


def reopen(act: Act, had: Iterable[Row]) -> None:
    """Have the accounts of these rows' issues written anew if they are closed.

    Rows that a sender had in hand belong to no closed account, unless another sender held it
    for dead, called them unknown and closed it; what the first one has settled since counts.
    """
    theirs = sorted({row.issue_id for row in had if not isinstance(row, Letter)})
    closed = col(Issue.id).in_(theirs), col(Issue.closed_at).is_not(None)
    if theirs:
        act.session.execute(update(Issue).where(*closed).values(closed_at=None))


def _still_so(session: Session, issue_id: str, account: Mapping[str, int]) -> bool:
    """Whether a finished issue's sums are what they were: only ``unknown`` rows still move."""
    still = select(col(Issue.id)).where(col(Issue.id) == issue_id, ~_unfinished(session))
    unknown = select(func.count()).where(
        col(Delivery.issue_id) == issue_id, col(Delivery.listed) == _D.UNKNOWN
    )
    return session.scalar(still) is not None and session.scalar(unknown) == account.get(
        _D.UNKNOWN, 0
    )


def _alarm(recipients: int | None, account: dict[str, int]) -> dict[str, str]:
    total = sum(account.values())
    return {} if total == recipients else {"alarm": f"{recipients} <> {total}"}


def by_reason(session: Session, issue: Issue) -> accounts.Sums:
    """The sums, and for whom was skipped also why; of a closed account those that were kept."""
    if issue.closed_at is not None and issue.account is not None:
        return accounts.sums_of(issue.account, issue.account_skipped or {})
    return accounts.sums_of(sums(session, issue.id), skipped_why(session, issue.id))


def skipped_why(session: Session, issue_id: str) -> dict[str, int]:
    """How many rows of an issue were skipped, by reason."""
    skipped = session.execute(
        select(col(Delivery.why), func.count())
        .where(col(Delivery.issue_id) == issue_id, col(Delivery.listed) == _D.SKIPPED)
        .group_by(col(Delivery.why))
    )
    return {why or "": number for why, number in skipped}
