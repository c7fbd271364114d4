"""Members' feeds: read now and then, what is new there is suggested to the cluster, and no more.

Nothing that was found is handed in, queued or published by itself. What a cluster has handed in
already is not suggested; a suggestion that somebody has dismissed stays dismissed. If a feed
cancels a date that was handed in, moves it or names it no longer, the cluster gets a hint.
"""

from .nearest import MOST
from .reading import EVERY, Report, read_due, read_now
from .register import Line, NoSuchFeed, add, feeds_of, remove
from .suggesting import (
    Hinted,
    NoSuchSuggestion,
    Suggested,
    Waiting,
    answer_hint,
    dismiss,
    hints,
    open_,
    take,
    waiting,
)

__all__ = [
    "EVERY",
    "MOST",
    "Hinted",
    "Line",
    "NoSuchFeed",
    "NoSuchSuggestion",
    "Report",
    "Suggested",
    "Waiting",
    "add",
    "answer_hint",
    "dismiss",
    "feeds_of",
    "hints",
    "open_",
    "read_due",
    "read_now",
    "remove",
    "take",
    "waiting",
]
