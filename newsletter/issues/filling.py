"""Filling an issue with what is accepted and waits, and saying why something stays out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import select
from sqlmodel import col

from newsletter import checks, queue, submissions
from newsletter.checks import Facts
from newsletter.content import EventState, Item, Level
from newsletter.history import Act
from newsletter.language import _
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.submission import (
    CLEARANCE,
    USABLE,
    Clearance,
    ClearanceState,
    Submission,
)
from newsletter.queue.later import TAKEN_UP, still_waits
from newsletter.queue.lookup import number_of
from newsletter.rhythm import in_words
from newsletter.settings import NewsletterSettings

from .assemble import Addition, NoSection, fitting
from .board import Board
from .change import changed, opened
from .contents import facts_of, harmed


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
    placed: tuple[Addition, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    submission: Submission
    clearance: Clearance
    item: Item


def fill(act: Act, key: str) -> Proposal:
    """Place every item that is accepted, stands in no issue of this newsletter, and is sound.

    What was held over until this issue, or an earlier one, counts as accepted again.
    Items go to the first section that fits, the oldest first, dates by their start. An item
    with errors stays out, and so does one that may not be shown yet, or whose date is cancelled,
    or over when the issue leaves by the rhythm: ``add`` takes such an item all the same.
    """
    issue = opened(act, key)
    it = act.settings.newsletter(issue.newsletter)
    facts = replace(facts_of(issue, act.settings, (), act.now), audience=issue.audience)
    board = Board.of(act, issue)
    shelf = _Shelf(act, board)
    done: list[Addition] = []
    left: list[LeftOut] = []
    candidates = _candidates(act, issue)
    facts = replace(facts, harmed=harmed(act.settings, (each.item for each in candidates)))
    for candidate in candidates:
        section, why = _place_for(candidate, it, facts, issue)
        item = candidate.item
        if section is None:
            left.append(LeftOut(item.reference, item.title, why))
        else:
            _take_up(act, candidate)
            shelf.put(candidate, section)
            done.append(Addition(item.reference, section, item.revision))
    if board.write():
        changed(act, issue, "filled", items=[each.reference for each in done])
    return Proposal(issue.id, tuple(done), tuple(left))


def _candidates(act: Act, issue: Issue) -> list[_Candidate]:
    placed = (
        select(col(Placement.submission_id))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(col(Issue.newsletter) == issue.newsletter, col(Issue.state) != IssueState.CANCELLED)
    )
    waiting = (
        select(Submission, Clearance)
        .join(Clearance, col(Clearance.submission_id) == Submission.id)
        .where(
            col(Clearance.newsletter) == issue.newsletter,
            col(Clearance.state).in_((ClearanceState.ACCEPTED, ClearanceState.HELD_OVER)),
            col(Submission.state).in_(USABLE),
            col(Submission.id).not_in(placed),
        )
        .order_by(col(Submission.received_at), col(Submission.id))
    )
    rows = act.session.execute(waiting).all()
    items = _items(act, {number_of(s): s.revision for s, __ in rows})
    return [_Candidate(s, clearance, items[number_of(s)]) for s, clearance in rows]


def _take_up(act: Act, candidate: _Candidate) -> None:
    clearance = candidate.clearance
    if clearance.state is ClearanceState.HELD_OVER:
        act.move(
            clearance,
            CLEARANCE,
            ClearanceState.ACCEPTED,
            why=TAKEN_UP,
            decided_at=act.now,
            decided_by=act.actor.name,
            held_until=None,
        )
        queue.keep_true(act, candidate.submission)


def _items(act: Act, pins: Mapping[int, int]) -> dict[int, Item]:
    today = act.now.astimezone(act.settings.zone).date()
    return submissions.items_of(act.session, act.settings, list(pins.items()), today)


def _place_for(
    candidate: _Candidate, it: NewsletterSettings, facts: Facts, issue: Issue
) -> tuple[str | None, str]:
    """The section an item goes to; or None, and why it stays out."""
    if why := _waits(candidate, issue):
        return None, why
    if candidate.clearance.audience is not issue.audience:
        wrong = _("Angenommen ist er für „{asked}“, die Ausgabe ist „{audience}“.")
        asked = candidate.clearance.audience
        return None, wrong.format(asked=asked, audience=issue.audience)
    if why := _objection(candidate.item, facts):
        return None, why
    try:
        return fitting(it, candidate.submission), ""
    except NoSection as error:
        return None, str(error)


def _waits(candidate: _Candidate, issue: Issue) -> str:
    clearance, reference = candidate.clearance, candidate.submission.reference
    held = clearance.state is ClearanceState.HELD_OVER
    if not held or not still_waits(clearance, issue):
        return ""
    if clearance.held_until:
        why = _(
            "Zurückgestellt bis {until}. Doch in diese Ausgabe:"
            " newsletter queue accept {item} --for {newsletter}"
        )
    else:
        why = _(
            "Zurückgestellt für eine spätere Ausgabe. Doch in diese:"
            " newsletter queue accept {item} --for {newsletter}"
        )
    until = clearance.held_until
    return why.format(until=until, item=reference, newsletter=issue.newsletter)


def _objection(item: Item, facts: Facts) -> str:
    if item.embargo_until and item.embargo_until > facts.now:
        until = in_words(item.embargo_until, facts.zone)
        wrong = _(
            "Die Sperrfrist endet erst am {until}. Geht die Ausgabe sicher danach hinaus:"
            " newsletter issue add {issue} {item}"
        )
        return wrong.format(until=until, issue=facts.issue_id, item=item.reference)
    if item.event_state is EventState.CANCELLED:  # none of these readers has heard of it
        wrong = _(
            "Der Termin ist abgesagt. Soll die Absage hinein: newsletter issue add {issue} {item}"
        )
        return wrong.format(issue=facts.issue_id, item=item.reference)
    outside = replace(facts, issue_id="")  # it stands in no issue yet
    grave = [
        finding.text
        for finding in checks.check_item(item, outside)
        if finding.level is Level.ERROR or finding.check == "past-date"
    ]
    return " ".join(grave)


class _Shelf:
    """Puts items on a board: dates by their start, everything else at the end."""

    def __init__(self, act: Act, board: Board) -> None:
        self.board = board
        self.zone = act.settings.zone
        self.items = _items(act, board.pins)

    def put(self, candidate: _Candidate, section: str) -> None:
        number = number_of(candidate.submission)
        self.items[number] = candidate.item
        at = None
        if start := self._start(candidate.item):
            others = [self._start(self.items[i]) for i in self.board.order.get(section, ())]
            at = _place_among(start, others)
        self.board.put(number, section, candidate.item.revision, at)

    def _start(self, item: Item) -> datetime | None:
        if item.when is None:
            return None
        starts = item.when.starts
        if isinstance(starts, datetime):
            return starts
        return datetime.combine(starts, time(), self.zone)


def _place_among(start: datetime, others: Sequence[datetime | None]) -> int:
    """The position (from 1) before the first date that starts later, else the last."""
    later = (n for n, other in enumerate(others, 1) if other is not None and other > start)
    return next(later, len(others) + 1)
