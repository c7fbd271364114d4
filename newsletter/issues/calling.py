"""The call for contributions: to everybody who may hand in, before an issue's cut-off.

Each letter brings a personal link, says what of the cluster is in already, what came a year ago,
and how to get no such letters any more. A reminder goes only to clusters that have handed
nothing in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import clusters, feeds_in, letters, rhythm, submissions
from newsletter.errors import Refused
from newsletter.feeds_in import Waiting
from newsletter.history import Act
from newsletter.language import N_, dated, speaking
from newsletter.models.cluster import Cluster, Contributor
from newsletter.models.event import Event
from newsletter.models.issue import EDITABLE, ISSUE, Issue, IssueState, Placement
from newsletter.models.submission import USABLE, Clearance, ClearanceState, Revision, Submission
from newsletter.rendering import issue_name
from newsletter.settings import Settings
from newsletter.submissions import Yearly

CALLED, REMINDED = "called for contributions", "reminded of contributions"


class TooLate(Refused):
    sentence = N_("Für {issue} war schon Redaktionsschluss ({when}); jetzt ruft niemand mehr auf.")


class NotACall(Refused):
    sentence = N_("{issue} nimmt nichts mehr auf; ein Aufruf kommt zu spät.")


class CalledAlready(Refused):
    sentence = N_(
        "Zu {issue} ist schon aufgerufen worden. Erinnern, wer noch nichts geschickt hat:"
        " newsletter issue call {issue} --remind"
    )


class RemindedAlready(Refused):
    sentence = N_("An {issue} ist schon erinnert worden; öfter schreiben wir nicht.")


@dataclass(frozen=True, slots=True)
class Call:
    """Whom a call goes to, and what they are told."""

    issue: str
    closes: datetime
    leaves: datetime
    people: tuple[tuple[Cluster, Contributor], ...]
    inside: dict[int | None, list[str]]  # titles that each cluster has in already
    yearly: dict[int | None, list[Yearly]]  # dates of a year ago that each may want again
    on_their_pages: dict[int | None, Waiting]  # what each cluster's feeds have found
    opted_out: int
    has_something: int  # people left out by a reminder


def planned_call(
    session: Session, settings: Settings, issue: Issue, now: datetime, *, remind: bool = False
) -> Call:
    """What ``call`` would do now. NotACall, TooLate, CalledAlready, RemindedAlready."""
    done = _done(session, issue)
    if issue.state not in EDITABLE:
        raise NotACall(issue=issue.id)
    it = settings.newsletter(issue.newsletter)
    leaves = issue.send_at or rhythm.planned_time(issue.number, it.rhythm, settings.almanac)
    if leaves is None:
        raise NotACall(issue=issue.id)
    closes = rhythm.cut_off(leaves, it.cutoff, settings.almanac)
    if closes <= now:
        raise TooLate(issue=issue.id, when=rhythm.in_words(closes, settings.zone))
    if REMINDED in done:
        raise RemindedAlready(issue=issue.id)
    if CALLED in done and not remind:
        raise CalledAlready(issue=issue.id)
    inside = _inside(session, issue)
    everybody = _everybody(session)
    wanted = [row for row in everybody if row[1].calls_ended_at is None]
    asked = [row for row in wanted if not (remind and inside.get(row[0].id))]
    out, quiet = len(everybody) - len(wanted), len(wanted) - len(asked)
    yearly = submissions.yearly(session, settings.zone, now)
    pages = feeds_in.waiting(session, settings, now)
    return Call(issue.id, closes, leaves, tuple(asked), inside, yearly, pages, out, quiet)


def call(act: Act, issue: Issue, *, remind: bool = False) -> Call:
    """Post the call, or the reminder, once. Errors as ``planned_call``."""
    act.session.refresh(issue, with_for_update=True)  # two callers at once: one of them calls
    planned = planned_call(act.session, act.settings, issue, act.now, remind=remind)
    for cluster, person in planned.people:
        _post(act, issue, planned, cluster, person, remind=remind)
    what = REMINDED if remind else CALLED
    act.record(ISSUE.noun, issue.id, what, detail={"people": len(planned.people)})
    return planned


def call_due(act: Act) -> list[tuple[str, bool]]:
    """Call, and remind, for issues whose newsletter says how many days before the cut-off."""
    issues = act.session.scalars(select(Issue).where(col(Issue.state) == IssueState.DRAFT)).all()
    posted: list[tuple[str, bool]] = []
    for issue in issues:
        it = act.settings.newsletters.get(issue.newsletter)
        leaves = it and rhythm.planned_time(issue.number, it.rhythm, act.settings.almanac)
        if not it or not leaves:
            continue
        closes = rhythm.cut_off(leaves, it.cutoff, act.settings.almanac)
        done = _done(act.session, issue)
        for remind, days in ((True, it.remind_days), (False, it.call_days)):
            due = days and closes - timedelta(days=days) <= act.now < closes
            if due and REMINDED not in done and (remind or CALLED not in done):
                call(act, issue, remind=remind)
                posted.append((issue.id, remind))
                break
    return posted


def _done(session: Session, issue: Issue) -> set[str | None]:
    found = select(Event.what).where(  # type: ignore[call-overload]
        col(Event.noun) == ISSUE.noun,
        col(Event.key) == issue.id,
        col(Event.what).in_((CALLED, REMINDED)),
    )
    return set(session.scalars(found))


def _everybody(session: Session) -> Sequence[tuple[Cluster, Contributor]]:
    rows = session.execute(
        select(Cluster, Contributor)
        .join(Contributor, col(Contributor.cluster_id) == col(Cluster.id))
        .where(col(Contributor.removed_at).is_(None), col(Cluster.deactivated_at).is_(None))
        .order_by(col(Cluster.slug), col(Contributor.id))
    )
    return [(cluster, person) for cluster, person in rows]


def _inside(session: Session, issue: Issue) -> dict[int | None, list[str]]:
    """Titles that wait for this newsletter or stand in this issue, by cluster."""
    placed = select(col(Placement.submission_id)).where(
        col(Placement.newsletter) == issue.newsletter, col(Placement.issue_id) != issue.id
    )
    rows = session.execute(
        select(col(Submission.cluster_id), col(Revision.title))
        .join(
            Revision,
            (col(Revision.submission_id) == col(Submission.id))
            & (col(Revision.number) == col(Submission.revision)),
        )
        .join(Clearance, col(Clearance.submission_id) == col(Submission.id))
        .where(
            col(Clearance.newsletter) == issue.newsletter,
            col(Clearance.state) != ClearanceState.DECLINED,
            col(Submission.state).in_(USABLE),
            col(Submission.id).not_in(placed),
        )
        .order_by(col(Submission.id))
    )
    found: dict[int | None, list[str]] = {}
    for cluster_id, title in rows:
        found.setdefault(cluster_id, []).append(title)
    return found


def _post(
    act: Act, issue: Issue, planned: Call, cluster: Cluster, person: Contributor, *, remind: bool
) -> None:
    url = clusters.link(act, cluster.slug, person.email)
    token = url.rpartition("/")[2]
    zone = act.settings.zone
    with speaking(act.settings.language):
        letters.post(
            act,
            "call",
            person.email,
            to_name=person.name,
            newsletter=issue.newsletter,
            expires_at=planned.closes,
            remind=remind,
            newsletter_name=act.settings.newsletter(issue.newsletter).name,
            issue_name=issue_name(issue.number),
            closes=rhythm.in_words(planned.closes, zone),
            leaves=rhythm.in_words(planned.leaves, zone),
            cluster=cluster.name,
            inside=planned.inside.get(cluster.id, []),
            again=[
                (dated(each.day), each.title, f"{url}?like={each.reference}")
                for each in planned.yearly.get(cluster.id, ())
            ],
            on_their_page=planned.on_their_pages.get(cluster.id),
            url=url,
            stop_url=act.settings.links.calls(token),
        )
