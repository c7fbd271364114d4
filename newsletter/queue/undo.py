"""Taking back the last decision, and its letter if that has not left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from newsletter import letters, submissions
from newsletter.errors import Refused
from newsletter.history import Act, Actor
from newsletter.language import N_, _
from newsletter.models.delivery import DeliveryState
from newsletter.models.event import Event
from newsletter.models.submission import (
    CLEARANCE,
    SUBMISSION,
    USABLE,
    Clearance,
    ClearanceState,
    Submission,
    SubmissionState,
)

from . import telling
from .decide import STATE_WORDS, UNASKED, free_place
from .later import TAKEN_UP, WAITS
from .lookup import title_of

_DECISIONS = (ClearanceState.ACCEPTED, ClearanceState.HELD_OVER, ClearanceState.DECLINED)
_FINAL = (SubmissionState.WITHDRAWN, SubmissionState.MERGED)
_LOOKED_AT = 200  # decisions, the newest first: nobody takes back older ones
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


class IsGone(Refused):
    sentence = N_(
        "{reference} ist {state}; das lässt sich nicht rückgängig machen, und über den Beitrag ist"
        " nichts mehr zu entscheiden."
    )


class GoneSince(Refused):
    sentence = N_(
        "Zuletzt wurde {reference} {state}; das lässt sich nicht rückgängig machen."
        " Die letzte Entscheidung davor nimmt zurück: newsletter undo {before}"
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

    All that was decided in that one act and stands is open again; what somebody decided anew
    since stays, and what ``issues.fill`` took up is no decision. A letter that still waits is
    taken back, or written anew if it is about more. Refuses what stands in an issue, and what
    is withdrawn or merged.
    """
    only = submissions.by_reference(act.session, reference) if reference else None
    if only and only.state not in USABLE:
        raise IsGone(reference=only.reference, state=_(STATE_WORDS[only.state]))
    decided = _last_decision(act, only)
    for submission, event in decided:
        _take_back(act, submission, event)
    for submission in {it.id: it for it, _event in decided}.values():
        telling.keep_true(act, submission, "undone")
    return [_undone(act, submission, event) for submission, event in decided]


def last_decided(session: Session, who: Actor, reference: str | None = None) -> datetime | None:
    """When this editor decided last, of what still stands and is not gone (all, or one item)."""
    only = submissions.by_reference(session, reference) if reference else None
    stands = _still_standing(session, who, only)
    return stands[0][1].at if stands else None


def nothing_to_undo(session: Session, who: Actor, reference: str) -> Refused:
    """Why this editor has nothing to take back about an item."""
    only = submissions.by_reference(session, reference)
    if only.state not in USABLE:
        return IsGone(reference=only.reference, state=_(STATE_WORDS[only.state]))
    return _nothing(session, who, only)


def _last_decision(act: Act, only: Submission | None) -> list[tuple[Submission, Event]]:
    """The lines of each clearance that one act of this editor decided, as far as they stand."""
    stands = _still_standing(act.session, act.actor, only)
    if not stands:
        raise _nothing(act.session, act.actor, only)
    submission, last = stands[0]
    if only is None:
        _require_nothing_gone(act, submission, last)
    return [(it, event) for it, event in reversed(stands) if event.at == last.at]


def _still_standing(
    session: Session, who: Actor, only: Submission | None
) -> list[tuple[Submission, Event]]:
    newest = _standing(who, only).order_by(col(Event.id).desc())
    about = [(_submission_of(session, event), event) for event in session.scalars(newest).all()]
    return [(it, event) for it, event in about if it.state in USABLE]


def _decisions(who: Actor, only: Submission | None) -> Select[Event]:
    mine = select(Event).where(
        col(Event.noun) == CLEARANCE.noun,
        col(Event.actor) == who.name,
        col(Event.to_state).in_(_DECISIONS) | (col(Event.what) == UNASKED),
        _decides(Event),
    )
    return mine.where(col(Event.key).startswith(f"{only.id}/", autoescape=True)) if only else mine


def _standing(who: Actor, only: Submission | None) -> Select[Event]:
    """This editor's decisions that nobody has decided anew since; the newest of them."""
    later = aliased(Event)
    since = exists().where(
        col(later.noun) == CLEARANCE.noun,
        col(later.key) == col(Event.key),
        col(later.id) > col(Event.id),
        _decides(later),
    )
    return _decisions(who, only).where(~since).limit(_LOOKED_AT)


def _decides(event: Any) -> ColumnElement[bool]:
    what, why = col(event.what), col(event.why)
    return why.is_distinct_from(TAKEN_UP) & what.is_distinct_from(WAITS)


def _submission_of(session: Session, event: Event) -> Submission:
    return session.get_one(Submission, int(event.key.partition("/")[0]))


def _nothing(session: Session, who: Actor, only: Submission | None) -> Refused:
    if only is None:
        return NothingToUndo(who=who.name)
    last = _decisions(who, only).order_by(col(Event.id).desc()).limit(1)
    mine = session.scalars(last).first()
    if mine is not None:
        slug = mine.key.partition("/")[2]
        clearance = session.get(Clearance, (only.id, slug))
        if clearance and clearance.state is not ClearanceState.ASKED:
            return DecidedSince(reference=only.reference, newsletter=slug)
    return NothingToUndoThere(who=who.name, reference=only.reference)


def _require_nothing_gone(act: Act, submission: Submission, last: Event) -> None:
    """Who has just withdrawn an item means that, and not what was decided before."""
    gone = select(Event).where(
        col(Event.noun) == SUBMISSION.noun,
        col(Event.actor) == act.actor.name,
        col(Event.to_state).in_(_FINAL),
        col(Event.id) > last.id,
    )
    event = act.session.scalars(gone.order_by(col(Event.id).desc()).limit(1)).first()
    if event is not None:
        state = _(STATE_WORDS[SubmissionState(event.to_state or "")])
        raise GoneSince(reference=f"q{event.key}", state=state, before=submission.reference)


def _take_back(act: Act, submission: Submission, event: Event) -> None:
    slug = event.key.partition("/")[2]
    free_place(act, submission, slug)
    if event.what == UNASKED:
        act.session.execute(
            delete(Clearance).where(
                col(Clearance.submission_id) == submission.id, col(Clearance.newsletter) == slug
            )
        )
        act.record(CLEARANCE.noun, event.key, "no target any more", why=WHY)
        return
    clearance = act.session.get_one(Clearance, (submission.id, slug))
    nobody = {"reason": None, "decided_at": None, "decided_by": None, "held_until": None}
    act.move(clearance, CLEARANCE, ClearanceState.ASKED, why=WHY, **nobody)
    if submission.state is SubmissionState.DECIDED:
        act.move(submission, SUBMISSION, SubmissionState.IN_REVIEW, why=WHY)


def _undone(act: Act, submission: Submission, event: Event) -> Undone:
    left = any(
        letter.state not in {*letters.WAITING, DeliveryState.SKIPPED}
        for told, letter in telling.told_of(act.session, submission)
        if told.at == event.at and told.actor == event.actor
    )
    slug = event.key.partition("/")[2]
    return Undone(submission.reference, title_of(act.session, submission), slug, left)
