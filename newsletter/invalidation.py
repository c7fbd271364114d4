"""Taking back what was approved: an issue that holds something it may no longer show.

It lies below ``queue`` and ``submissions``, which know why, and beside nothing that knows
how an issue is made. An approved or scheduled issue becomes a draft, one that is being sent
is paused; the history says why, and ``alarm`` in its detail calls the editors.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from . import editors
from .history import Act
from .models.issue import (
    APPROVAL,
    ISSUE,
    Approval,
    ApprovalState,
    Issue,
    IssueState,
    Placement,
)

# Whose bytes somebody was asked about, or said yes to, and that have not begun to leave.
AWAITED = frozenset(
    {IssueState.IN_APPROVAL, IssueState.APPROVED, IssueState.SCHEDULED, IssueState.LATE}
)


def invalidate_issues(
    act: Act, submission_ids: Collection[int], why: str
) -> list[tuple[str, IssueState]]:
    """Stop every issue that holds one of these items; returns their ids and new states.

    An issue that is opening cannot be stopped here: the sender asks ``issues.ready_to_send``
    before its first claim.
    """
    holding = (
        select(Issue)
        .join(Placement, col(Placement.issue_id) == Issue.id)
        .where(
            col(Placement.submission_id).in_(submission_ids),
            col(Issue.state).in_(AWAITED | {IssueState.SENDING}),
        )
        .order_by(col(Issue.id))
        .with_for_update()
    )
    issues: Sequence[Issue] = act.session.scalars(holding).unique().all()
    for issue in issues:
        take_back(act, issue, why, detail={"alarm": why})
    return [(issue.id, issue.state) for issue in issues]


def take_back(act: Act, issue: Issue, why: str, detail: dict[str, Any] | None = None) -> None:
    """A draft again if nothing has left yet, else paused. ImpossibleMove from other states.

    With ``alarm`` in its detail the editors hear of it by letter.
    """
    if issue.state is IssueState.SENDING:
        # Its deliveries and its archive page stand on content_hash: that stays.
        act.move(issue, ISSUE, IssueState.PAUSED, why=why, detail=detail)
    else:
        _to_draft(act, issue, why, detail)
    if detail and "alarm" in detail:
        editors.alarm(act, issue, why)


def _to_draft(act: Act, issue: Issue, why: str, detail: dict[str, Any] | None) -> None:
    void_approvals(act, issue, why)
    act.move(
        issue,
        ISSUE,
        IssueState.DRAFT,
        why=why,
        detail=detail,
        content_hash=None,
        accepted_warnings=None,
        send_at=None,
        version=issue.version + 1,
    )


def void_approvals(act: Act, issue: Issue, why: str) -> None:
    """What was asked or approved for an issue counts no more."""
    standing = select(Approval).where(
        col(Approval.issue_id) == issue.id,
        col(Approval.state).in_((ApprovalState.OPEN, ApprovalState.APPROVED)),
    )
    for approval in act.session.scalars(standing).all():
        act.move(approval, APPROVAL, ApprovalState.VOID, why=why)
