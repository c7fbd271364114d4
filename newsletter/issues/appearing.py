"""Telling contributors that their items have appeared, once an issue is sent.

One letter per person and issue: where each item stands, for public issues with a paragraph
for social media that is ready to be copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select
from sqlmodel import col

from newsletter import letters, submissions
from newsletter.content import Audience
from newsletter.history import Act
from newsletter.language import _, speaking
from newsletter.models.cluster import Contributor
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue, IssueState, Placement
from newsletter.models.submission import USABLE, Revision, Submission
from newsletter.queue.telling import registered
from newsletter.rendering import issue_name

TOLD = "contributors told"
_NOT_LATER = timedelta(days=7)  # an old home that is upgraded tells nobody of last year's issues
SOCIAL = 280  # characters of a teaser in a paragraph for social media


@dataclass(frozen=True, slots=True)
class Appeared:
    """One item in one issue."""

    reference: str
    title: str
    url: str
    social: str  # "" for what only members may see


def tell_contributors(act: Act) -> int:
    """Post the letters of every issue that was sent lately and not told of; how many."""
    told = exists().where(
        col(Event.noun) == ISSUE.noun,
        col(Event.key) == col(Issue.id),
        col(Event.what) == TOLD,
    )
    fresh = select(Issue).where(
        col(Issue.state) == IssueState.SENT,
        col(Issue.closed_at) > act.now - _NOT_LATER,
        col(Issue.corrects_id).is_(None),
        ~told,
    )
    issues = act.session.scalars(fresh.order_by(col(Issue.id)).with_for_update()).all()
    return sum(_tell(act, issue) for issue in issues)


def social_text(title: str, teaser: str, newsletter: str, url: str) -> str:
    """A paragraph that stands for itself, with its permanent link (pure)."""
    short = teaser
    if len(short) > SOCIAL:
        short = teaser[: SOCIAL - 2].rsplit(" ", 1)[0] + " …"
    said = _("{title}: {teaser} Zu lesen im Newsletter „{newsletter}“: {url}")
    return said.format(title=title.rstrip(".:"), teaser=short, newsletter=newsletter, url=url)


def _tell(act: Act, issue: Issue) -> int:
    name = act.settings.newsletter(issue.newsletter).name
    people: dict[int | None, tuple[Contributor, list[Appeared]]] = {}
    with speaking(act.settings.language):
        for submission, revision in _placed(act, issue):
            person = registered(act.session, submission)
            if person is not None:
                item = _appeared(act, issue, submission, revision, name)
                people.setdefault(person.id, (person, []))[1].append(item)
        for person, items in people.values():
            _post(act, issue, person, items, name)
    act.record(ISSUE.noun, issue.id, TOLD, detail={"people": len(people)})
    return len(people)


def _placed(act: Act, issue: Issue) -> Sequence[tuple[Submission, Revision]]:
    rows = act.session.execute(
        select(Submission, Revision)
        .join(Placement, col(Placement.submission_id) == col(Submission.id))
        .join(
            Revision,
            (col(Revision.submission_id) == col(Placement.submission_id))
            & (col(Revision.number) == col(Placement.revision)),
        )
        .where(col(Placement.issue_id) == issue.id, col(Submission.state).in_(USABLE))
        .order_by(col(Submission.id))
    )
    return [(submission, revision) for submission, revision in rows]


def _appeared(
    act: Act, issue: Issue, submission: Submission, revision: Revision, name: str
) -> Appeared:
    url = submissions.place_in(act.settings, issue, submission.reference).url
    public = issue.audience is Audience.PUBLIC
    social = social_text(revision.title, revision.teaser, name, url) if public else ""
    return Appeared(submission.reference, revision.title, url, social)


def _post(
    act: Act, issue: Issue, person: Contributor, items: Sequence[Appeared], name: str
) -> None:
    letters.post(
        act,
        "appeared",
        person.email,
        to_name=person.name,
        newsletter=issue.newsletter,
        newsletter_name=name,
        issue_name=issue_name(issue.number),
        recipients=issue.recipients or 0,
        items=items,
        members=issue.audience is Audience.MEMBERS,
    )
