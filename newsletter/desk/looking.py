"""What lies on the desk at one moment, read in one go; nothing here changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from newsletter import issues, queue, rhythm, submissions
from newsletter.content import Finding, Item
from newsletter.issues import beforehand, neutral
from newsletter.models.colleague import Comment
from newsletter.models.issue import Issue
from newsletter.queue import Alike, Entry, Shown
from newsletter.settings import Settings


@dataclass(frozen=True, slots=True)
class Table:
    """The queue, and which issues of each newsletter are not over, the nearest first."""

    entries: tuple[Entry, ...] = ()
    open_issues: Mapping[str, tuple[Issue, ...]] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)  # items of each cluster this year

    def issues_of(self, newsletter: str) -> tuple[Issue, ...]:
        return self.open_issues.get(newsletter, ())


@dataclass(frozen=True, slots=True)
class Shelf:
    """One issue: its sections, the empty ones too, and what is wrong with it as it stands."""

    issue: Issue
    sections: tuple[tuple[str, str, tuple[Item, ...]], ...]  # key, heading, items
    findings: tuple[Finding, ...]
    text: str  # the letter's text part; empty if a template is broken
    leaves: datetime | None  # its time, else the rhythm's
    closes: datetime | None  # its cut-off
    planned: datetime | None = None  # scheduled for then by itself, once it is approved

    @property
    def order(self) -> dict[str, tuple[str, int]]:
        """Section and position (from 1) of each item."""
        return {
            item.reference: (key, place)
            for key, __, items in self.sections
            for place, item in enumerate(items, 1)
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """One item with everything an editor may want to know."""

    shown: Shown
    findings: tuple[Finding, ...]
    alike: Alike
    comments: tuple[Comment, ...] = ()
    assigned: str | None = None  # to an editor

    @property
    def reference(self) -> str:
        return self.shown.submission.reference


def table(session: Session, settings: Settings, now: datetime) -> Table:
    """The queue and the issues that may still be worked on."""
    lines = issues.list_(session, over=False)
    year = now.astimezone(settings.zone).year
    ahead = sorted((line.issue for line in lines), key=lambda issue: issue.number)
    return Table(
        tuple(queue.list_(session)),
        {slug: tuple(i for i in ahead if i.newsletter == slug) for slug in settings.newsletters},
        {share.name: share.items for share in issues.shares(session, settings, year)},
    )


def shelf(session: Session, settings: Settings, key: str, now: datetime) -> Shelf:
    """An issue as it stands, built and checked. NotFound."""
    issue = issues.find(session, key)
    built = issues.build(session, settings, issue, now)
    it = settings.newsletter(issue.newsletter)
    filled = {section.key: section for section in built.content.sections}
    keys = dict.fromkeys([*(section.key for section in it.sections), *filled])
    titles = {section.key: section.title for section in it.sections}
    plan = issues.plan_of(session, issue.id)
    planned = plan.send_at if plan else None
    by_rhythm = rhythm.planned_time(issue.number, it.rhythm, settings.almanac)
    leaves = issue.send_at or planned or by_rhythm
    return Shelf(
        issue=issue,
        sections=tuple(
            (each, titles.get(each, each), filled[each].items if each in filled else ())
            for each in keys
        ),
        findings=tuple(built.findings),
        text=neutral.text_of(built.edition) if built.edition else "",
        leaves=leaves,
        closes=leaves and rhythm.cut_off(leaves, it.cutoff, settings.almanac),
        planned=planned,
    )


def sheet(session: Session, settings: Settings, reference: str, now: datetime) -> Sheet:
    """An item as it stands. NotFound."""
    shown = queue.show(session, settings, reference, now)
    findings = beforehand.found(session, settings, now, [shown.submission])
    number = shown.submission.id or 0
    whose = queue.assigned_to(session, [number]).get(number)
    return Sheet(
        shown,
        tuple(findings),
        queue.alike(session, settings, shown.submission),
        tuple(queue.comments_of(session, shown.submission)),
        whose.editor if whose else None,
    )


def twin(session: Session, settings: Settings, reference: str) -> str | None:
    """The item that is likely the same as this one."""
    submission = submissions.by_reference(session, reference)
    twins = queue.alike(session, settings, submission).twins
    return twins[0].reference if twins else None


def late(entries: Sequence[Entry], closes: datetime | None) -> frozenset[str]:
    """The items that came after a cut-off."""
    if closes is None:
        return frozenset()
    return frozenset(
        each.submission.reference for each in entries if each.submission.received_at > closes
    )
