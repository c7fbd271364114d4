"""The versions of an issue, as its history remembers them: who changed what, and one again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue

from .board import TEXTS, Board
from .register import find
from .restoring import put_back

RESTORED = "restored"  # a line of an issue's history


class NotRemembered(Refused):
    sentence = N_(
        "Wie {issue} bei Stand {version} aussah, steht nicht im Protokoll."
        " Welche Stände es kennt: newsletter issue revisions {issue}"
    )


class AlreadySo(Refused):
    sentence = N_("{issue} steht schon so da wie bei Stand {version}.")


@dataclass(frozen=True, slots=True)
class Version:
    """One version that can be had again, and who changed it then, into what follows."""

    number: int
    until: datetime
    changed_by: str
    what: str  # as the history calls the change
    fields: tuple[str, ...]  # that the change touched: subject, preheader, opening, order
    before: Mapping[str, Any]


def versions(session: Session, key: str) -> tuple[Issue, list[Version]]:
    """An issue and its earlier versions, the oldest first. NotFound."""
    issue = find(session, key)
    changes = _changes(session, issue)
    after = [_before(event) for event in changes[1:]] + [_now(session, issue)]
    return issue, [
        Version(
            _before(event)["version"],
            event.at,
            event.actor,
            event.what or "",
            _differ(_before(event), then),
            _before(event),
        )
        for event, then in zip(changes, after, strict=False)  # of no change, none
    ]


def restore(act: Act, key: str, number: int) -> Issue:
    """Let an issue stand as at an earlier version: its texts, its items and their revisions.

    A change like any other: an approval falls. NotRemembered, AlreadySo, and whatever forbids
    an item to come back.
    """
    issue, known = versions(act.session, key)
    then = next((it for it in known if it.number == number), None)
    if then is None:
        raise NotRemembered(issue=issue.id, version=number)
    if not _differ(then.before, _now(act.session, issue)):
        raise AlreadySo(issue=issue.id, version=number)
    return put_back(act, issue.id, then.before, RESTORED)


def _changes(session: Session, issue: Issue) -> Sequence[Event]:
    story = select(Event).where(
        col(Event.noun) == ISSUE.noun, col(Event.key) == issue.id, col(Event.detail).is_not(None)
    )
    found = session.scalars(story.order_by(col(Event.id)))
    return [event for event in found if "version" in _before(event)]


def _before(event: Event) -> Mapping[str, Any]:
    before: Mapping[str, Any] = (event.detail or {}).get("before", {})
    return before


def _now(session: Session, issue: Issue) -> Mapping[str, Any]:
    return Board.read(session, issue).standing()


def _differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in (*TEXTS, "order") if before.get(name) != after.get(name))
