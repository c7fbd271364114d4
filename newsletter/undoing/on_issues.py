"""How what was done to an issue is taken back."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import invalidation, issues, rhythm
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.issues.leaving_out import SKIPPED
from newsletter.issues.register import CHANGES
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import Approval, Issue, IssueState, Placement
from newsletter.models.submission import CLEARANCE, Clearance, ClearanceState
from newsletter.queue.later import TAKEN_UP
from newsletter.queue.undo import WHY

from .deeds import About, ChangedSince, Deed, Stays, Undone, issue_of, undone


class MovedSince(Refused):
    sentence = N_("{id} ist inzwischen {state}. Wie es steht: newsletter issue status {id}")


class NotRemembered(Refused):
    sentence = N_(
        "Wie {id} vorher stand, hat das Protokoll damals noch nicht festgehalten."
        " Ändern: newsletter issue edit {id}"
    )


def changed(act: Act, deed: Deed, line: Event, _only: About | None) -> list[Undone]:
    """Texts, places and revisions are what they were."""
    before = (line.detail or {}).get("before")
    if not before:
        raise NotRemembered(id=line.key)
    _require_last_change(act, line)
    issue = issues.put_back(act, line.key, before)
    _hold_over_again(act, deed)
    said = _("{id} steht wieder wie vorher; zurückgenommen: {what}")
    done = _(CHANGES[str(line.what)])
    return [_issue(issue, said.format(id=issue.id, what=done), f"issue show {issue.id}")]


def _require_last_change(act: Act, line: Event) -> None:
    """Nobody has changed the issue since; what was undone does not count."""
    story = act.session.scalars(
        select(Event).where(
            col(Event.noun) == "issue", col(Event.key) == line.key, col(Event.id) > line.id
        )
    ).all()
    gone = undone(story)
    for it in story:
        counts = it.what in CHANGES and it.what != issues.PUT_BACK and it.id not in gone
        if counts:
            raise ChangedSince(id=line.key, who=it.actor, log=f"issue {line.key}")


def _hold_over_again(act: Act, deed: Deed) -> None:
    """What filling took up waits again, as long as it waited before."""
    for line in deed.lines:
        if line.noun != CLEARANCE.noun or line.why != TAKEN_UP:
            continue
        number, __, slug = line.key.partition("/")
        clearance = act.session.get_one(Clearance, (int(number), slug))
        if clearance.state is ClearanceState.ACCEPTED:
            until = _waited_until(act.session, line)
            state = ClearanceState.HELD_OVER
            act.move(clearance, CLEARANCE, state, why=WHY, held_until=until)


def _waited_until(session: Session, line: Event) -> str | None:
    earlier = select(Event).where(
        col(Event.noun) == line.noun, col(Event.key) == line.key, col(Event.id) < line.id
    )
    newest = session.scalars(earlier.order_by(col(Event.id).desc()))
    told = ((it.detail or {}).get("until") for it in newest)
    return next((until for until in told if until), None)


def begun(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """An issue that is still empty is cancelled, and so is a correction that is still a draft."""
    issue = issues.find(act.session, line.key)
    holds = select(Placement).where(col(Placement.issue_id) == issue.id)
    filled = "corrects" not in (line.detail or {}) and act.session.scalars(holds).first()
    if issue.state is not IssueState.DRAFT or filled:
        why = _("{id} ist schon in Arbeit. Absagen: newsletter issue cancel {id}")
        raise Stays(why=why.format(id=issue.id))
    issue = issues.cancel(act, issue.id, WHY)
    said = _("{id} ist abgesagt, wie nie begonnen. Doch wieder: newsletter {command}")
    again = f"issue new {issue.newsletter} --number {issue.number}"
    return [_issue(issue, said.format(id=issue.id, command=again), "issue list")]


def left_out(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """It appears after all."""
    slug, number = _newsletter_and_number(line.key)
    issues.unskip(act, slug, number)
    said = _("{id} fällt nicht mehr aus.").format(id=line.key)
    return [Undone(line.key, said, "agenda", {"left_out": False})]


def let_in(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """It is left out again, for the reason that it had."""
    earlier = select(Event).where(
        col(Event.noun) == "issue", col(Event.key) == line.key, col(Event.what) == SKIPPED
    )
    skipped = act.session.scalars(earlier.order_by(col(Event.id).desc()).limit(1)).one()
    issues.skip(act, *_newsletter_and_number(line.key), skipped.why or "")
    said = _("{id} fällt wieder aus: {why}").format(id=line.key, why=skipped.why)
    return [Undone(line.key, said, "agenda", {"left_out": True})]


def _newsletter_and_number(key: str) -> tuple[str, str]:
    slug, year, rest = key.rsplit("-", 2)
    return slug, f"{year}-{rest}"


def requested(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """A draft again."""
    issue = _in_state(act, line.key, IssueState.IN_APPROVAL)
    invalidation.take_back(act, issue, WHY)
    said = _("{id} ist wieder ein Entwurf; die Anfrage gilt nicht mehr, auch kein Link aus ihr.")
    return [_issue(issue, said.format(id=issue.id), f"issue check {issue.id}")]


def in_part(session: Session, deed: Deed, line: Event) -> Approval | None:
    """The one yes of several, while others are still asked; None if it was the last."""
    waits = issues.find(session, issue_of(session, deed)).state is IssueState.IN_APPROVAL
    return session.get(Approval, int(line.key)) if waits else None


def approved(act: Act, deed: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The approval counts no more; a draft again. Of several people one is asked again."""
    if one := in_part(act.session, deed, line):
        issue = issues.find(act.session, one.issue_id)
        issues.take_back_in_part(act, issue, one, WHY)
        said = _("{id}: Die Zusage von {who} zählt nicht mehr; gefragt wird noch einmal.")
        told = said.format(id=issue.id, who=one.decided_by)
        return [_issue(issue, told, f"issue status {issue.id}")]
    waits = (IssueState.APPROVED, IssueState.SCHEDULED, IssueState.LATE)
    issue = _in_state(act, issue_of(act.session, deed), *waits)
    invalidation.take_back(act, issue, WHY)
    said = _("{id}: Die Freigabe ist zurückgenommen; die Ausgabe ist wieder ein Entwurf.")
    return [_issue(issue, said.format(id=issue.id), f"issue check {issue.id}")]


def scheduled(act: Act, deed: Deed, line: Event, _only: About | None) -> list[Undone]:
    """No time any more, or the one before."""
    issue = _in_state(act, line.key, IssueState.SCHEDULED)
    _require_this_time(act.session, issue, line)
    earlier = _send_at_before(act.session, line)
    if deed.line("issue", "approved") and earlier and earlier > act.now:
        return [_at(act, issues.schedule(act, issue.id, earlier))]
    issue = issues.unschedule(act, issue.id)
    said = _("{id} ist nicht mehr geplant; freigegeben bleibt sie.").format(id=issue.id)
    return [_issue(issue, said, f"issue schedule {issue.id}")]


def _require_this_time(session: Session, issue: Issue, line: Event) -> None:
    """Nobody has chosen another time since."""
    told = (line.detail or {}).get("send_at")
    if told is None or datetime.fromisoformat(told) == issue.send_at:
        return
    moved = select(col(Event.actor)).where(
        col(Event.noun) == line.noun,
        col(Event.key) == line.key,
        col(Event.to_state) == IssueState.SCHEDULED,
    )
    who = session.scalars(moved.order_by(col(Event.id).desc()).limit(1)).one()
    raise ChangedSince(id=issue.id, who=who, log=f"issue {issue.id}")


def unscheduled(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The time that it had, if that is still ahead."""
    issue = _in_state(act, line.key, IssueState.APPROVED)
    earlier = _send_at_before(act.session, line)
    if earlier is None or earlier <= act.now:
        why = _("Die geplante Zeit ist vorbei. Neu planen: newsletter issue schedule {id}")
        raise Stays(why=why.format(id=issue.id))
    return [_at(act, issues.schedule(act, issue.id, earlier))]


def planned(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """It will not be scheduled by itself."""
    issue = issues.unschedule(act, line.key)
    said = _("{id} wird nicht mehr von selbst geplant, wenn die Freigabe kommt.")
    return [_issue(issue, said.format(id=issue.id), f"issue status {issue.id}")]


def reasoned(act: Act, __: Deed, line: Event, _only: About | None) -> list[Undone]:
    """The warning wants a reason again."""
    check = str((line.detail or {}).get("check"))
    issues.accept(act, line.key, check, "")
    said = _("{id}: Die Warnung „{check}“ ist wieder offen.").format(id=line.key, check=check)
    return [_issue(issues.find(act.session, line.key), said, f"issue check {line.key}")]


def _at(act: Act, issue: Issue) -> Undone:
    when = rhythm.in_words(issue.send_at or act.now, act.settings.zone)
    said = _("{id} ist wieder geplant: {when}").format(id=issue.id, when=when)
    return _issue(issue, said, f"issue status {issue.id}")


def _send_at_before(session: Session, line: Event) -> datetime | None:
    """The time for which the issue was planned before this line of its history."""
    planned = select(Event).where(
        col(Event.noun) == "issue",
        col(Event.key) == line.key,
        col(Event.to_state) == IssueState.SCHEDULED,
        col(Event.id) < line.id,
    )
    last = session.scalars(planned.order_by(col(Event.id).desc()).limit(1)).first()
    told = ((last.detail or {}) if last else {}).get("send_at")
    return datetime.fromisoformat(told) if told else None


def _in_state(act: Act, key: str, *states: IssueState) -> Issue:
    issue = issues.find(act.session, key)
    if issue.state not in states:
        raise MovedSince(id=issue.id, state=_(issues.STATE_WORDS[issue.state]))
    return issue


def _issue(issue: Issue, said: str, following: str) -> Undone:
    facts = {"state": issue.state.value, "version": issue.version}
    return Undone(issue.id, said, following, facts)
