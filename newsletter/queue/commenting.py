"""What editors say to each other about an item or an issue; nobody else ever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from newsletter import submissions, texts
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.colleague import Comment
from newsletter.models.submission import SUBMISSION, Submission

from .lookup import title_of

COMMENTED = "commented"  # a line of the history of an item or an issue
LONGEST = 5_000  # characters


class NothingSaid(Refused):
    sentence = N_('Bitte den Kommentar angeben: newsletter {noun} comment {key} "…"')


class TooMuchSaid(Refused):
    sentence = N_("Der Kommentar hat {n} Zeichen; höchstens {most} gehen. Bitte kürzen.")


@dataclass(frozen=True, slots=True)
class Commented:
    """What was said, about what."""

    key: str  # q12, or an issue's id
    title: str
    text: str


def comment(act: Act, reference: str, text: str) -> Commented:
    """Say something about an item to the other editors.

    Whose item it is reads it in the next letter about new items. NothingSaid, TooMuchSaid.
    """
    submission = submissions.by_reference(act.session, reference)
    said = worded(text, "queue", submission.reference)
    remember(act, Comment(submission_id=submission.id, **said_now(act, said)))
    act.record(SUBMISSION.noun, submission.id, COMMENTED, why=said)
    return Commented(submission.reference, title_of(act.session, submission), said)


def comments_of(session: Session, submission: Submission) -> Sequence[Comment]:
    """What was said about an item, the oldest first."""
    said = select(Comment).where(col(Comment.submission_id) == submission.id)
    return session.scalars(said.order_by(col(Comment.id))).all()


def how_many(session: Session, ids: Sequence[int | None]) -> dict[int, int]:
    """How much was said about each of these items, by their ids."""
    counted = (
        select(col(Comment.submission_id), func.count())
        .where(col(Comment.submission_id).in_(ids))
        .group_by(col(Comment.submission_id))
    )
    return {number: n for number, n in session.execute(counted) if number is not None}


# -- shared with comments on issues -----------------------------------------------------------


def worded(text: str, noun: str, key: str) -> str:
    """A comment cleaned. NothingSaid, TooMuchSaid."""
    said = texts.block(text[: 10 * LONGEST])
    if not said:
        raise NothingSaid(noun=noun, key=key)
    if len(said) > LONGEST:
        raise TooMuchSaid(n=len(said), most=LONGEST)
    return said


def said_now(act: Act, text: str) -> dict[str, Any]:
    """The columns that every comment has."""
    return {"made_by": act.actor.name, "made_at": act.now, "text": text}


def remember(act: Act, said: Comment) -> None:
    """Store a comment."""
    act.session.add(said)
    act.session.flush()
