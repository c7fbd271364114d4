"""What an editor did: the lines of history of one person and one moment are one act.

The newest line that is no ``NO_DEED`` says what somebody means who types ``undo``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from newsletter import issues, queue, submissions
from newsletter.errors import NotFound, Refused
from newsletter.language import N_
from newsletter.models.event import Event
from newsletter.models.issue import Approval, Issue
from newsletter.models.submission import CHANGE, ChangeRequest, Submission
from newsletter.queue.later import TAKEN_UP
from newsletter.queue.undo import WHY

TAKEN_BACK = "taken back"  # what the history says of an act that was undone, with its lines
LINES = 1_000  # of an editor's history that are looked through, the newest first

# Lines that tell nothing one could take back: somebody looked, or a letter followed by itself.
NO_DEED = frozenset(
    {
        TAKEN_BACK,
        "approved in part",
        "asked about a person",
        "correction begun",
        "exported",
        "listed",
        "plan lapsed",
        "let go",
        "not in stock any more",
        "shown",
        "shown as edited",
        "taken from stock",
        "tested",
        "told",
    }
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One act of an editor, by its lines of history, oldest first."""

    at: datetime
    who: str
    lines: tuple[Event, ...]

    def line(self, noun: str, word: str) -> Event | None:
        """The first line about such a noun with this word, or this new state.

        What filling an issue took up is no decision.
        """
        of_it = (it for it in self.lines if it.noun == noun and it.why != TAKEN_UP)
        return next((it for it in of_it if word_of(it) == word), None)

    @property
    def is_undoing(self) -> bool:
        """Whether the act itself took something back."""
        return any(it.what == TAKEN_BACK or it.why == WHY for it in self.lines)


def word_of(event: Event) -> str:
    """What a line says was done, or what state was reached."""
    return event.to_state or event.what or ""


@dataclass(frozen=True, slots=True)
class About:
    """What an undo is limited to: one item or one issue."""

    noun: str
    id: str  # as people say it
    keys: tuple[tuple[str, str], ...]  # noun and key, as the history has them


def item_only(only: About | None) -> str | None:
    """The item that an undo is limited to."""
    return only.id if only and only.noun == "submission" else None


def about(session: Session, given: str) -> About:
    """The item or issue that somebody names. NotFound, Ambiguous."""
    try:
        item = submissions.by_reference(session, given)
    except NotFound:
        if given.strip().lower().removeprefix("q").isdecimal():
            raise
        return _about_issue(session, issues.find(session, given))
    return About("submission", item.reference, tuple(queue.history_keys(item)))


def _about_issue(session: Session, issue: Issue) -> About:
    asked = select(col(Approval.id)).where(col(Approval.issue_id) == issue.id)
    approvals = tuple(("approval", str(number)) for number in session.scalars(asked))
    return About("issue", issue.id, (("issue", issue.id), *approvals))


def deeds(session: Session, who: str, only: About | None) -> Iterator[Deed]:
    """An editor's acts, the newest first; those that were taken back, or took back, left out."""
    mine = select(Event).where(col(Event.actor) == who).order_by(col(Event.id).desc()).limit(LINES)
    if only is not None:
        mine = mine.where(
            or_(
                *(
                    (col(Event.noun) == noun)
                    & (
                        col(Event.key).startswith(key, autoescape=True)
                        if key.endswith("/")
                        else col(Event.key) == key
                    )
                    for noun, key in only.keys
                )
            )
        )
    lines = session.scalars(mine).all()
    gone = undone(lines)
    for at, group in groupby(lines, key=lambda line: line.at):
        deed = Deed(at, who, tuple(reversed(list(group))))
        if not deed.is_undoing and not gone & {line.id for line in deed.lines}:
            yield deed


def undone(lines: Sequence[Event]) -> set[int | None]:
    """The ids of lines that were taken back."""
    taken = (it.detail or {} for it in lines if it.what == TAKEN_BACK)
    return {number for detail in taken for number in detail.get("lines", ())}


def item_of(session: Session, event: Event) -> Submission:
    """The item that a line is about."""
    number = int(event.key.partition("/")[0])
    if event.noun == CHANGE.noun:
        number = session.get_one(ChangeRequest, number).submission_id
    return session.get_one(Submission, number)


def issue_of(session: Session, deed: Deed) -> str:
    """The id of the issue that an act is about."""
    about_it = next((it.key for it in deed.lines if it.noun == "issue"), "")
    return issues.find(session, about_it).id


# -- taking it back -------------------------------------------------------------------------


class Stays(Refused):
    sentence = N_("Das lässt sich nicht rückgängig machen. {why}")


class ChangedSince(Refused):
    sentence = N_(
        "{id} wurde danach noch geändert, von {who}. Ihre Änderung lässt sich nicht mehr allein"
        " zurücknehmen. Was geschah, zeigt: newsletter log {log}"
    )


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: of what, said in a sentence, and the likely next command."""

    id: str
    said: str
    following: str
    facts: Mapping[str, Any]
