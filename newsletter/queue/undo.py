"""Taking back the last decision, and its letter if that has not left."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlmodel import col

from newsletter import submissions
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.delivery import DeliveryState, Letter
from newsletter.models.event import Event
from newsletter.models.submission import (
    CLEARANCE,
    SUBMISSION,
    Clearance,
    ClearanceState,
    Submission,
    SubmissionState,
)

from .decide import UNASKED, free_place
from .lookup import title_of
from .telling import TOLD

_DECISIONS = (ClearanceState.ACCEPTED, ClearanceState.HELD_OVER, ClearanceState.DECLINED)
WHY = N_("rückgängig gemacht")


class NothingToUndo(Refused):
    sentence = N_("{who} hat bisher nichts entschieden, das sich rückgängig machen ließe.")


class NothingToUndoThere(Refused):
    sentence = N_("{who} hat zu {reference} nichts entschieden, das sich rückgängig machen ließe.")


class DecidedSince(Refused):
    sentence = N_(
        "{reference}: Für {newsletter} wurde inzwischen anders entschieden."
        " Bitte ansehen und neu entscheiden: newsletter queue show {reference}"
    )


@dataclass(frozen=True, slots=True)
class Undone:
    """One clearance that is open again; and whether the contributor has heard already."""

    reference: str
    title: str
    newsletter: str
    letter_left: bool


def undo(act: Act, reference: str | None = None) -> list[Undone]:
    """Take back the acting editor's last decision, or their last one about ``reference``.

    All that was decided in that one act is open again; a letter that still waits is never
    sent. Refuses what stands in an issue, or was decided anew since.
    """
    only = submissions.by_reference(act.session, reference) if reference else None
    done: list[Undone] = []
    for event in _last_decision(act, only):
        number, slug = event.key.split("/", 1)
        submission = act.session.get_one(Submission, int(number))
        _take_back(act, submission, slug, event)
        left = _stop_letter(act, submission, event)
        title = title_of(act.session, submission)
        done.append(Undone(submission.reference, title, slug, left))
    return done


def _last_decision(act: Act, only: Submission | None) -> Sequence[Event]:
    """The newest line of each clearance that one act of this editor decided."""
    mine = select(Event).where(
        col(Event.noun) == CLEARANCE.noun,
        col(Event.actor) == act.actor.name,
        col(Event.to_state).in_(_DECISIONS) | (col(Event.what) == UNASKED),
    )
    if only:
        mine = mine.where(col(Event.key).startswith(f"{only.id}/", autoescape=True))
    last = act.session.scalars(mine.order_by(col(Event.id).desc()).limit(1)).first()
    if last is None:
        if only:
            raise NothingToUndoThere(who=act.actor.name, reference=only.reference)
        raise NothingToUndo(who=act.actor.name)
    return act.session.scalars(mine.where(col(Event.at) == last.at).order_by(col(Event.id))).all()


def _take_back(act: Act, submission: Submission, slug: str, event: Event) -> None:
    since = select(Event.id).where(  # type: ignore[call-overload]
        col(Event.noun) == CLEARANCE.noun, col(Event.key) == event.key, col(Event.id) > event.id
    )
    clearance = act.session.get(Clearance, (submission.id, slug))
    if clearance is None or act.session.scalars(since).first() is not None:
        raise DecidedSince(reference=submission.reference, newsletter=slug)
    free_place(act, submission, slug)
    if event.what == UNASKED:
        act.session.execute(
            delete(Clearance).where(
                col(Clearance.submission_id) == submission.id, col(Clearance.newsletter) == slug
            )
        )
        act.record(CLEARANCE.noun, event.key, "no target any more", why=WHY)
        return
    nobody = {"reason": None, "decided_at": None, "decided_by": None}
    act.move(clearance, CLEARANCE, ClearanceState.ASKED, why=WHY, **nobody)
    if submission.state is SubmissionState.DECIDED:
        act.move(submission, SUBMISSION, SubmissionState.IN_REVIEW, why=WHY)


def _stop_letter(act: Act, submission: Submission, event: Event) -> bool:
    """Let the letter about this decision never leave; whether it has left already."""
    told = act.session.scalars(
        select(Event).where(
            col(Event.noun) == SUBMISSION.noun,
            col(Event.key) == str(submission.id),
            col(Event.what) == TOLD,
            col(Event.at) == event.at,
            col(Event.actor) == event.actor,
        )
    ).first()
    if told is None:
        return False
    number = (told.detail or {}).get("letter")
    act.session.connection().execute(
        update(Letter)
        .where(col(Letter.id) == number, col(Letter.state) == DeliveryState.QUEUED)
        .values(
            state=DeliveryState.SKIPPED,
            why="undone",
            settled_at=act.now,
            not_before=None,
            text="",
            html="",
        )
    )
    letter = act.session.get_one(Letter, number, populate_existing=True)
    return letter.state is not DeliveryState.SKIPPED
