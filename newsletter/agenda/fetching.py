"""Reading an agenda's facts: a few statements, however much waits, in one transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from newsletter import clusters, issues, numbers, queue, rhythm
from newsletter.content import Audience, EventState, Kind
from newsletter.dispatch import expectation, home_guard, ledger
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.event import Event
from newsletter.models.issue import (
    Approval,
    ApprovalState,
    Issue,
    IssueState,
    Placement,
    Publication,
    WhenApproved,
)
from newsletter.models.submission import (
    SUBMISSION,
    ChangeRequest,
    ChangeState,
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    SubmissionState,
)
from newsletter.queue.telling import TOLD, UNDO_WITHIN
from newsletter.settings import Settings
from newsletter.submissions.talk import ANSWERED, ASKED

from .facts import Ahead, Coming, Facts, PassingDate, Theirs, Undoable, Waiting

_S = SubmissionState
_OPEN = (_S.RECEIVED, _S.IN_REVIEW, _S.QUESTION)
_REMEMBER_TROUBLE = timedelta(days=3)


def fetch(session: Session, settings: Settings, now: datetime) -> Facts:
    """Everything that an agenda is about."""
    waiting = _open_items(session)
    talk = _last_words(session, waiting)
    ahead = list(_ahead(session, settings, now))
    coming = list(_coming(session, settings, now))
    return Facts(
        now,
        settings.zone,
        undecided=[
            Waiting(it.reference, it.received_at) for it in waiting if it.state is not _S.QUESTION
        ],
        theirs=_theirs(session, waiting),
        answered=[
            it.reference
            for it in waiting
            if it.state is _S.IN_REVIEW and _what(talk.get(it.id)) == ANSWERED
        ],
        questions=sorted(
            (
                Waiting(it.reference, _at(talk.get(it.id), it.received_at))
                for it in waiting
                if it.state is _S.QUESTION
            ),
            key=lambda question: question.since,
        ),
        asking=[Waiting(it.reference, it.asked_at) for it in clusters.requests(session)],
        changes=_changes(session),
        coming=coming,
        ahead=ahead,
        unknown=_unknown(session),
        passing=_unplaced_dates(session, now, max((it.leaves for it in coming), default=now)),
        undoable=_undoable(session, now),
        trouble=_trouble(session, now),
        sender=home_guard.at_work(session, settings.home),
        may_not_send=home_guard.doubt(session, settings.home) or "",
        to_assess=_to_assess(settings, now),
        assessed_on=settings.site.accessibility.assessed_on,
    )


def _to_assess(settings: Settings, now: datetime) -> bool:
    """Whether our accessibility statement wants a look (BGG §12b); not while nobody sees it."""
    if settings.accessibility_url or settings.links.loopback:
        return False
    return settings.site.accessibility.is_due(now.astimezone(settings.zone).date())


# -- the queue ------------------------------------------------------------------------------


def _open_items(session: Session) -> Sequence[Submission]:
    found = select(Submission).where(col(Submission.state).in_(_OPEN))
    return session.scalars(found.order_by(col(Submission.received_at), col(Submission.id))).all()


def _theirs(session: Session, items: Sequence[Submission]) -> list[Theirs]:
    undecided = [it for it in items if it.state is not _S.QUESTION]
    found: dict[str, list[Waiting]] = {}
    whose = queue.assigned_to(session, [it.id for it in undecided])
    for it in undecided:
        if assigned := whose.get(it.id or 0):
            found.setdefault(assigned.editor, []).append(Waiting(it.reference, it.received_at))
    return [Theirs(name, found[name]) for name in sorted(found)]


def _last_words(session: Session, items: Sequence[Submission]) -> dict[int | None, Event]:
    """The last question or answer about each item."""
    keys = [str(it.id) for it in items if it.state is not _S.RECEIVED]
    said = select(Event).where(
        col(Event.noun) == SUBMISSION.noun,
        col(Event.what).in_((ASKED, ANSWERED)),
        col(Event.key).in_(keys),
    )
    return {int(each.key): each for each in session.scalars(said.order_by(col(Event.id)))}


def _what(event: Event | None) -> str | None:
    return event.what if event else None


def _at(event: Event | None, otherwise: datetime) -> datetime:
    return event.at if event else otherwise


def _changes(session: Session) -> list[str]:
    wanted = select(col(ChangeRequest.submission_id)).where(
        col(ChangeRequest.state) == ChangeState.OPEN
    )
    return [f"q{number}" for number in session.scalars(wanted.order_by(col(ChangeRequest.id)))]


def _undoable(session: Session, now: datetime) -> list[Undoable]:
    told = select(Event).where(col(Event.what) == TOLD, col(Event.at) > now - UNDO_WITHIN)
    events = session.scalars(told.order_by(col(Event.id))).all()
    letters = [(each.detail or {}).get("letter") for each in events]
    waiting = set(
        session.scalars(
            select(col(Letter.id)).where(
                col(Letter.id).in_(letters), col(Letter.state) == DeliveryState.QUEUED
            )
        )
    )
    return [
        Undoable(f"q{event.key}", event.actor, event.at + UNDO_WITHIN)
        for event, letter in zip(events, letters, strict=True)
        if letter in waiting
    ]


def _unplaced_dates(session: Session, now: datetime, until: datetime) -> list[PassingDate]:
    """Dates that begin until then, take place, and stand in no issue and no calendar."""
    placed = exists().where(
        col(Placement.submission_id) == Submission.id,
        col(Placement.issue_id) == Issue.id,
        col(Issue.state) != IssueState.CANCELLED,
    )
    published = exists().where(col(Publication.submission_id) == Submission.id)
    rows = session.execute(
        select(Submission, Revision, Clearance)
        .join(Revision, col(Revision.submission_id) == Submission.id)
        .join(Clearance, col(Clearance.submission_id) == Submission.id)
        .where(
            col(Submission.kind) == Kind.DATE,
            col(Submission.event_state) == EventState.ON,
            col(Submission.state).in_((*_OPEN, _S.DECIDED)),
            col(Revision.number) == Submission.revision,
            col(Clearance.state) != ClearanceState.DECLINED,
            col(Revision.starts_at).between(now, until)
            | col(Revision.starts_on).between(now.date(), until.date()),
            ~placed,
            ~published,
        )
        .order_by(col(Submission.id), col(Clearance.newsletter))
    )
    found: dict[int | None, tuple[Submission, Revision, list[Clearance]]] = {}
    for submission, revision, clearance in rows:
        found.setdefault(submission.id, (submission, revision, []))[2].append(clearance)
    return [_date(*each) for each in found.values()]


def _date(
    submission: Submission, revision: Revision, clearances: Sequence[Clearance]
) -> PassingDate:
    return PassingDate(
        submission.reference,
        revision.title,
        revision.starts_at or revision.starts_on or submission.received_at,
        [each.newsletter for each in clearances],
        submission.state is _S.DECIDED,
        any(
            each.audience is Audience.PUBLIC and each.state is ClearanceState.ACCEPTED
            for each in clearances
        ),
    )


# -- issues ---------------------------------------------------------------------------------


def _coming(session: Session, settings: Settings, now: datetime) -> Iterator[Coming]:
    for slug, it in settings.newsletters.items():
        known = numbers.of(session, slug)
        over = {number for number, state in known.states.items() if state in issues.OVER}
        over |= {*known.left_out}
        number = rhythm.next_number(over, it.rhythm, now, settings.almanac)
        dates = rhythm.dates(number, it, settings.almanac)
        if dates is None:
            continue
        cancelled = {n for n, state in known.states.items() if state is IssueState.CANCELLED}
        kept = over - (cancelled - {*known.left_out})
        skips = rhythm.next_number(kept, it.rhythm, now, settings.almanac) != number
        ahead = rhythm.numbers_ahead(it.rhythm, now, settings.almanac)
        before = takewhile(lambda each, last=number: each < last, ahead)  # type: ignore[misc]
        yield Coming(
            slug,
            number,
            dates.leaves,
            dates.closes,
            known.states.get(number),
            skips or issues.open_draft(session, slug) is not None,
            dates.drafted,
            dates.closes_moved,
            dates.leaves_moved,
            [(each, known.left_out[each]) for each in before if each in known.left_out],
        )


def _ahead(session: Session, settings: Settings, now: datetime) -> Iterator[Ahead]:
    lines = issues.list_(session, over=False)
    asked = _open_requests(session, [line.issue.id for line in lines])
    plans = {plan.issue_id: plan for plan in session.scalars(select(WhenApproved))}
    reasons = issues.reasons(session, [line.issue.id for line in lines])
    wishes = issues.wishes(session, [line.issue.id for line in lines])
    readers: dict[str, int] = {}
    for line in reversed(lines):
        issue = line.issue
        slug = issue.newsletter
        group = issue.id if issue.corrects_id else slug  # who gets it, counted once
        if issue.state is IssueState.SCHEDULED and group not in readers:
            readers[group] = ledger.listening(session, issue)
        errors = 0
        if issue.state is IssueState.DRAFT and line.items and slug in settings.newsletters:
            errors = len(issues.build(session, settings, issue, now).errors)
        requests, plan = asked.get(issue.id, ()), plans.get(issue.id)
        request = requests[0] if requests else None
        yield Ahead(
            issue.id,
            issue.state,
            issue.send_at or (plan.send_at if plan else _planned(settings, issue)),
            line.items,
            errors,
            readers.get(group, 0),
            expectation.estimate(session, settings, slug, readers[group])
            if group in readers
            else None,
            reasons.get((issue.id, issue.state.value)),
            request.requested_by if request else "",
            request.requested_at if request else None,
            ", ".join(each.asked for each in requests if each.asked),
            plan.send_at if plan else None,
            plan.latest if plan else None,
            request.until if request else None,
            issues.second_person(settings, request.requested_by if request else ""),
            wishes.get(issue.id),
        )


def _planned(settings: Settings, issue: Issue) -> datetime | None:
    it = settings.newsletters.get(issue.newsletter)
    return rhythm.planned_time(issue.number, it.rhythm, settings.almanac) if it else None


def _open_requests(session: Session, ids: Sequence[str]) -> dict[str, list[Approval]]:
    waiting = select(Approval).where(
        col(Approval.issue_id).in_(ids), col(Approval.state) == ApprovalState.OPEN
    )
    found: dict[str, list[Approval]] = {}
    for approval in session.scalars(waiting.order_by(col(Approval.id))):
        found.setdefault(approval.issue_id, []).append(approval)
    return found


# -- sending --------------------------------------------------------------------------------


def _unknown(session: Session) -> dict[str, int]:
    counted = session.execute(
        select(col(Delivery.issue_id), func.count())
        .where(col(Delivery.listed) == DeliveryState.UNKNOWN)
        .group_by(col(Delivery.issue_id))
        .order_by(col(Delivery.issue_id))
    )
    return {row[0]: row[1] for row in counted}


def _trouble(session: Session, now: datetime) -> tuple[datetime, str] | None:
    """What the sender complained of last, unless something has gone out since."""
    last = session.scalars(
        select(Event)
        .where(
            col(Event.noun) == "sender",
            col(Event.what) == "trouble",
            col(Event.at) > now - _REMEMBER_TROUBLE,
        )
        .order_by(col(Event.id).desc())
        .limit(1)
    ).first()
    if last is None or ledger.accepted_since(session, last.at):
        return None
    return last.at, last.why or ""
