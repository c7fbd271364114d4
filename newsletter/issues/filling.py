"""Filling an issue with what is accepted and waits, and saying why of each item, in or out.

``waiting`` fetches, ``choosing`` decides by the rules of newsletter.toml; here it is done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from newsletter import queue, submissions
from newsletter.content import Item
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.submission import CLEARANCE, ClearanceState
from newsletter.queue.later import TAKEN_UP
from newsletter.queue.lookup import number_of
from newsletter.settings import Order, Settings

from .board import Board
from .by_day import start_of
from .change import changed, editable, opened
from .choosing import Choice, Situation, choose
from .correcting import require_no_correction
from .register import find
from .reusing import from_stock
from .waiting import Desk, Waiting, situation, waiting


class NoLead(Refused):
    sentence = N_(
        "{newsletter} hat keine Rubrik für den Aufmacher. In newsletter.toml bei einer Rubrik:"
        " lead = true"
    )


class NotOnTop(Refused):
    sentence = N_("{item} lässt sich nicht als Aufmacher vorschlagen. {why}")


class NotWaiting(Refused):
    sentence = N_(
        "{item} wartet nicht auf {issue}. Steht der Beitrag schon darin:"
        " newsletter issue move {issue} {item} --section {section}"
    )


class LeadStands(Refused):
    sentence = N_(
        "Den Aufmacher hat {issue} schon. Zuerst: newsletter issue move {issue} ID --section RUBRIK"
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """An item with its place, and why it gets it."""

    reference: str
    title: str
    section: str
    revision: int
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An accepted item that was not placed, and why."""

    reference: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What ``fill`` placed and what it left out; an editor may change all of it."""

    issue_id: str
    placed: tuple[Taken, ...]
    left_out: tuple[LeftOut, ...]


def propose(
    session: Session, settings: Settings, key: str, now: datetime, lead: str | None = None
) -> Proposal:
    """What ``fill`` would do now; refuses what ``fill`` refuses."""
    issue = editable(find(session, key))
    require_no_correction(issue)
    desk = Desk(session, settings, now, issue)
    return _proposal(desk, waiting(desk), lead)[0]


def fill(act: Act, key: str, lead: str | None = None) -> Proposal:
    """Place what is accepted, stands in no issue of this newsletter, and is sound.

    What was held over until this issue, or an earlier one, counts as accepted again. Items go to
    the first section that fits and has room, the oldest first, dates by their start; ``lead``
    (a reference) on top. An item with errors stays out, and so does one that may not be shown
    yet, whose date is cancelled, or over when the issue leaves by the rhythm, or that the rules
    of newsletter.toml leave for another issue: ``add`` takes such an item all the same.
    Under ``dates_twice`` a date comes once more, in the last issue before it.
    """
    issue = opened(act, key)
    require_no_correction(issue)
    desk = Desk(act.session, act.settings, act.now, issue)
    there = waiting(desk)
    proposal, known = _proposal(desk, there, lead)
    shelf = _Shelf(desk, Board.of(act, issue))
    for taken in proposal.placed:
        each = known[taken.reference]
        _take_up(act, each)
        shelf.put(each.item, number_of(each.submission), taken.section)
    if shelf.board.write():
        items = [each.reference for each in proposal.placed]
        changed(act, issue, "filled", items=items, before=shelf.board.before)
    return proposal


def _proposal(
    desk: Desk, there: Sequence[Waiting], lead: str | None
) -> tuple[Proposal, dict[str, Waiting]]:
    if lead is not None:
        lead = submissions.by_reference(desk.session, lead).reference
    it = situation(desk, lead)
    found = choose([each.candidate for each in there], it)
    if lead is not None:
        _require_on_top(desk, it, lead, found)
    extra = from_stock(desk, it, there, found)
    known = {each.item.reference: each for each in [*there, *(each for each, __ in extra)]}
    found |= {choice.reference: choice for __, choice in extra}
    told = [(each.item, found[reference]) for reference, each in known.items()]
    proposal = Proposal(
        desk.issue.id,
        tuple(
            Taken(item.reference, item.title, choice.section, item.revision, choice.why)
            for item, choice in told
            if choice.section is not None
        ),
        tuple(
            LeftOut(item.reference, item.title, choice.why)
            for item, choice in told
            if choice.section is None
        ),
    )
    return proposal, known


def _require_on_top(desk: Desk, it: Situation, lead: str, found: Mapping[str, Choice]) -> None:
    top = next((each for each in it.sections if each.lead), None)
    if top is None:
        raise NoLead(newsletter=desk.issue.newsletter)
    if lead not in found:
        raise NotWaiting(item=lead, issue=desk.issue.id, section=top.key)
    if found[lead].section is None:
        raise NotOnTop(item=lead, why=found[lead].why)
    if found[lead].section != top.key:
        raise LeadStands(issue=desk.issue.id)


def _take_up(act: Act, each: Waiting) -> None:
    if each.clearance.state is ClearanceState.HELD_OVER:
        act.move(
            each.clearance,
            CLEARANCE,
            ClearanceState.ACCEPTED,
            why=TAKEN_UP,
            decided_at=act.now,
            decided_by=act.actor.name,
            held_until=None,
        )
        queue.keep_true(act, each.submission)


class _Shelf:
    """Puts items on a board where their section's order wants them, and moves nothing else."""

    def __init__(self, desk: Desk, board: Board) -> None:
        self.board = board
        self.settings = desk.settings
        self.order = {section.key: section.order for section in desk.newsletter.sections}
        self.items = desk.items(board.pins)

    def put(self, item: Item, number: int, section: str) -> None:
        self.items[number] = item
        key = self._key(section)
        at = None
        if (mine := key(item)) is not None:
            others = [key(self.items[each]) for each in self.board.order.get(section, ())]
            at = _place_among(mine, others)
        self.board.put(number, section, item.revision, at)

    def _key(self, section: str) -> Callable[[Item], Any]:
        match self.order.get(section):
            case Order.TITLE:
                return lambda item: item.title.casefold()
            case Order.CLUSTER:
                return lambda item: item.origin.name.casefold()
            case _:
                return lambda item: start_of(item, self.settings)


def _place_among(mine: Any, others: Sequence[Any]) -> int:
    """The position (from 1) before the first one that comes later, else the last."""
    later = (n for n, other in enumerate(others, 1) if other is not None and other > mine)
    return next(later, len(others) + 1)
