"""What of an issue is printed, and how much that is (pure)."""

import math
from collections import Counter

from ..content import IssueContent, Item, Kind, Section
from ..language import _, n_
from ..texts.typography import letters

WORDS_A_MINUTE = 210  # read silently by adults; German and English hardly differ


def steps(item: Item) -> tuple[tuple[str, str], ...]:
    """The way of a success story as far as it was filled in, each part with its heading."""
    named = (
        (_("Herausforderung"), item.challenge),
        (_("Lösung"), item.solution),
        (_("Ergebnis"), item.result),
    )
    return tuple((name, text.strip()) for name, text in named if text and text.strip())


def boxes(item: Item) -> tuple[tuple[str, str], ...]:
    """The parts of a success story that were filled in, each with its heading; quote last."""
    quote = (item.quote or "").strip()
    return (*steps(item), *(((_("Zitat"), quote),) if quote else ()))


def in_full(item: Item) -> bool:
    """Whether the issue prints an item's whole text: only where no link leads to it.

    So the newsletter of the programme has always looked: a teaser, then „Mehr: …“. A mail of
    twenty whole texts would be cut off by Gmail (PR-06) and read by nobody.
    """
    differs = letters(item.body) != letters(item.teaser)  # one may have its typography already
    return differs and bool(item.body.strip()) and not (item.link and item.teaser.strip())


def dates(content: IssueContent) -> tuple[Item, ...]:
    """The items that take place on a day, in reading order."""
    return tuple(item for item in content.items if item.kind is Kind.DATE and item.when)


def only_dates(section: Section) -> bool:
    """Whether nothing but dates stands in a section."""
    return all(item.kind is Kind.DATE and item.when for item in section.items)


def last_with_dates(content: IssueContent, section: Section) -> bool:
    """Whether what belongs to all dates stands below this section."""
    holding = [each for each in content.sections if any(i.kind is Kind.DATE for i in each.items)]
    return bool(holding) and holding[-1] is section


def all_dates(content: IssueContent) -> str:
    """„Alle 5 Termine in den Kalender“."""
    count = len(dates(content))
    return n_("Diesen Termin in den Kalender", "Alle {n} Termine in den Kalender", count).format(
        n=count
    )


def glance(content: IssueContent) -> str:
    """„9 Meldungen, 2 Erfolgsgeschichten, 5 Termine, etwa 4 Minuten“."""
    there = Counter(item.kind for item in content.items)
    news, stories, events = there[Kind.NEWS], there[Kind.SUCCESS_STORY], there[Kind.DATE]
    time = minutes(content)
    parts = (
        n_("{n} Meldung", "{n} Meldungen", news).format(n=news) if news else "",
        n_("{n} Erfolgsgeschichte", "{n} Erfolgsgeschichten", stories).format(n=stories)
        if stories
        else "",
        n_("{n} Termin", "{n} Termine", events).format(n=events) if events else "",
        n_("etwa {n} Minute", "etwa {n} Minuten", time).format(n=time),
    )
    return ", ".join(part for part in parts if part)


def minutes(content: IssueContent) -> int:
    """How long it takes to read what is printed: opening, titles and texts; at least one."""
    printed = [content.opening, *(_printed(item) for item in content.items)]
    words = sum(len(part.split()) for part in printed)
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def _printed(item: Item) -> str:
    body = item.body if in_full(item) else ""
    return " ".join((item.title, item.teaser, body, *(text for _name, text in boxes(item))))
