"""Letters to the editors on an issue's way: it is thin, it closes, nobody has approved it.

Each is written once per issue; the history remembers. An issue that somebody begins when a
letter's time is over already gets none: they know. And nobody is written to about a newsletter
of which no issue was ever begun by a person: it is configured, and not in use.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import editors, numbers, queue, rendering, rhythm
from newsletter.history import SYSTEM, Act
from newsletter.language import speaking
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue, IssueState
from newsletter.models.submission import ClearanceState
from newsletter.queue import Entry
from newsletter.rhythm import Dates
from newsletter.settings import NewsletterSettings, Settings

from .begin import untouched

THIN, CLOSED, UNAPPROVED = "told of a thin issue", "told of the cut-off", "told of no approval"
_NEWS_FOR = timedelta(days=2)  # so long it is worth a letter that an issue has closed
_UNAPPROVED = (IssueState.DRAFT, IssueState.IN_APPROVAL, IssueState.APPROVED)
_MOST = 30  # items that a letter lists; it counts the rest


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is for an issue."""

    ready: int  # stands in it, or is accepted and waits for it
    undecided: tuple[Entry, ...]

    @property
    def together(self) -> int:
        return self.ready + len(self.undecided)


def stock(session: Session, newsletter: str, number: str) -> Stock:
    """What stands in an issue, begun or not, what waits for it, and what nobody has decided."""
    key, ready, undecided = f"{newsletter}-{number}", 0, []
    for entry in queue.list_(session, newsletter=newsletter):
        elsewhere = [it for it in entry.issues if it.startswith(f"{newsletter}-") and it != key]
        match entry.clearances[newsletter]:
            case ClearanceState.ASKED:
                undecided.append(entry)
            case ClearanceState.ACCEPTED if not elsewhere:
                ready += 1
            case ClearanceState.HELD_OVER if entry.held_until.get(newsletter, "") <= number:
                ready += 1
    return Stock(ready, tuple(undecided))


def remind_due(act: Act) -> list[tuple[str, str]]:
    """Write the letters that are due; each issue's id, and what was told."""
    told: list[tuple[str, str]] = []
    for slug, it in act.settings.newsletters.items():
        near = [*_near(act, it)]
        if near and in_use(act.session, slug):
            left_out = numbers.left_out(act.session, slug)
            for dates in near:
                if dates.number not in left_out:
                    told += _tell_of(act, slug, it, dates)
    return told


def in_use(session: Session, newsletter: str) -> bool:
    """Whether a person has ever worked on an issue of a newsletter."""
    begun = select(col(Issue.number)).where(col(Issue.newsletter) == newsletter)
    return bool({*session.scalars(begun)} - untouched(session, newsletter))


def least(it: NewsletterSettings) -> int:
    """How many items an issue wants: as many as are expected, or as its sections want together."""
    return max(it.reminders.least, sum(section.minimum for section in it.sections))


def _near(act: Act, it: NewsletterSettings) -> Iterator[Dates]:
    """The issues ahead of which a letter may be due: none leaves before an earlier one does."""
    almanac = act.settings.almanac
    ahead = rhythm.numbers_ahead(it.rhythm, act.now, almanac)
    dates = (found for number in ahead if (found := rhythm.dates(number, it, almanac)))
    return takewhile(lambda each: _first(act.settings, it, each) <= act.now, dates)


def _first(settings: Settings, it: NewsletterSettings, dates: Dates) -> datetime:
    """When the first of an issue's letters may be due."""
    thin = _morning(settings, dates.closes.date(), it.reminders.thin)
    return min(thin, _morning(settings, dates.leaves.date(), it.reminders.approval), dates.closes)


def _morning(settings: Settings, day: date, before: int) -> datetime:
    """In the morning, so many working days before."""
    earlier = settings.almanac.working_days(day, -before)
    return datetime.combine(earlier, rhythm.DRAFTED_AT, settings.zone)


def _tell_of(
    act: Act, slug: str, it: NewsletterSettings, dates: Dates
) -> Iterator[tuple[str, str]]:
    key = f"{slug}-{dates.number}"
    for since, until, what in _times(act.settings, it, dates):
        if not since <= act.now < until:
            continue
        # two machines whose clocks strike at once: one of them writes
        issue = act.session.get(Issue, key, with_for_update=True, populate_existing=True)
        if _knows(issue, since) or what in _told(act.session, key):
            continue
        found = stock(act.session, slug, dates.number)
        if _worth_a_letter(what, issue, found, it):
            _write(act, what, issue, slug, it, dates, found)
            yield key, what


def _knows(issue: Issue | None, since: datetime) -> bool:
    """Whether somebody has begun the issue since; a draft made by itself is nobody's."""
    return issue is not None and issue.made_by != SYSTEM.name and issue.made_at >= since


def _times(
    settings: Settings, it: NewsletterSettings, dates: Dates
) -> Iterator[tuple[datetime, datetime, str]]:
    """From when until when each letter may be written."""
    ours = it.reminders
    if ours.thin:
        yield _morning(settings, dates.closes.date(), ours.thin), dates.closes, THIN
    yield dates.closes, min(dates.closes + _NEWS_FOR, dates.leaves), CLOSED
    if ours.approval:
        yield _morning(settings, dates.leaves.date(), ours.approval), dates.leaves, UNAPPROVED


def _worth_a_letter(what: str, issue: Issue | None, found: Stock, it: NewsletterSettings) -> bool:
    state = issue.state if issue else None
    being_made = state in {None, IssueState.DRAFT}
    return {
        THIN: being_made and found.together < least(it),
        CLOSED: being_made or (bool(found.undecided) and state is not IssueState.CANCELLED),
        UNAPPROVED: state in _UNAPPROVED,
    }[what]


def _told(session: Session, key: str) -> set[str | None]:
    lines = select(Event.what).where(  # type: ignore[call-overload]
        col(Event.noun) == ISSUE.noun,
        col(Event.key) == key,
        col(Event.what).in_((THIN, CLOSED, UNAPPROVED)),
    )
    return set(session.scalars(lines))


_CALLED = {THIN: "thin", CLOSED: "closed", UNAPPROVED: "unapproved"}  # as the template knows them


def _write(
    act: Act,
    what: str,
    issue: Issue | None,
    slug: str,
    it: NewsletterSettings,
    dates: Dates,
    found: Stock,
) -> None:
    tell(
        act,
        slug,
        dates,
        what=_CALLED[what],
        state=issue.state.value if issue else "",
        ready=found.ready,
        least=least(it),
        thin=found.together < least(it),
        count=len(found.undecided),
        undecided=[(each.submission.reference, each.title) for each in found.undecided[:_MOST]],
        more=max(0, len(found.undecided) - _MOST),
    )
    act.record(ISSUE.noun, f"{slug}-{dates.number}", what)


def tell(act: Act, slug: str, dates: Dates, **facts: Any) -> None:
    """Post the letter about an issue ahead, begun or not."""
    zone = act.settings.zone
    with speaking(act.settings.language):
        facts = {
            "issue": f"{slug}-{dates.number}",
            "slug": slug,
            "issue_name": rendering.issue_name(dates.number),
            "newsletter_name": act.settings.newsletter(slug).name,
            "closes": rhythm.in_words(dates.closes, zone),
            "leaves": rhythm.in_words(dates.leaves, zone),
        } | facts
        editors.tell(act, "issues", "issue_ahead", slug, **facts)
