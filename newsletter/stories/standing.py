"""What issues must know of the stock: what lies in it, and what must not be shown."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.models.issue import GONE_OUT, Issue, Placement
from newsletter.models.story import Story, StoryState

from .reuse import why_not


def in_stock(session: Session) -> dict[int, Story]:
    """Everything in stock, by the item's number."""
    kept = select(Story).where(col(Story.state) == StoryState.IN_STOCK)
    return {each.submission_id: each for each in session.scalars(kept)}


def shown_before(session: Session, numbers: Collection[int], issue_number: str) -> set[int]:
    """Which of these items have gone out in an issue of another month than this number's."""
    shown = (
        select(col(Placement.submission_id))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(
            col(Placement.submission_id).in_(numbers),
            col(Issue.state).in_(GONE_OUT),
            ~col(Issue.number).startswith(issue_number[:7]),
        )
    )
    return set(session.scalars(shown))


def agreed(session: Session, numbers: Collection[int], issue_number: str) -> dict[int, int]:
    """Of these items those in stock that this issue shows again: the revision agreed to."""
    wanted = (col(Story.submission_id).in_(numbers), col(Story.state) == StoryState.IN_STOCK)
    kept = {it.submission_id: it.revision for it in session.scalars(select(Story).where(*wanted))}
    before = shown_before(session, list(kept), issue_number) if kept else set()
    return {number: revision for number, revision in kept.items() if number in before}


def refusals(
    session: Session, numbers: Collection[int], issue_number: str, day: date
) -> dict[int, str]:
    """Which of these items must not be shown in this issue on that day, and why."""
    kept = session.scalars(select(Story).where(col(Story.submission_id).in_(numbers))).all()
    if not kept:
        return {}
    before = shown_before(session, [each.submission_id for each in kept], issue_number)
    said = {
        each.submission_id: why_not(each, day, shown_before=each.submission_id in before)
        for each in kept
    }
    return {number: why for number, why in said.items() if why}
