"""What became of a newsletter's numbers: issues begun, gone, cancelled; and what is left out."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from .models.issue import GONE_OUT, Issue, IssueState
from .models.left_out import LeftOut


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one newsletter that anything is known of."""

    states: dict[str, IssueState]
    left_out: dict[str, str]  # with the reason

    @property
    def passed(self) -> set[str]:
        """Numbers that bring no issue any more: gone out, cancelled, or left out."""
        over = GONE_OUT | {IssueState.CANCELLED}
        return {number for number, state in self.states.items() if state in over} | {*self.left_out}


def of(session: Session, newsletter: str) -> Numbers:
    """What is known of a newsletter's numbers."""
    begun = select(col(Issue.number), col(Issue.state)).where(col(Issue.newsletter) == newsletter)
    states = {row.number: row.state for row in session.execute(begun)}
    return Numbers(states, left_out(session, newsletter))


def left_out(session: Session, newsletter: str) -> dict[str, str]:
    """The numbers that are left out, with their reasons."""
    rows = select(LeftOut).where(col(LeftOut.newsletter) == newsletter)
    return {row.number: row.why for row in session.scalars(rows.order_by(col(LeftOut.number)))}
