"""The calendar of issues: when each of a year closes and leaves, and what became of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Select, select
from sqlmodel import Session, col

from newsletter import numbers, rhythm
from newsletter.content import Milestone
from newsletter.language import _
from newsletter.letters import domain_of
from newsletter.models.issue import Issue, IssueState
from newsletter.rendering import issue_name
from newsletter.rhythm import Dates
from newsletter.settings import NewsletterSettings, Settings

_YEAR = timedelta(days=366)
_BEFORE = timedelta(minutes=30)  # as long an entry stands in people's calendars


@dataclass(frozen=True, slots=True)
class Planned:
    """One issue of the calendar, begun or not."""

    newsletter: str
    dates: Dates
    state: IssueState | None  # None: nobody has begun it
    left_out: str  # why; empty: it appears

    @property
    def issue(self) -> str:
        """Its id."""
        return f"{self.newsletter}-{self.dates.number}"

    @property
    def appears(self) -> bool:
        return not self.left_out and self.state is not IssueState.CANCELLED


def calendar(
    session: Session, settings: Settings, now: datetime, year: int | None = None
) -> list[Planned]:
    """The issues of a year, or those ahead in the next twelve months, by when they leave."""
    found = [
        planned
        for slug, it in settings.newsletters.items()
        for planned in _of(session, settings, slug, it, now, year)
    ]
    return sorted(found, key=lambda each: (each.dates.leaves, each.issue))


def _of(
    session: Session,
    settings: Settings,
    slug: str,
    it: NewsletterSettings,
    now: datetime,
    year: int | None,
) -> Iterator[Planned]:
    begun = {row.number: row for row in session.scalars(_issues(slug))}
    out = numbers.left_out(session, slug)
    wanted = rhythm.numbers_of(year, it.rhythm) if year else _next(settings, it, now)
    special = [n for n in begun if n not in wanted and (not year or n.startswith(f"{year}-"))]
    for number in [*wanted, *special]:
        issue = begun.get(number)
        dates = rhythm.dates(number, it, settings.almanac, issue.send_at if issue else None)
        # what nobody began in its time did not appear, and belongs to no calendar
        if dates and (dates.leaves > now or (year and (issue or number in out))):
            yield Planned(slug, dates, issue.state if issue else None, out.get(number, ""))


def _next(settings: Settings, it: NewsletterSettings, now: datetime) -> list[str]:
    def soon(number: str) -> bool:
        leaves = rhythm.planned_time(number, it.rhythm, settings.almanac)
        return leaves is not None and leaves <= now + _YEAR

    return [*takewhile(soon, rhythm.numbers_ahead(it.rhythm, now, settings.almanac))]


def _issues(slug: str) -> Select[Issue]:
    return select(Issue).where(col(Issue.newsletter) == slug).order_by(col(Issue.number))


def milestones(settings: Settings, planned: Iterable[Planned]) -> list[Milestone]:
    """Cut-offs and sendings for people's own calendars; what does not appear is called off."""
    return [each for issue in planned for each in _milestones(settings, issue)]


def _milestones(settings: Settings, planned: Planned) -> Iterator[Milestone]:
    dates = planned.dates
    name = f"{settings.newsletter(planned.newsletter).name}, {issue_name(dates.number)}"
    domain = domain_of(settings, planned.newsletter)
    for what, at, said, moved in (
        ("cut-off", dates.closes, _("Redaktionsschluss: {name}"), dates.closes_moved),
        ("sending", dates.leaves, _("Versand: {name}"), dates.leaves_moved),
    ):
        yield Milestone(
            uid=f"{planned.issue}-{what}@{domain}",
            starts=at - _BEFORE if what == "cut-off" else at,
            ends=at if what == "cut-off" else at + _BEFORE,
            summary=said.format(name=name),
            text=planned.left_out or moved,
            on=planned.appears,
        )
