"""What waits for a place in an issue, and the issue's situation: fetched for ``choosing``."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Select, exists, select
from sqlmodel import Session, col

from newsletter import checks, numbers, rhythm, stories, submissions
from newsletter.checks import Facts
from newsletter.content import EventState, Item, Kind, Level
from newsletter.language import _
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.submission import (
    USABLE,
    Clearance,
    ClearanceState,
    Revision,
    Submission,
)
from newsletter.queue.later import still_waits
from newsletter.queue.lookup import number_of
from newsletter.settings import NewsletterSettings, Settings

from .by_day import midnight_of, start_of
from .choosing import Candidate, Situation, sections_for
from .contents import facts_of, harmed
from .shared import Shared, shared_with
from .shares import shares


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies before whoever fills an issue."""

    session: Session
    settings: Settings
    now: datetime
    issue: Issue

    @property
    def newsletter(self) -> NewsletterSettings:
        """As configured for this issue."""
        return self.settings.newsletter(self.issue.newsletter, self.issue.number)

    def items(self, pins: Mapping[int, int]) -> dict[int, Item]:
        """Items by number, in these revisions."""
        today = self.now.astimezone(self.settings.zone).date()
        return submissions.items_of(self.session, self.settings, list(pins.items()), today)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that waits, and how it looks to the rules."""

    submission: Submission
    clearance: Clearance
    item: Item
    candidate: Candidate
    place: int | None  # in the other newsletter's issue, from 0


def waiting(desk: Desk) -> list[Waiting]:
    """What waits, in the order in which it is to stand: as the other newsletter's issue has it,
    then as it came in.
    """
    rows = desk.session.execute(_accepted(desk)).all()
    items = desk.items({number_of(s): s.revision for s, __, __ in rows})
    facts, kept = facts_for(desk, items.values()), stories.in_stock(desk.session)
    shown, shared = _shown_in(desk), shared_with(desk.session, desk.settings, desk.issue)
    found = []
    for submission, clearance, revision in rows:
        number = number_of(submission)
        item, there = items[number], shared.get(number)
        candidate = replace(
            _candidate(submission, revision, item, desk.settings),
            shown_in=shown.get(number, ()),
            hindrance=_in_stock(item, desk)
            if number in kept and not there
            else hindrance_of(submission, clearance, item, facts, desk),
            notes=tuple(_notes(clearance, submission, there)),
            prefers=there.section if there else None,
        )
        if not candidate.shown_in or _still_ahead(candidate, facts):
            place = there.place if there else None
            found.append(Waiting(submission, clearance, item, candidate, place))
    return sorted(found, key=lambda it: len(shared) if it.place is None else it.place)


def facts_for(desk: Desk, items: Collection[Item]) -> Facts:
    """What the checks must know of items that may come into the issue."""
    facts = facts_of(desk.issue, desk.settings, (), desk.now)
    return replace(facts, audience=desk.issue.audience, harmed=harmed(desk.settings, items))


def situation(desk: Desk, lead: str | None) -> Situation:
    """The issue as the rules see it."""
    it, facts = desk.newsletter, facts_of(desk.issue, desk.settings, (), desk.now)
    standing = desk.session.scalars(
        select(Placement).where(col(Placement.issue_id) == desk.issue.id)
    ).all()
    by_section = sorted(row.section for row in standing)
    items = desk.items({row.submission_id: row.revision for row in standing})
    return Situation(
        issue=desk.issue.id,
        number=desk.issue.number,
        sections=it.sections,
        filling=it.filling,
        leaves=facts.leaves,
        following=_following(desk, facts.leaves),
        zone=desk.settings.zone,
        closes=_closes(desk, facts),
        standing={key: len(list(rows)) for key, rows in groupby(by_section)},
        held=_by_cluster(items.values()),
        this_year=_this_year(desk) if any(each.lead for each in it.sections) else {},
        lead=lead,
    )


def _following(desk: Desk, leaves: datetime) -> datetime:
    """When the next issue leaves by the rhythm, after this one."""
    it, almanac = desk.newsletter, desk.settings.almanac
    over = {desk.issue.number, *numbers.left_out(desk.session, desk.issue.newsletter)}
    number = rhythm.next_number(over, it.rhythm, leaves, almanac)
    return rhythm.planned_time(number, it.rhythm, almanac) or leaves


def _this_year(desk: Desk) -> dict[str, int]:
    year = int(rhythm.year_of(desk.issue.number))
    return {each.name: each.items for each in shares(desk.session, desk.settings, year)}


def _closes(desk: Desk, facts: Facts) -> datetime | None:
    if facts.send_at is None:
        return None
    return rhythm.cut_off(facts.send_at, desk.newsletter.cutoff, desk.settings.almanac)


def _by_cluster(items: Iterable[Item]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for item in items:
        for cluster in clusters_of(item):
            held.setdefault(cluster, []).append(item.reference)
    return held


# -- which items --------------------------------------------------------------------------


def _accepted(desk: Desk) -> Select[Submission, Clearance, Revision]:
    """Accepted or held over for this newsletter, and in none of its issues, the oldest first."""
    return (
        select(Submission, Clearance, Revision)
        .join(Clearance, col(Clearance.submission_id) == Submission.id)
        .join(
            Revision,
            (col(Revision.submission_id) == Submission.id)
            & (col(Revision.number) == Submission.revision),
        )
        .where(
            col(Clearance.newsletter) == desk.issue.newsletter,
            col(Clearance.state).in_((ClearanceState.ACCEPTED, ClearanceState.HELD_OVER)),
            col(Submission.state).in_(USABLE),
            ~_has_its_places(desk),
        )
        .order_by(col(Submission.received_at), col(Submission.id))
    )


def _has_its_places(desk: Desk) -> Any:
    """In an issue of this newsletter; a date that comes twice: in this one or two others."""
    its = (
        col(Placement.submission_id) == Submission.id,
        col(Placement.newsletter) == desk.issue.newsletter,
        col(Placement.issue_id) == Issue.id,
        col(Issue.state) != IssueState.CANCELLED,
    )
    placed = exists().where(*its)
    if not desk.newsletter.filling.dates_twice:
        return placed
    here = exists().where(*its, col(Issue.id) == desk.issue.id)
    return placed & ((col(Submission.kind) != Kind.DATE) | here)


def _shown_in(desk: Desk) -> dict[int, tuple[str, ...]]:
    """The other issues of this newsletter that hold dates which come twice."""
    if not desk.newsletter.filling.dates_twice:
        return {}
    rows = desk.session.execute(
        select(col(Placement.submission_id), col(Placement.issue_id))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .join(Submission, col(Submission.id) == Placement.submission_id)
        .where(
            col(Placement.newsletter) == desk.issue.newsletter,
            col(Issue.state) != IssueState.CANCELLED,
            col(Issue.corrects_id).is_(None),  # where it is corrected it appears no second time
            col(Submission.kind) == Kind.DATE,
        )
        .order_by(col(Placement.submission_id), col(Placement.issue_id))
    )
    return {
        number: tuple(row.issue_id for row in group)
        for number, group in groupby(rows, key=lambda row: row.submission_id)
    }


def _still_ahead(candidate: Candidate, facts: Facts) -> bool:
    """What was shown once and begins before this issue is done with; and so is what was shown
    twice. Nobody need hear of either.
    """
    once = len(candidate.shown_in) == 1
    return once and candidate.starts is not None and candidate.starts > facts.leaves


# -- one item -----------------------------------------------------------------------------


def _candidate(
    submission: Submission, revision: Revision, item: Item, settings: Settings
) -> Candidate:
    until = revision.current_until
    return Candidate(
        reference=item.reference,
        kind=item.kind,
        received_at=submission.received_at,
        clusters=clusters_of(item),
        starts=start_of(item, settings),
        register_by=item.register_by,
        current_until=midnight_of(until + timedelta(days=1), settings) if until else None,
        pictured=item.picture is not None,
        wish=revision.wish_issue,
        urgent=revision.urgent_because or "",
    )


def clusters_of(item: Item) -> tuple[str, ...]:
    """The names of the clusters it is from; the first one handed it in."""
    return tuple(each.name for each in (item.origin, *item.more_origins) if each.is_cluster)


def _notes(clearance: Clearance, submission: Submission, there: Shared | None) -> Iterable[str]:
    if there and there.revision == submission.revision:
        yield _("unverändert aus {issue}").format(issue=there.issue_id)
    elif there:
        said = _("aus {issue}, dort noch in Fassung {revision}")
        yield said.format(issue=there.issue_id, revision=there.revision)
    if clearance.state is ClearanceState.HELD_OVER:
        yield _("war zurückgestellt")


# -- what keeps an item out, whatever the rules -------------------------------------------


def _in_stock(item: Item, desk: Desk) -> str:
    said = _("Liegt im Vorrat. In diese Ausgabe: newsletter stories use {item} {issue}")
    return said.format(item=item.reference, issue=desk.issue.id)


def hindrance_of(
    submission: Submission, clearance: Clearance, item: Item, facts: Facts, desk: Desk
) -> str:
    """What keeps an item out, whatever the rules; "" if nothing does."""
    if why := _waits(submission, clearance, desk.issue):
        return why
    if clearance.audience is not desk.issue.audience:
        wrong = _("Angenommen ist er für „{asked}“, die Ausgabe ist „{audience}“.")
        return wrong.format(asked=clearance.audience, audience=desk.issue.audience)
    return _objection(item, facts) or _homeless(item, desk)


def _homeless(item: Item, desk: Desk) -> str:
    sections = desk.newsletter.sections
    if sections_for(sections, item.kind, from_source=not item.origin.is_cluster):
        return ""
    wrong = _(
        "{reference} passt nach newsletter.toml in keine Rubrik."
        " Bitte --section angeben ({sections})."
    )
    return wrong.format(reference=item.reference, sections=", ".join(each.key for each in sections))


def _waits(submission: Submission, clearance: Clearance, issue: Issue) -> str:
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
    until, reference = clearance.held_until, submission.reference
    return why.format(until=until, item=reference, newsletter=issue.newsletter)


def _objection(item: Item, facts: Facts) -> str:
    if item.embargo_until and item.embargo_until > facts.now:
        until = rhythm.in_words(item.embargo_until, facts.zone)
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
