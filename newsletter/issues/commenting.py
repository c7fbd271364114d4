"""What editors say to each other about an issue; nobody else ever reads it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.history import Act
from newsletter.models.colleague import Comment
from newsletter.models.issue import ISSUE, Issue
from newsletter.queue.commenting import COMMENTED, Commented, remember, said_now, worded

from .register import find


def comment(act: Act, key: str, text: str) -> Commented:
    """Say something about an issue to the other editors, who read it in their next letter.

    It changes nothing in the issue and voids no approval. NothingSaid, TooMuchSaid.
    """
    issue = find(act.session, key)
    said = worded(text, "issue", issue.id)
    remember(act, Comment(issue_id=issue.id, **said_now(act, said)))
    act.record(ISSUE.noun, issue.id, COMMENTED, why=said)
    return Commented(issue.id, issue.subject, said)


def comments_of(session: Session, issue: Issue) -> Sequence[Comment]:
    """What was said about an issue, the oldest first."""
    said = select(Comment).where(col(Comment.issue_id) == issue.id)
    return session.scalars(said.order_by(col(Comment.id))).all()
