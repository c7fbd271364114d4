"""Of a long calendar what is kept: the dates that come next (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsletter.brought import Found, Setting, Source, day_of
from newsletter.content import Kind

from .marks import marks

MOST = 100  # dates ahead, of one feed; each row costs its transaction a fifth of a millisecond


@dataclass(frozen=True, slots=True)
class Known:
    """What of a feed stands here already: its marks of both kinds; and the titles of dates that
    may have moved.
    """

    marks: frozenset[str]
    titles: frozenset[str]


def nearest(source: Source, known: Known, twins: Mapping[str, int], setting: Setting) -> Source:
    """What is looked at further: the next dates, and all that is known or was handed in or is no
    date. ``beyond`` counts the dates that wait until they come nearer.
    """
    marked = [(found, {*marks(found, setting)}) for found in source.found]
    dates = [(it, its) for it, its in marked if it.kind is Kind.DATE and not is_over(it, setting)]
    dates.sort(key=lambda date: day_of(date[0].starts, setting.zone) or setting.today)
    there = known.marks | twins.keys()
    fresh = [it for it, its in dates[MOST:] if not its & there]
    moved = [it for it in fresh if it.title.casefold() in known.titles][:MOST]
    left = {id(it) for it in fresh} - {id(it) for it in moved}
    found = tuple(it for it in source.found if id(it) not in left)
    return replace(source, found=found, beyond=len(left))


def is_over(found: Found, setting: Setting) -> bool:
    """Whether its last day has passed."""
    return (found.last_day(setting.zone) or setting.today) < setting.today
