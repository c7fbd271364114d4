"""Approval by link: what somebody without an account here sees, and what they decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from newsletter import invalidation, texts
from newsletter.content import Edition, Finding, IssueContent, Variant, content_hash
from newsletter.errors import Invalid, NotAllowed, NotFound, Problem, Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import (
    APPROVAL,
    Approval,
    ApprovalState,
    EditionRow,
    How,
    Issue,
    IssueState,
)
from newsletter.settings import Settings

from . import by_approver, rewording
from .approval import ASKED_ANEW, NotWhatWasAsked, editions, filed, open_requests, say_yes
from .asking import Answer, hash_of, tell
from .awaiting import Outcome
from .contents import build
from .guard import as_edition
from .neutral import html_of, text_of
from .nudging import tell_over
from .people import same_name, same_person
from .register import approvals, names, standing
from .returning import Since, since
from .rewording import Changed
from .shared import unchanged_in
from .sound import HasErrors

LONGEST_NAME, LONGEST_COMMENT = 120, 5_000
_LAPSED = N_("Frist abgelaufen")  # kept like this in the history, whatever is spoken


class UnknownLink(NotFound):
    sentence = N_(
        "Diesen Link gibt es nicht. Bitte prüfen Sie, ob die Adresse vollständig ist: Lange Links"
        " werden in manchen E-Mail-Programmen abgeschnitten."
    )


class LinkIsOver(Refused):
    sentence = N_("Über diesen Link lässt sich nicht mehr entscheiden.")


class VersionGone(Refused):
    sentence = N_(
        "Diese Fassung gibt es so nicht mehr, deshalb lässt sie sich nicht freigeben. Es wurde"
        " nichts gespeichert; die Redaktion legt Ihnen eine neue Fassung vor."
    )


class AskedOneself(NotAllowed):
    sentence = N_(
        "{name} hat diese Freigabe selbst angefragt. Entscheiden muss eine andere Person;"
        " bitte tragen Sie Ihren eigenen Namen ein."
    )


class Standing(StrEnum):
    """What a link is good for."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"  # also: something should change
    LAPSED = "lapsed"
    NEWER = "newer"  # another version was submitted since
    CHANGED = "changed"  # and no other version was submitted yet
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody decided about a version of the issue, and said about it."""

    who: str
    when: datetime
    answer: Answer
    comment: str
    this_version: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The issue as its approver is asked about it: the stored bytes, slots neutral."""

    html: str
    text: str
    edition: Edition
    content: IssueContent
    findings: Sequence[Finding]
    since: Since | None  # what is new to whoever had another version before
    carried: Mapping[str, str]  # sentences that they typed on a page that was over by then
    unchanged: Mapping[str, str]  # reference -> the other newsletter that has it so, too
    others: tuple[Edition, ...] = ()  # what else readers may choose; the same yes is to them


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link is about. ``shown`` only while it is open: a leaked old one shows nothing."""

    issue: Issue
    approval: Approval
    standing: Standing
    remarks: Sequence[Remark]
    shown: Shown | None = None


def asked(session: Session, settings: Settings, token: str, now: datetime) -> Asked:
    """What this link is about, and how it stands. UnknownLink."""
    approval, issue = _found(session, token)
    all_of_it = approvals(session, issue.id)
    events = _ends(session, all_of_it)
    standing = _standing(issue, approval, all_of_it, events.get(approval.id), now)
    shown = None
    if standing is Standing.OPEN:
        shown = _shown(session, settings, issue, approval, all_of_it, now)
        standing = standing if shown else Standing.CHANGED
    remarks = [_remark(each, events.get(each.id), approval) for each in all_of_it]
    return Asked(issue, approval, standing, [each for each in remarks if each], shown)


def _found(session: Session, token: str) -> tuple[Approval, Issue]:
    approval = session.scalars(
        select(Approval).where(
            or_(
                col(Approval.token_sha256) == hash_of(token),
                col(Approval.reminder_sha256) == hash_of(token),
            )
        )
    ).first()
    if approval is None:
        raise UnknownLink
    return approval, session.get_one(Issue, approval.issue_id)


def _ends(session: Session, all_of_it: Sequence[Approval]) -> dict[int | None, list[Event]]:
    """What the history says about each request, oldest first."""
    keys = [str(each.id) for each in all_of_it]
    asked_for = select(Event).where(col(Event.noun) == APPROVAL.noun, col(Event.key).in_(keys))
    found: dict[int | None, list[Event]] = {}
    for event in session.scalars(asked_for.order_by(col(Event.id))):
        found.setdefault(int(event.key), []).append(event)
    return found


def _standing(
    issue: Issue,
    approval: Approval,
    all_of_it: Sequence[Approval],
    events: Sequence[Event] | None,
    now: datetime,
) -> Standing:
    lapsed = any(event.why == _LAPSED for event in events or ())
    if approval.state is ApprovalState.OPEN:
        lapsed = approval.until is not None and approval.until <= now
        return Standing.LAPSED if lapsed else Standing.OPEN
    if approval.state in {ApprovalState.APPROVED, ApprovalState.DECLINED}:
        return Standing(approval.state.value)
    if issue.state is IssueState.CANCELLED:
        return Standing.CANCELLED
    asked_anew = any(event.why == ASKED_ANEW for event in events or ())
    if asked_anew or all_of_it[-1].requested_at > approval.requested_at:
        return Standing.NEWER
    return Standing.LAPSED if lapsed else Standing.CHANGED


def _shown(
    session: Session,
    settings: Settings,
    issue: Issue,
    approval: Approval,
    all_of_it: Sequence[Approval],
    now: datetime,
) -> Shown | None:
    """None if the issue would not be rendered to the stored bytes any more."""
    rows = session.scalars(
        select(EditionRow).where(
            col(EditionRow.issue_id) == issue.id,
            col(EditionRow.content_hash) == approval.content_hash,
        )
    ).all()
    stored = {row.variant: as_edition(row) for row in rows}
    built = build(session, settings, issue, now)
    hashes = {content_hash(stored.values()), content_hash(editions(built))}
    edition = stored.pop(Variant.FULL, None)
    if edition is None or hashes != {approval.content_hash}:
        return None
    return Shown(
        html_of(edition),
        text_of(edition),
        edition,
        built.content,
        built.findings,
        since(session, settings, issue, approval, edition),
        _carried(approval, all_of_it, built.content),
        unchanged_in(session, settings, issue),
        tuple(stored[each] for each in Variant if each in stored),
    )


def _carried(
    approval: Approval, all_of_it: Sequence[Approval], content: IssueContent
) -> dict[str, str]:
    """What the same person typed too late on an earlier page, where it is not said by now."""
    typed: Mapping[str, str] = {}
    for each in all_of_it:
        if each.unsaved and same_name(each.asked or "", approval.asked or ""):
            typed = each.unsaved
    stands = {it.key: it.text for it in rewording.sentences_of(content)}
    return {key: typed[key] for key in typed if key in stands and typed[key] != stands[key]}


def _remark(each: Approval, events: Sequence[Event] | None, this: Approval) -> Remark | None:
    if each.decided_by is None or each.decided_at is None:
        return None
    details = [event.detail or {} for event in events or ()]
    answer = next((d["answer"] for d in details if "answer" in d), Answer.APPROVE)
    return Remark(
        each.decided_by, each.decided_at, Answer(answer), each.comment or "", each.id == this.id
    )


def decide(
    act: Act,
    token: str,
    answer: Answer,
    name: str,
    comment: str = "",
    *,
    typed: Mapping[str, str] | None = None,
    seen: str = "",
    file_reference: str = "",
) -> Asked:
    """Approve, decline, or say what should change; the first decision on a link is the only one.

    Whoever asked is told by letter. A decline, or a wish for changes, needs a comment and
    makes the issue a draft again. Sentences that are ``typed`` otherwise than they stand are
    changed with a yes, if the edition they make was ``seen`` (its hash); without a yes they are
    wishes. UnknownLink, LinkIsOver, Invalid, AskedOneself to the name or address of who asked,
    VersionGone if the issue is not what the link is about any more, NotAsShown, HasErrors.
    """
    it = asked(act.session, act.settings, token, act.now)
    if it.shown is None:
        raise LinkIsOver
    name, comment = texts.line(name), texts.block(comment)
    changes = _changes(act.session, act.settings, it.shown, typed, act.now)
    _require_said(answer, name, comment, wishes=bool(changes))
    _require_another(act, it.approval, name)
    planned, them = None, names(standing(act.session, it.issue.id))
    if answer is Answer.APPROVE:
        facts = {"comment": comment or None, **filed(file_reference)}
        planned = _approve(act, it, name, changes, seen, facts)
    else:
        comment = "\n\n".join(filter(None, (comment, rewording.as_wishes(changes))))
        _decline(act, it, answer, name, comment)
    missing = names(open_requests(act.session, it.issue))
    tell(act, it.issue, it.approval, answer, planned, missing, them)
    return it


def _changes(
    session: Session,
    settings: Settings,
    shown: Shown,
    typed: Mapping[str, str] | None,
    now: datetime,
) -> list[Changed]:
    if not typed:
        return []
    return rewording.changes_in(session, settings, shown.content, typed, now)


def reword(
    session: Session, settings: Settings, it: Asked, typed: Mapping[str, str], now: datetime
) -> by_approver.Reworded | None:
    """The issue with what an approver typed, to be seen before it is approved; keeps nothing.

    None if nothing would be another. Invalid names the sentences; HasErrors for a template.
    """
    if it.shown is None:
        raise LinkIsOver
    changes = _changes(session, settings, it.shown, typed, now)
    if not changes:
        return None
    return by_approver.proposed(session, settings, it.issue, it.shown.edition, changes, now)


def keep_unsaved(act: Act, token: str, typed: Mapping[str, str]) -> bool:
    """Keep what was typed while the version was overtaken, for the page of the next; whether so."""
    it = asked(act.session, act.settings, token, act.now)
    if not typed or it.standing not in {Standing.NEWER, Standing.CHANGED, Standing.LAPSED}:
        return False
    it.approval.unsaved = dict(typed)
    act.session.add(it.approval)
    return True


def _require_said(answer: Answer, name: str, comment: str, *, wishes: bool) -> None:
    problems = []
    if not name:
        problems.append(Problem("name", _("Bitte Ihren Namen eintragen.")))
    if len(name) > LONGEST_NAME:
        problems.append(Problem("name", _too_long(LONGEST_NAME)))
    if not comment and not wishes and answer is not Answer.APPROVE:
        wanted = _("Bitte schreiben Sie, was geändert werden soll.")
        problems.append(Problem("comment", wanted))
    if len(comment) > LONGEST_COMMENT:
        problems.append(Problem("comment", _too_long(LONGEST_COMMENT)))
    if problems:
        raise Invalid(problems)


def _too_long(most: int) -> str:
    return _("Bitte höchstens {most} Zeichen.").format(most=most)


def _require_another(act: Act, approval: Approval, name: str) -> None:
    if act.settings.approval.people == 1:
        return
    for each in (name, approval.asked or ""):
        if same_person(act.settings, approval.requested_by, each):
            raise AskedOneself(name=approval.requested_by)


def _approve(
    act: Act, it: Asked, name: str, changes: Sequence[Changed], seen: str, facts: dict[str, Any]
) -> Outcome | None:
    if not changes and seen not in {"", it.approval.content_hash}:
        raise by_approver.ChangedByAnother
    if changes:
        return by_approver.approve(act, it.issue, it.approval, name, changes, seen, **facts)
    try:
        return say_yes(act, it.issue, it.approval, name, How.LINK, **facts)
    except (HasErrors, NotWhatWasAsked) as error:
        raise VersionGone from error


def _decline(act: Act, it: Asked, answer: Answer, name: str, comment: str) -> None:
    act.move(
        it.approval,
        APPROVAL,
        ApprovalState.DECLINED,
        why=comment,
        detail={"by": name, "how": How.LINK.value, "answer": answer.value},
        decided_by=name,
        decided_at=act.now,
        how=How.LINK,
        comment=comment,
        alone=act.settings.approval.people == 1,
    )
    invalidation.take_back(act, it.issue, comment, detail={"by": name, "answer": answer.value})


def lapse(act: Act) -> list[str]:
    """Take back every request whose deadline has passed, and tell who asked; their issues."""
    overdue = select(Approval).where(
        col(Approval.state) == ApprovalState.OPEN, col(Approval.until) <= act.now
    )
    taken = []
    for approval in act.session.scalars(overdue.order_by(col(Approval.id))).all():
        issue = act.session.get_one(Issue, approval.issue_id)
        if issue.state is IssueState.IN_APPROVAL:
            waited = open_requests(act.session, issue)
            them = names(standing(act.session, issue.id))
            invalidation.take_back(act, issue, _LAPSED)
            tell(act, issue, approval, Answer.LAPSED, None, names(waited), them)
            for each in waited:
                tell_over(act, issue, each)
            taken.append(issue.id)
    return taken
