"""What stands in an issue, and the edition made of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from newsletter import checks, logos, pictures, rendering, rhythm, stories, submissions, templating
from newsletter.checks import Facts
from newsletter.content import Audience, Edition, Finding, IssueContent, Item, Level, Section
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import Issue, Placement
from newsletter.models.submission import (
    SUBMISSION,
    USABLE,
    ChangeRequest,
    ChangeState,
    Revision,
    Submission,
    SubmissionState,
)
from newsletter.rendering import variants
from newsletter.settings import Settings

from .calendars import calendar_url, dates_url, with_calendar
from .comparing import changes_nothing
from .correcting import corrected_by
from .earlier import before, last_issues, recent
from .kept_answers import said_about
from .register import find

SHOWN = "shown as edited"  # a line of an item's history
_GONE = {
    SubmissionState.DRAFT: N_("Der Beitrag ist noch ein Entwurf."),
    SubmissionState.WITHDRAWN: N_("Der Beitrag wurde zurückgezogen."),
    SubmissionState.MERGED: N_("Der Beitrag ist in einem anderen aufgegangen."),
}


@dataclass(frozen=True, slots=True)
class Built:
    """An issue's content, its full edition (None: a template is broken), and what is wrong."""

    content: IssueContent
    edition: Edition | None
    findings: list[Finding]
    others: tuple[Edition, ...] = ()  # approved with it: text only, dates only

    @property
    def editions(self) -> tuple[Edition, ...]:
        """All of them, the full one first; none if a template is broken."""
        return (self.edition, *self.others) if self.edition else ()

    @property
    def errors(self) -> list[Finding]:
        return checks.errors(self.findings)

    @property
    def warnings(self) -> list[Finding]:
        return checks.warnings(self.findings)


@dataclass(frozen=True, slots=True)
class Placed:
    """A place, the item's state, the newest revision of it, and the rights of the pinned."""

    place: Placement
    submission: Submission
    newest: Revision
    confirmed_then: bool


def placed(session: Session, settings: Settings, issue: Issue) -> list[Placed]:
    """The places of an issue in reading order: sections as configured, then by position."""
    pinned = aliased(Revision)
    rows = session.execute(
        select(Placement, Submission, Revision, col(pinned.rights_confirmed))
        .join(Submission, col(Submission.id) == Placement.submission_id)
        .join(
            Revision,
            (col(Revision.submission_id) == Submission.id)
            & (col(Revision.number) == Submission.revision),
        )
        .join(
            pinned,
            (col(pinned.submission_id) == Submission.id)
            & (col(pinned.number) == Placement.revision),
        )
        .where(col(Placement.issue_id) == issue.id)
    )
    order = {key: number for number, (key, __) in enumerate(_headings(settings, issue))}
    return sorted(
        (Placed(*row) for row in rows),
        key=lambda it: (
            order.get(it.place.section, len(order)),
            it.place.section,
            it.place.position,
            it.place.submission_id,
        ),
    )


def _headings(settings: Settings, issue: Issue) -> list[tuple[str, str]]:
    sections = settings.newsletter(issue.newsletter, issue.number).sections
    return [(section.key, section.title) for section in sections]


def content_of(
    session: Session,
    settings: Settings,
    issue: Issue,
    now: datetime,
    places: Sequence[Placed] | None = None,
) -> IssueContent:
    """All that rendering needs; items in the revisions that the places pin."""
    places = placed(session, settings, issue) if places is None else places
    items = _items(session, settings, places, now)
    items = {number: with_calendar(settings, issue, item) for number, item in items.items()}
    headings = dict(_headings(settings, issue))
    keys = list(dict.fromkeys(it.place.section for it in places))
    return IssueContent(
        issue_id=issue.id,
        number=issue.number,
        subject=issue.subject,
        preheader=issue.preheader,
        opening=issue.opening,
        sections=tuple(
            Section(
                key,
                headings.get(key, key),  # a section that is no longer configured keeps its key
                tuple(items[it.place.submission_id] for it in places if it.place.section == key),
            )
            for key in keys
        ),
        masthead=settings.masthead(issue.newsletter, issue.number),
        language=settings.language,
        read_url=_read_url(settings, issue),
        logos=logos.shown_on(settings, issue.newsletter, issue.number, _day(settings, issue, now)),
        corrects=corrected_by(session, issue),
        dates_url=dates_url(settings, issue, items.values()),
        calendar_url=calendar_url(settings, issue),
    )


def _day(settings: Settings, issue: Issue, now: datetime) -> date:
    """The day it leaves, as far as one knows."""
    return (leaves(settings, issue, issue.send_at) or now).astimezone(settings.zone).date()


def leaves(settings: Settings, issue: Issue, fixed: datetime | None) -> datetime | None:
    """When it leaves: as ``fixed``, else as its rhythm plans it."""
    rhythm_ = settings.newsletter(issue.newsletter, issue.number).rhythm
    return fixed or rhythm.planned_time(issue.number, rhythm_, settings.almanac)


def _read_url(settings: Settings, issue: Issue) -> str:
    """Where a browser shows this issue once it goes out (archive): the same for all readers."""
    if issue.audience is Audience.PUBLIC:
        return settings.links.archive(issue.newsletter, issue.number)
    return settings.links.read(issue.read_key)


def _items(
    session: Session, settings: Settings, places: Sequence[Placed], now: datetime
) -> dict[int, Item]:
    """Items as the places pin them, but under the newest embargo: that is no part of a text."""
    today = now.astimezone(settings.zone).date()
    pinned = [(it.place.submission_id, it.place.revision) for it in places]
    items = submissions.items_of(session, settings, pinned, today)
    return {
        number: replace(items[number], embargo_until=it.newest.embargo_until)
        for it in places
        for number in (it.place.submission_id,)
    }


def facts_of(
    issue: Issue,
    settings: Settings,
    places: Sequence[Placed],
    now: datetime,
    send_at: datetime | None = None,
) -> Facts:
    """What the checks must know. ``send_at``: as if the issue were scheduled for then."""
    fixed = send_at or issue.send_at
    it = settings.newsletter(issue.newsletter, issue.number)
    return Facts(
        now=now,
        zone=settings.zone,
        send_at=leaves(settings, issue, fixed),
        fixed=fixed is not None,
        issue_id=issue.id,
        loopback=settings.links.loopback,
        gender=settings.checks.gender_level,
        relay=next((each.host for each in settings.relays if each.tls != "none"), ""),
        envelope=settings.sending.bounce_address or "",
        audience=issue.audience,
        sections=it.sections,
        per_cluster=it.filling.per_cluster,
        newer={
            p.submission.reference: p.newest.number
            for p in places
            if p.newest.number > p.place.revision
        },
        unusable={p.submission.reference: why for p in places if (why := _unusable(p))},
    )


def harmed(settings: Settings, items: Iterable[Item]) -> dict[str, str]:
    """What happened to the pictures of these items, by reference."""
    found = {it.reference: pictures.harm_to(settings, it.picture) for it in items if it.picture}
    return {reference: wrong for reference, wrong in found.items() if wrong}


def _wished(session: Session, places: Sequence[Placed]) -> set[str]:
    """The items that their contributor wants changed, and nobody has answered."""
    wishes = session.scalars(
        select(col(ChangeRequest.submission_id)).where(
            col(ChangeRequest.submission_id).in_([it.place.submission_id for it in places]),
            col(ChangeRequest.state) == ChangeState.OPEN,
        )
    )
    return {f"q{each}" for each in wishes}


def objections(session: Session, items: Sequence[Submission]) -> dict[str, datetime]:
    """Until when contributors may object to how their items were edited, by reference."""
    told = session.scalars(
        select(Event)
        .where(
            col(Event.noun) == SUBMISSION.noun,
            col(Event.key).in_([str(each.id) for each in items]),
            col(Event.what) == SHOWN,
        )
        .order_by(col(Event.id))
    )
    found = {f"q{each.key}": (each.detail or {}).get("until") for each in told}
    return {key: datetime.fromisoformat(until) for key, until in found.items() if until}


def _unusable(it: Placed) -> str | None:
    if it.submission.state not in USABLE:
        return _(_GONE[it.submission.state])
    return submissions.lacking_rights(it.submission, it.newest, it.confirmed_then)


def build(
    session: Session,
    settings: Settings,
    issue: Issue,
    now: datetime,
    *,
    send_at: datetime | None = None,
    reworded: Callable[[IssueContent], IssueContent] | None = None,
) -> Built:
    """Make the edition of an issue as it stands, or as it would ``reworded``, and check both."""
    places = placed(session, settings, issue)
    content = content_of(session, settings, issue, now, places)
    content = reworded(content) if reworded else content
    facts = replace(
        facts_of(issue, settings, places, now, send_at),
        harmed=harmed(settings, content.items),
        wished=_wished(session, places),
        objections=objections(session, [it.submission for it in places]),
    )
    numbers, day = [it.place.submission_id for it in places], facts.leaves.astimezone(facts.zone)
    over = stories.refusals(session, numbers, issue.number, day.date())
    unusable = {f"q{key}": why for key, why in over.items()}
    agreed = stories.agreed(session, numbers, issue.number)
    facts = replace(
        facts,
        unusable={**unusable, **facts.unusable},
        agreed={f"q{key}": revision for key, revision in agreed.items()},
    )
    where = templating.folders(settings.home)
    found = _wrong_logos(settings, issue, now)
    reach, said = said_about(session, settings, content, now)
    facts = replace(facts, reach=reach, records=said)
    try:
        edition = rendering.render(content, where)
        others = tuple(variants.others(content, edition, where))
    except templating.BrokenTemplate as problem:
        broken = Finding("template", Level.ERROR, "issue", str(problem))
        return Built(content, None, [broken, *found, *checks.check_issue(content, facts)])
    placed_ids = [it.place.submission_id for it in places]
    last = last_issues(session, issue)
    unchanged = changes_nothing(session, settings, issue, edition, placed_ids)
    facts = replace(
        facts,
        edition=edition,
        unchanged=unchanged,
        before=before(last),
        recent=recent(session, last, settings.zone),
    )
    return Built(content, edition, [*found, *checks.check_issue(content, facts)], others)


def _wrong_logos(settings: Settings, issue: Issue, now: datetime) -> list[Finding]:
    day = _day(settings, issue, now)
    wrong = logos.wrong_on(settings, issue.newsletter, issue.number, day)
    return [Finding("logo", Level.ERROR, "issue", each) for each in wrong]


def check(session: Session, settings: Settings, key: str, now: datetime) -> Built:
    """An issue and its edition as they stand, and what is wrong with them. NotFound."""
    return build(session, settings, find(session, key), now)
