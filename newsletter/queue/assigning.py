"""Whose item it is: given to an editor, or to nobody any more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import submissions
from newsletter.errors import NotFound, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.colleague import Assignment
from newsletter.models.submission import SUBMISSION, USABLE, Submission
from newsletter.settings import Settings

from .decide import STATE_WORDS
from .lookup import number_of, title_of

GIVEN, GIVEN_UP = "assigned", "assigned to nobody"  # lines of an item's history


class NoSuchEditor(NotFound):
    sentence = N_("„{name}“ steht nicht unter [[editors]]. Bekannt: {known}.")


class NothingToAssign(Refused):
    sentence = N_("{reference} ist {state}; zuzuweisen ist da nichts mehr.")


@dataclass(frozen=True, slots=True)
class Assigned:
    """Whose an item is now, and whose it was; None: nobody's."""

    reference: str
    title: str
    to: str | None
    before: str | None

    @property
    def changed(self) -> bool:
        """Whether it was somebody else's."""
        return self.to != self.before


def assign(act: Act, references: Sequence[str], to: str | None) -> list[Assigned]:
    """Make items an editor's, or nobody's (None). All or none.

    The editor reads of it in the next letter about new items. NoSuchEditor, NothingToAssign.
    """
    name = named(act.settings, to) if to is not None else None
    found = [submissions.by_reference(act.session, each) for each in references]
    return [_assign(act, it, name) for it in {it.id: it for it in found}.values()]


def named(settings: Settings, name: str) -> str:
    """An editor's name as it is configured. NoSuchEditor."""
    for editor in settings.editors:
        if editor.name.casefold() == name.strip().casefold():
            return editor.name
    raise NoSuchEditor(name=name, known=", ".join(each.name for each in settings.editors))


def assigned_to(
    session: Session, numbers: Collection[int | None] | None = None
) -> dict[int, Assignment]:
    """Whose each of these items is, by their ids; of all that are somebody's, without them."""
    wanted = select(Assignment)
    if numbers is not None:
        wanted = wanted.where(col(Assignment.submission_id).in_(numbers))
    return {each.submission_id: each for each in session.scalars(wanted)}


def assigned_by_name(session: Session, editor: str) -> Sequence[Assignment]:
    """What lies with an editor and may still be worked on, oldest first."""
    theirs = (
        select(Assignment)
        .join(Submission, col(Submission.id) == col(Assignment.submission_id))
        .where(col(Assignment.editor) == editor, col(Submission.state).in_(USABLE))
    )
    return session.scalars(theirs.order_by(col(Assignment.submission_id))).all()


def _assign(act: Act, submission: Submission, name: str | None) -> Assigned:
    if submission.state not in USABLE and name is not None:
        state = _(STATE_WORDS[submission.state])
        raise NothingToAssign(reference=submission.reference, state=state)
    number = number_of(submission)
    standing = act.session.get(Assignment, number)
    before = standing.editor if standing else None
    if before != name:
        if standing:
            act.session.delete(standing)
            act.session.flush()
        if name:
            act.session.add(
                Assignment(
                    submission_id=number,
                    editor=name,
                    assigned_by=act.actor.name,
                    assigned_at=act.now,
                )
            )
            act.session.flush()
        what = GIVEN if name else GIVEN_UP
        act.record(SUBMISSION.noun, number, what, detail={"to": name, "before": before})
    return Assigned(submission.reference, title_of(act.session, submission), name, before)
