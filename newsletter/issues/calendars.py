"""Where the dates of an issue are found for people's calendars (pure).

An issue for everybody names addresses that everybody may open, one for members names
addresses that only its key opens (promise 4); both are the same for all readers.
"""

from collections.abc import Iterable
from dataclasses import replace

from newsletter.content import Audience, EventState, Item
from newsletter.models.issue import Issue
from newsletter.settings import Settings


def with_calendar(settings: Settings, issue: Issue, item: Item) -> Item:
    """The item with the address of its calendar file, if it is a date that takes place."""
    if item.when is None or item.uid is None or item.event_state is EventState.CANCELLED:
        return item
    if issue.audience is Audience.PUBLIC:
        return replace(item, calendar_url=settings.links.date(item.uid))
    return replace(item, calendar_url=settings.links.members_date(issue.read_key, item.reference))


def dates_url(settings: Settings, issue: Issue, items: Iterable[Item]) -> str:
    """All its dates as one file; "" where that would be no more than a single date's own."""
    if sum(bool(item.calendar_url) for item in items) < 2:
        return ""
    if issue.audience is Audience.PUBLIC:
        return settings.links.dates_of(issue.newsletter, issue.number)
    return settings.links.members_dates(issue.read_key)


def calendar_url(settings: Settings, issue: Issue) -> str:
    """The page from which one subscribes to all dates of the newsletter.

    A page and not the file: a browser that opens the file takes it in once, and nothing in
    the reader's calendar would ever change again.
    """
    it = settings.newsletter(issue.newsletter, issue.number)
    if not it.shows_dates:
        return ""
    if issue.audience is Audience.PUBLIC:
        return settings.links.calendar_page(issue.newsletter)
    key = settings.calendar_key(issue.newsletter)
    return settings.links.members_calendar_page(key) if key else ""
