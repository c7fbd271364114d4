"""Dates stand in a section by the day they begin, unless an editor moved them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import pairwise

from newsletter import submissions
from newsletter.content import Item, Kind
from newsletter.history import Act
from newsletter.models.submission import Submission
from newsletter.queue.lookup import number_of
from newsletter.settings import Settings

from .board import Board


def put_by_day(act: Act, board: Board, section: str, submission: Submission) -> None:
    """Give a date its place: before the first that begins later. Anything else comes last."""
    number = number_of(submission)
    board.take_out(number)
    at = None
    if submission.kind is Kind.DATE and board.order.get(section):
        board.put(number, section, submission.revision)
        *others, mine = _starts(act, board, section)
        later = (n for n, other in enumerate(others, 1) if other and mine and other > mine)
        at = next(later, None)
    board.put(number, section, submission.revision, at)


def renew(act: Act, board: Board, submission: Submission) -> None:
    """Take the newest revision of an item where it stands; a date that moved, by its new day.

    In a section that an editor has ordered otherwise it keeps its place.
    """
    number = number_of(submission)
    section = board.section_of(number)
    ordered = submission.kind is Kind.DATE and in_order(_starts(act, board, section))
    board.pins[number] = submission.revision
    if ordered and not in_order(_starts(act, board, section)):
        put_by_day(act, board, section, submission)


def in_order(starts: Sequence[datetime | None]) -> bool:
    """Whether each begins no sooner than the one before; what has no day is passed over."""
    return all(one <= other for one, other in pairwise(filter(None, starts)))


def start_of(item: Item, settings: Settings) -> datetime | None:
    """When a date begins; a whole day with its midnight."""
    if item.when is None:
        return None
    starts = item.when.starts
    return starts if isinstance(starts, datetime) else midnight_of(starts, settings)


def midnight_of(day: date, settings: Settings) -> datetime:
    """The moment at which a day begins, by the clocks of the home."""
    return datetime.combine(day, time(), settings.zone)


def _starts(act: Act, board: Board, section: str) -> list[datetime | None]:
    """When the items of a section begin, in their order and in the revisions they are pinned to."""
    pinned = [(number, board.pins[number]) for number in board.order[section]]
    today = act.now.astimezone(act.settings.zone).date()
    items = submissions.items_of(act.session, act.settings, pinned, today)
    return [start_of(items[number], act.settings) for number, _ in pinned]
