"""Which issue an item is in time for, and whether that is in time for the item."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import numbers, rhythm
from newsletter.models.issue import GONE_OUT, Issue, IssueState
from newsletter.settings import Settings

_SHOWN = 4  # issues ahead, to wish for one
_OVER = GONE_OUT | {IssueState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Issued:
    """One issue ahead: its number, when it leaves, until when it takes items."""

    number: str
    leaves: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """What is ahead of one newsletter, the next issue first."""

    newsletter: str
    issues: tuple[Issued, ...]
    taking: Issued  # the first one whose cut-off is still ahead

    @property
    def missed(self) -> Issued | None:
        """The next issue, if its cut-off is over: it takes an item only for a reason."""
        return self.issues[0] if self.issues[0] is not self.taking else None


class Early(StrEnum):
    """What comes before the issue that would tell of it."""

    DATE = "date"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Warned:
    """An issue that leaves too late for a date."""

    newsletter: str
    early: Early
    issue: Issued


def coming_issues(session: Session, settings: Settings, now: datetime) -> dict[str, Coming]:
    """What is ahead of each newsletter, by its slug: issues begun, and those of the rhythm."""
    begun: dict[str, dict[str, Issue]] = {slug: {} for slug in settings.newsletters}
    for issue in session.scalars(select(Issue).where(col(Issue.newsletter).in_(begun))):
        begun[issue.newsletter][issue.number] = issue
    return {
        slug: _coming(slug, settings, begun[slug], {*numbers.left_out(session, slug)}, now)
        for slug in begun
    }


def _coming(
    slug: str, settings: Settings, begun: Mapping[str, Issue], left_out: Set[str], now: datetime
) -> Coming:
    ahead = _ahead(slug, settings, begun, left_out, now)
    shown = [*islice(ahead, _SHOWN)]
    taking = next(each for each in _then(shown, ahead) if each.closes > now)
    return Coming(slug, tuple(shown), taking)


def _then(first: Sequence[Issued], rest: Iterator[Issued]) -> Iterator[Issued]:
    yield from first
    yield from rest


def _ahead(
    slug: str, settings: Settings, begun: Mapping[str, Issue], left_out: Set[str], now: datetime
) -> Iterator[Issued]:
    """The regular issues that have not gone out, the next first; without end."""
    it = settings.newsletter(slug)
    passed = {number for number, issue in begun.items() if issue.state in _OVER} | left_out
    while True:
        number = rhythm.next_number(passed, it.rhythm, now, settings.almanac)
        passed.add(number)
        planned = rhythm.planned_time(number, it.rhythm, settings.almanac)
        leaves = begun[number].send_at if number in begun else None
        if leaves := leaves or planned:
            yield Issued(number, leaves, rhythm.cut_off(leaves, it.cutoff, settings.almanac))


def too_early(
    coming: Mapping[str, Coming],
    targets: Sequence[str],
    ends: datetime | date | None,
    register_by: datetime | None,
    zone: ZoneInfo,
) -> list[Warned]:
    """Where a date, or its registration, is over before the issue leaves that takes it."""
    found: list[Warned] = []
    for slug in targets:
        if slug not in coming:
            continue
        issue = coming[slug].taking
        if ends is not None and _moment(ends, zone) < issue.leaves:
            found.append(Warned(slug, Early.DATE, issue))
        elif register_by is not None and register_by < issue.leaves:
            found.append(Warned(slug, Early.REGISTRATION, issue))
    return found


def _moment(when: datetime | date, zone: ZoneInfo) -> datetime:
    """A whole day is over at its end."""
    if isinstance(when, datetime):
        return when
    return datetime.combine(when, time.max, zone)
