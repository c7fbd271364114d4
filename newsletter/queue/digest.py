"""The letter to the editors about new items: several in one, and none twice."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from newsletter import editors, rhythm
from newsletter.history import Act
from newsletter.language import N_, _, speaking
from newsletter.models.submission import Submission, SubmissionState, Via
from newsletter.settings import Settings
from newsletter.submissions.spoken import KINDS

from .listing import Entry, list_

_MOST = 30  # items that a letter lists; it counts the rest


@dataclass(frozen=True, slots=True)
class Line:
    """One new item as the letter lists it."""

    reference: str
    kind: str
    title: str
    origin: str
    newsletters: str
    embargo: str  # in words, "" without one


def _new() -> tuple[ColumnElement[bool], ...]:
    """Handed in by somebody else, and looked at by nobody: what editors have to be told of."""
    return (
        col(Submission.state) == SubmissionState.RECEIVED,
        col(Submission.via) != Via.EDITOR,
        col(Submission.announced_at).is_(None),
    )


def digest_due(session: Session, settings: Settings) -> datetime | None:
    """When the editors are to hear of what is new; None if nothing is, or nobody wants to."""
    if not editors.addresses(settings, "items"):
        return None
    first = session.scalar(select(func.min(col(Submission.received_at))).where(*_new()))
    if first is None:
        return None
    last = session.scalar(select(func.max(col(Submission.announced_at))))
    return rhythm.digest_time(first, last, settings.digest, settings.almanac)


def post_digest(act: Act) -> list[str]:
    """Post the letter about all that is new; the references in it.

    The statement that marks the items is the one that finds them: whoever else posts at the
    same moment finds none.
    """
    told = set(
        act.session.execute(
            update(Submission)
            .where(*_new())
            .values(announced_at=act.now)
            .returning(col(Submission.id))
            .execution_options(synchronize_session=False)
        ).scalars()
    )
    if not told:
        return []
    with speaking(act.settings.language):
        return _post(act, told)


def _post(act: Act, told: Set[int | None]) -> list[str]:
    waiting = list_(act.session)
    fresh = [entry for entry in waiting if entry.submission.id in told]
    editors.tell(
        act,
        "items",
        "new_items",
        items=[_line(act.settings, entry) for entry in fresh[:_MOST]],
        count=len(fresh),
        more=max(0, len(fresh) - _MOST),
        waiting=[
            (_(word), number)
            for state, word in _WAITING.items()
            if (number := sum(entry.submission.state is state for entry in waiting))
        ],
    )
    return [entry.submission.reference for entry in fresh]


_WAITING = {
    SubmissionState.RECEIVED: N_("neu"),
    SubmissionState.IN_REVIEW: N_("in Prüfung"),
    SubmissionState.QUESTION: N_("in Rückfrage"),
}


def _line(settings: Settings, entry: Entry) -> Line:
    known = settings.newsletters
    names = [known[slug].name if slug in known else slug for slug in entry.clearances]
    until = entry.embargo_until
    return Line(
        entry.submission.reference,
        _(KINDS[entry.submission.kind]),
        entry.title,
        entry.origin,
        ", ".join(names),
        rhythm.in_words(until, settings.zone) if until else "",
    )
