"""The letter to the editors about new items: several in one, and none twice.

To each it also tells what concerns them alone (``concerning``).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from newsletter import editors, letters, rhythm
from newsletter.history import Act
from newsletter.language import N_, _, speaking
from newsletter.models.submission import Submission, SubmissionState, Via
from newsletter.settings import Settings
from newsletter.submissions.spoken import KINDS

from . import concerning
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
    first = _first(session, settings)
    if first is None:
        return None
    told = [session.scalar(select(func.max(col(Submission.announced_at))))]
    last = max(filter(None, [*told, concerning.last_heard(session)]), default=None)
    return rhythm.digest_time(first, last, settings.digest, settings.almanac)


def _first(session: Session, settings: Settings) -> datetime | None:
    """When the first thing came that somebody wants to hear of."""
    came = [it.at for it in concerning.news(session, settings)]
    if editors.addresses(settings, "items"):
        item = session.scalar(select(func.min(col(Submission.received_at))).where(*_new()))
        came += [item] if item else []
    return min(came, default=None)


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
    personal = concerning.news(act.session, act.settings)
    if not told and not personal:
        return []
    with speaking(act.settings.language):
        references = _post(act, told, personal)
    concerning.mark(act, personal)
    return references


def _post(act: Act, told: Set[int | None], personal: Sequence[concerning.News]) -> list[str]:
    waiting = list_(act.session)
    fresh = [entry for entry in waiting if entry.submission.id in told]
    shown: dict[str, Any] = {
        "items": [_line(act.settings, entry) for entry in fresh[:_MOST]],
        "count": len(fresh),
        "more": max(0, len(fresh) - _MOST),
        "waiting": [
            (_(word), number)
            for state, word in _WAITING.items()
            if (number := sum(entry.submission.state is state for entry in waiting))
        ],
    }
    nothing = shown | {"items": [], "count": 0, "more": 0}
    wanting = editors.addresses(act.settings, "items") if fresh else []
    for address, mine in _mine(act.settings, personal, wanting).items():
        known = shown if address in wanting else nothing
        letters.post(act, "new_items", address, mine=mine, **known)
    return [entry.submission.reference for entry in fresh]


def _mine(
    settings: Settings, personal: Sequence[concerning.News], wanting: Sequence[str]
) -> dict[str, list[concerning.Matter]]:
    """What to tell each address for itself, those that only want the new items included."""
    told: dict[str, list[concerning.News]] = {address: [] for address in wanting}
    known = {address.casefold(): address for address in wanting}
    for each in settings.editors:
        address = known.setdefault(each.email.casefold(), each.email)
        if news := [it for it in personal if it.editor == each.name]:
            told.setdefault(address, []).extend(news)
    return {address: concerning.matters(news) for address, news in told.items()}


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
