"""What waits, and what is known about one item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session, col

from newsletter import history, submissions
from newsletter.content import Item, Kind
from newsletter.errors import WrongUsage
from newsletter.language import _
from newsletter.models.cluster import Cluster
from newsletter.models.colleague import Assignment, Comment, Typing
from newsletter.models.event import Event
from newsletter.models.issue import GONE_OUT, Issue, IssueState, Placement
from newsletter.models.story import STORY
from newsletter.models.submission import (
    CLEARANCE,
    EVENT,
    SUBMISSION,
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    SubmissionState,
)
from newsletter.settings import Settings

from .assigning import assigned_to
from .commenting import comments_of, how_many
from .lookup import clearances_of, newest_of
from .presence import typing_on

ALL = "all"
UNDECIDED = (SubmissionState.RECEIVED, SubmissionState.IN_REVIEW, SubmissionState.QUESTION)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as the queue lists it."""

    submission: Submission
    title: str
    origin: str
    embargo_until: datetime | None
    starts: str | None  # ISO, of a date
    clearances: dict[str, ClearanceState]
    issues: tuple[str, ...]  # that hold it, the cancelled ones aside
    held_until: dict[str, str]  # the number of the issue it waits for, by newsletter
    assigned: str | None = None  # to an editor
    comments: int = 0
    wish: str | None = None  # the number of the issue its contributor wants
    urgent: bool = False  # and says why it must go in now


def list_(
    session: Session,
    *,
    state: str | None = None,
    newsletter: str | None = None,
    kind: str | None = None,
    assigned: str | None = None,
) -> list[Entry]:
    """The queue, oldest first: what waits for a decision, then what waits for its issue.

    ``state`` is one of a submission or of a clearance, or "all"; ``assigned`` an editor.
    """
    wanted = (
        select(Submission, Revision, col(Cluster.name))
        .join(
            Revision,
            and_(
                col(Revision.submission_id) == Submission.id,
                col(Revision.number) == Submission.revision,
            ),
        )
        .outerjoin(Cluster, col(Cluster.id) == Submission.cluster_id)
        .where(*_filters(state, newsletter, kind), *_whose(assigned))
        .order_by(col(Submission.received_at), col(Submission.id))
    )
    rows = session.execute(wanted).all()
    ids = [submission.id for submission, _revision, _name in rows]
    decided = _clearances(session, ids)
    holding = issues_of(session, ids)
    whose, said = assigned_to(session, ids), how_many(session, ids)
    entries = [
        Entry(
            submission,
            revision.title,
            name or submission.source or "",
            revision.embargo_until,
            _starts(revision),
            {each.newsletter: each.state for each in decided.get(submission.id, ())},
            tuple(holding.get(submission.id, ())),
            {c.newsletter: c.held_until for c in decided.get(submission.id, ()) if c.held_until},
            whose[submission.id].editor if submission.id in whose else None,
            said.get(submission.id or 0, 0),
            revision.wish_issue,
            bool(revision.urgent_because),
        )
        for submission, revision, name in rows
    ]
    return sorted(entries, key=lambda entry: entry.submission.state not in UNDECIDED)


def late_for(entry: Entry, coming: Mapping[str, submissions.Coming]) -> tuple[str, ...]:
    """For which newsletters an item came after the cut-off of the issue that is next (pure).

    Only where it still waits: not declined, held over for a later one, or in an issue.
    """
    waits = {ClearanceState.ASKED, ClearanceState.ACCEPTED}
    return tuple(
        slug
        for slug, state in entry.clearances.items()
        if state in waits
        and slug in coming
        and coming[slug].issues[0].closes < entry.submission.received_at
        and not any(issue.startswith(f"{slug}-") for issue in entry.issues)
    )


def _whose(editor: str | None) -> Iterable[ColumnElement[bool]]:
    if editor:
        yield exists().where(
            col(Assignment.submission_id) == Submission.id, col(Assignment.editor) == editor
        )


def _filters(
    state: str | None, newsletter: str | None, kind: str | None
) -> Iterable[ColumnElement[bool]]:
    if kind:
        unknown = _("Art „{value}“ gibt es nicht. Möglich: {known}.")
        yield col(Submission.kind) == _one_of(Kind, kind, unknown)
    if state in {s.value for s in SubmissionState}:
        yield col(Submission.state) == SubmissionState(state)
        if newsletter:
            yield _cleared(newsletter, None)
    elif state and state != ALL:
        unknown = _("Stand „{value}“ gibt es nicht. Möglich: {known}.")
        yield _cleared(newsletter, _one_of(ClearanceState, state, unknown))
    else:
        if newsletter:
            yield _cleared(newsletter, None)
        if not state:
            yield or_(col(Submission.state).in_(UNDECIDED), _waits_for_its_issue())


def _one_of(states: Any, value: str, complaint: str) -> Any:
    try:
        return states(value)
    except ValueError:
        known = [each.value for each in states]
        if states is ClearanceState:
            known = [*(each.value for each in SubmissionState), *known, ALL]
        why = complaint.format(value=value, known=", ".join(known))
        raise WrongUsage(why=why) from None


def _cleared(newsletter: str | None, state: ClearanceState | None) -> ColumnElement[bool]:
    found = [col(Clearance.submission_id) == Submission.id]
    if newsletter:
        found.append(col(Clearance.newsletter) == newsletter)
    if state:
        found.append(col(Clearance.state) == state)
    return exists().where(*found)


def _waits_for_its_issue() -> ColumnElement[bool]:
    """Accepted or held over for a newsletter in which it has not gone out."""
    gone_out = exists().where(
        col(Placement.submission_id) == Clearance.submission_id,
        col(Placement.newsletter) == Clearance.newsletter,
        col(Placement.issue_id) == Issue.id,
        col(Issue.state).in_(GONE_OUT),
    )
    kept = (ClearanceState.ACCEPTED, ClearanceState.HELD_OVER)
    return and_(
        col(Submission.state) == SubmissionState.DECIDED,
        exists().where(
            col(Clearance.submission_id) == Submission.id,
            col(Clearance.state).in_(kept),
            ~gone_out,
        ),
    )


def _clearances(session: Session, ids: Sequence[int | None]) -> dict[int | None, list[Clearance]]:
    found: dict[int | None, list[Clearance]] = {}
    asked = select(Clearance).where(col(Clearance.submission_id).in_(ids))
    for clearance in session.scalars(asked.order_by(col(Clearance.newsletter))):
        found.setdefault(clearance.submission_id, []).append(clearance)
    return found


def issues_of(session: Session, ids: Sequence[int | None]) -> dict[int | None, list[str]]:
    found: dict[int | None, list[str]] = {}
    holding = (
        select(col(Placement.submission_id), col(Issue.id))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(col(Placement.submission_id).in_(ids), col(Issue.state) != IssueState.CANCELLED)
        .order_by(col(Issue.id))
    )
    for submission_id, issue_id in session.execute(holding):
        found.setdefault(submission_id, []).append(issue_id)
    return found


def _starts(revision: Revision) -> str | None:
    starts = revision.starts_at or revision.starts_on
    return starts.isoformat() if starts else None


# -- one item -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything an editor may want to know about one item."""

    submission: Submission
    revision: Revision
    item: Item
    clearances: list[Clearance]
    issues: tuple[str, ...]
    history: list[Event]
    assigned: Assignment | None = None
    comments: Sequence[Comment] = ()
    typing: Sequence[Typing] = ()


def show(session: Session, settings: Settings, reference: str, now: datetime) -> Shown:
    """One item with what was decided, found and done. NotFound."""
    submission = submissions.by_reference(session, reference)
    today = now.astimezone(settings.zone).date()
    item = submissions.item_of(session, settings, submission, None, today)
    return Shown(
        submission=submission,
        revision=newest_of(session, submission),
        item=item,
        clearances=clearances_of(session, submission),
        issues=tuple(issues_of(session, [submission.id]).get(submission.id, ())),
        history=history.recorded(session, history_keys(submission)),
        assigned=session.get(Assignment, submission.id),
        comments=comments_of(session, submission),
        typing=typing_on(session, SUBMISSION.noun, submission.id, now),
    )


def history_keys(submission: Submission) -> list[tuple[str, str]]:
    """What ``history.recorded`` looks for to tell the story of an item."""
    number = str(submission.id)
    mine = [(machine.noun, number) for machine in (SUBMISSION, EVENT)]
    return [*mine, (CLEARANCE.noun, f"{number}/"), (STORY.noun, number)]
