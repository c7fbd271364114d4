"""„So erscheint es“: the letter to a contributor whose item an editor has changed.

It goes out when the item stands in an issue that has been left alone for ten minutes, once for
each edited text, and says until when an objection can still be heeded.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import col

from newsletter import letters, rhythm, submissions
from newsletter.history import Act
from newsletter.language import speaking
from newsletter.models.cluster import Contributor
from newsletter.models.event import Event
from newsletter.models.issue import EDITABLE, ISSUE, Issue, Placement
from newsletter.models.submission import SUBMISSION, USABLE, Submission
from newsletter.queue.telling import UNDO_WITHIN, registered
from newsletter.rendering import issue_name

from .asking import working_days_later
from .contents import SHOWN

WORKING_DAYS = 2
_BEFORE_SENDING = timedelta(days=1)  # what editors need to take an objection up
_END_OF_WORK = time(18)


def until_of(last: datetime, leaves: datetime | None, now: datetime) -> datetime | None:
    """Until when to object: the end of the ``last`` working day, but a day before the issue
    leaves; None if it leaves too soon for that (pure).
    """
    end = datetime.combine(last.date(), _END_OF_WORK, last.tzinfo)
    until = min(end, leaves - _BEFORE_SENDING) if leaves else end
    return until if until > now else None


def tell_edited(act: Act) -> int:
    """Post the letters that are due; how many."""
    found: dict[tuple[int | None, int], tuple[Submission, list[Issue]]] = {}
    for issue, place, submission in _fresh(act):
        found.setdefault((submission.id, place.revision), (submission, []))[1].append(issue)
    told = _told(act, [key[0] for key in found])
    posted = 0
    for (number, revision), (submission, issues) in found.items():
        if revision <= told.get(str(number), 0):
            continue
        person = registered(act.session, submission)
        if person is not None and _tell(act, submission, revision, issues, person):
            posted += 1
    return posted


def _fresh(act: Act) -> Sequence[tuple[Issue, Placement, Submission]]:
    """Places of items that somebody has edited, in issues that nobody has touched lately."""
    touched = (
        select(func.max(col(Event.at)))
        .where(col(Event.noun) == ISSUE.noun, col(Event.key) == col(Issue.id))
        .scalar_subquery()
    )
    rows = act.session.execute(
        select(Issue, Placement, Submission)
        .join(Placement, col(Placement.issue_id) == col(Issue.id))
        .join(Submission, col(Submission.id) == col(Placement.submission_id))
        .where(
            col(Issue.state).in_(EDITABLE),
            col(Issue.corrects_id).is_(None),  # it hurries, and says what they told us
            col(Placement.revision) > 1,
            col(Submission.state).in_(USABLE),
            touched <= act.now - UNDO_WITHIN,
        )
        .order_by(col(Issue.id), col(Placement.submission_id))
    )
    return [(issue, place, submission) for issue, place, submission in rows]


def _told(act: Act, ids: Sequence[int | None]) -> Mapping[str, int]:
    """The newest revision that each item's contributor has been shown."""
    lines = act.session.scalars(
        select(Event).where(
            col(Event.noun) == SUBMISSION.noun,
            col(Event.key).in_([str(each) for each in ids]),
            col(Event.what) == SHOWN,
        )
    )
    found: dict[str, int] = {}
    for each in lines:
        found[each.key] = max(found.get(each.key, 0), (each.detail or {}).get("revision", 0))
    return found


def _tell(
    act: Act, submission: Submission, revision: int, issues: Sequence[Issue], person: Contributor
) -> bool:
    """Whether there was anything to tell."""
    zone = act.settings.zone
    leaving = [(it, when) for it in issues if not (when := _leaves(act, it)) or when > act.now]
    if not leaving:  # an old draft that nobody sends any more
        return False
    first = min((when for _issue, when in leaving if when), default=None)
    until = until_of(working_days_later(act.now, WORKING_DAYS, act.settings), first, act.now)
    with speaking(act.settings.language):
        edits = submissions.edits_of(act.session, act.settings, submission, revision)
        if not edits:
            return False
        letters.post(
            act,
            "edited",
            person.email,
            to_name=person.name,
            newsletter=leaving[0][0].newsletter,
            reference=submission.reference,
            title=submissions.revision_of(act.session, submission, revision).title,
            places=[_place(act, it, when, zone) for it, when in leaving],
            words=submissions.words_of(act.session, act.settings, submission, revision),
            edits=edits,
            until=rhythm.in_words(until, zone) if until else "",
            status_url=submissions.status_url(act, submission),
        )
    detail = {
        "revision": revision,
        "issues": [it.id for it, _when in leaving],
        "until": until.isoformat() if until else None,
    }
    act.record(SUBMISSION.noun, submission.id, SHOWN, detail=detail)
    return True


def _leaves(act: Act, issue: Issue) -> datetime | None:
    it = act.settings.newsletters.get(issue.newsletter)
    planned = rhythm.planned_time(issue.number, it.rhythm, act.settings.almanac) if it else None
    return issue.send_at or planned


def _place(act: Act, issue: Issue, leaves: datetime | None, zone: ZoneInfo) -> tuple[str, str, str]:
    """Newsletter, issue, and when it leaves, in words."""
    it = act.settings.newsletters.get(issue.newsletter)
    name = it.name if it else issue.newsletter
    return name, issue_name(issue.number), rhythm.in_words(leaves, zone) if leaves else ""
