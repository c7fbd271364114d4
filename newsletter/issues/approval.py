"""A second person's yes to exactly these bytes."""

from collections.abc import Sequence
from shlex import quote
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import texts
from newsletter.content import Edition, content_hash
from newsletter.errors import NotAllowed, Refused
from newsletter.evidence import Evidence
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import (
    APPROVAL,
    ISSUE,
    Approval,
    ApprovalState,
    EditionRow,
    How,
    Issue,
    IssueState,
)
from newsletter.rhythm import in_words
from newsletter.settings import Settings

from . import asking, awaiting
from .change import STATE_WORDS
from .contents import Built, build
from .people import approver, same_name, same_person
from .register import approvals, find
from .sound import NotYet, require_sound

ASKED_ANEW = N_("neu angefragt")  # kept like this in the history, whatever is spoken
IN_PART = "approved in part"  # a line of the history: somebody else has still to
LONGEST_REFERENCE = 200  # characters of a file reference


class SecondPersonNeeded(NotAllowed):
    sentence = N_(
        "{who} hat die Freigabe von {issue} selbst angefragt; freigeben muss eine zweite Person:"
        " newsletter --as {second} issue approve {issue}"
    )


class Oneself(NotAllowed):
    sentence = N_(
        "{name} und {who} sind dieselbe Person (gleicher Name oder gleiche Adresse); freigeben"
        " muss eine zweite."
    )


class AskedOthers(Refused):
    sentence = N_(
        "Auf eine Zusage warten wir von {names}, nicht von {who}. Kam sie per E-Mail oder Telefon,"
        " legen Sie sie ab:"
        ' newsletter issue approve {issue} --received-from "{first}" --evidence DATEI'
    )


class FiledByRequester(NotAllowed):
    sentence = N_(
        "{who} hat die Freigabe von {issue} selbst angefragt; die Zusage ablegen muss jemand"
        " anders: newsletter --as {second} issue approve {issue} --received-from NAME"
        " --evidence DATEI"
    )


class Lapsed(Refused):
    sentence = N_(
        "Die Frist für die Freigabe von {issue} ist am {until} abgelaufen."
        " Bitte neu anfragen: newsletter issue request {issue}"
    )


class NotWhatWasAsked(Refused):
    sentence = N_(
        "{issue} ist nicht mehr das, was zur Freigabe vorgelegt wurde (Vorlagen, Einstellungen"
        " oder Daten haben sich geändert). Bitte neu anfragen: newsletter issue request {issue}"
    )


class NotAsSeen(Refused):
    sentence = N_(
        "{issue} wurde inzwischen anders vorgelegt, als Sie gesehen haben; es ist nichts"
        " freigegeben. Bitte noch einmal ansehen: newsletter issue approve {issue}"
    )


def alone(act: Act) -> bool:
    """Whether it is written down that one works alone."""
    return act.settings.approval.people == 1


def editions(built: Built) -> tuple[Edition, ...]:
    """All editions of an issue, the full one first: one yes is to all of them."""
    return built.editions


def keep(act: Act, issue: Issue, built: Sequence[Edition], asked: str) -> None:
    """Store the editions of an issue under the hash over them."""
    kept = select(col(EditionRow.id)).where(
        col(EditionRow.issue_id) == issue.id, col(EditionRow.content_hash) == asked
    )
    if act.session.scalars(kept).first() is not None:
        return  # the same bytes were asked for before
    for edition in built:
        act.session.add(
            EditionRow(
                issue_id=issue.id,
                content_hash=asked,
                variant=edition.variant,
                subject=edition.subject,
                sender=edition.sender,
                list_id=edition.list_id,
                html=edition.html,
                text=edition.text,
                calendar=edition.calendar,
                pictures=list(edition.pictures),
                language=edition.speaks or None,
                made_at=act.now,
            )
        )
    act.session.flush()


def approve(
    act: Act,
    key: str,
    how: How = How.COMMAND,
    *,
    file_reference: str | None = None,
    seen: str | None = None,
) -> Issue:
    """Say yes to the bytes that were asked for; NotAsSeen if these have another hash than what
    the approver was shown (``seen``).

    NotAllowed to the person who asked, unless ``approval.people = 1`` is written down.
    Refused if the issue would not be rendered to these bytes any more, or has errors now.
    """
    issue = find(act.session, key)
    _require_asked(issue, seen)
    approval = _open_request(act, issue, act.actor.name)
    if not alone(act) and same_name(approval.requested_by, act.actor.name):
        second = second_person(act.settings, act.actor.name)
        raise SecondPersonNeeded(who=act.actor.name, issue=issue.id, second=quote(second))
    say_yes(act, issue, approval, act.actor.name, how, **filed(file_reference))
    return issue


def filed(reference: str | None) -> dict[str, str]:
    """The file reference that whoever approves has named, as a fact of the yes; else none."""
    named = texts.line(reference or "")[:LONGEST_REFERENCE]
    return {"file_reference": named} if named else {}


def approve_by_evidence(
    act: Act,
    key: str,
    received_from: str,
    evidence: Evidence,
    *,
    file_reference: str | None = None,
    seen: str | None = None,
) -> Issue:
    """File an approver's yes that came by e-mail or phone; the actor files, the approver decided.

    NotAsSeen as ``approve``. NotAllowed to the person who asked, and if the approver is that
    person. NoEvidence for an empty file, or one above ``LARGEST_EVIDENCE`` bytes.
    """
    issue = find(act.session, key)
    _require_asked(issue, seen)
    person = approver(act.settings, received_from)
    approval = _open_request(act, issue, person.name)
    if same_name(approval.requested_by, act.actor.name):
        second = second_person(act.settings, act.actor.name)
        raise FiledByRequester(who=act.actor.name, issue=issue.id, second=quote(second))
    if same_person(act.settings, approval.requested_by, person.name):
        raise Oneself(name=person.name, who=approval.requested_by)
    evidence.require_sound()
    say_yes(
        act,
        issue,
        approval,
        person.name,
        How.EVIDENCE,
        evidence_name=texts.line(evidence.name)[:255],
        evidence=evidence.data,
        **filed(file_reference),
    )
    return issue


def say_yes(
    act: Act, issue: Issue, approval: Approval, by: str, how: How, **facts: Any
) -> awaiting.Outcome | None:
    """Approve an open request, if the issue would still be rendered to the bytes it names.

    Whether ``by`` may decide was asked before. Lapsed, HasErrors, NotWhatWasAsked.
    """
    require_in_time(act, issue, approval)
    built = build(act.session, act.settings, issue, act.now)
    require_sound(issue, built)
    if content_hash(editions(built)) != approval.content_hash:
        raise NotWhatWasAsked(issue=issue.id)
    return decided(act, issue, approval, by, how, **facts)


def require_in_time(act: Act, issue: Issue, approval: Approval) -> None:
    """Lapsed if the deadline of a request has passed."""
    if lapsed(act, approval) and approval.until:
        raise Lapsed(issue=issue.id, until=in_words(approval.until, act.settings.zone))


def decided(
    act: Act,
    issue: Issue,
    approval: Approval,
    by: str,
    how: How,
    *,
    changed: bool = False,
    **facts: Any,
) -> awaiting.Outcome | None:
    """Write a yes down, with its ``facts``. What was planned for this moment happens, unless the
    approver ``changed`` a sentence: see ``awaiting``.
    """
    approved = str(facts.get("content_hash", approval.content_hash))
    act.move(
        approval,
        APPROVAL,
        ApprovalState.APPROVED,
        detail={"by": by, "how": how.value},
        decided_by=by,
        decided_at=act.now,
        how=how,
        alone=alone(act) and same_name(approval.requested_by, by),
        **facts,
    )
    detail = {"content_hash": approved, "by": by, **({"changed": True} if changed else {})}
    if changed:
        _ask_about(act, issue, approval, approved)
    if _waited_for(act, issue, approval):
        issue.content_hash, issue.version = approved, issue.version + changed
        act.session.add(issue)
        act.session.flush()
        act.record("issue", issue.id, IN_PART, detail=detail)
        return awaiting.fulfil(act, issue, changed=True) if changed else None
    version = issue.version + changed
    act.move(
        issue, ISSUE, IssueState.APPROVED, detail=detail, content_hash=approved, version=version
    )
    return awaiting.fulfil(act, issue, changed=changed)


def take_back_in_part(act: Act, issue: Issue, approval: Approval, why: str) -> None:
    """One person's yes counts no more while others are still asked: they are asked again, with a
    new link, about the same edition. DeadlinePassed.
    """
    act.move(approval, APPROVAL, ApprovalState.VOID, why=why)
    asking.once_more(act, issue, approval, approval)


def _waited_for(act: Act, issue: Issue, approval: Approval) -> bool:
    """Whether somebody else has still to say yes."""
    others = approvals(act.session, issue.id)
    return any(each.state is ApprovalState.OPEN and each.id != approval.id for each in others)


def _ask_about(act: Act, issue: Issue, approval: Approval, approved: str) -> None:
    """Ask the others about the edition with the changed sentences: who has not answered sees it
    behind the same link; who said yes to the other one gets a new link.
    """
    for each in approvals(act.session, issue.id):
        if each.id == approval.id:
            continue
        if each.state is ApprovalState.OPEN:
            each.content_hash, each.warnings = approved, approval.warnings
            act.session.add(each)
        elif each.state is ApprovalState.APPROVED:
            act.move(each, APPROVAL, ApprovalState.VOID, why=N_("Sätze geändert"))
            asking.once_more(act, issue, each, approval)
    act.session.flush()


def lapsed(act: Act, approval: Approval) -> bool:
    """Whether the deadline of a request has passed."""
    return approval.until is not None and approval.until <= act.now


def _require_asked(issue: Issue, seen: str | None) -> None:
    """NotYet unless somebody waits for a yes; NotAsSeen unless it is to what was seen."""
    if issue.state is not IssueState.IN_APPROVAL:
        mend = _("Zuerst anfragen: newsletter issue request {issue}").format(issue=issue.id)
        if issue.state is not IssueState.DRAFT:
            mend = _("Hier gibt es nichts freizugeben.")
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    if seen is not None and issue.content_hash != seen:
        raise NotAsSeen(issue=issue.id)


def open_requests(session: Session, issue: Issue) -> Sequence[Approval]:
    """The requests about the issue as it was submitted that wait for an answer."""
    asked = select(Approval).where(
        col(Approval.issue_id) == issue.id,
        col(Approval.content_hash) == issue.content_hash,
        col(Approval.state) == ApprovalState.OPEN,
    )
    return session.scalars(asked.order_by(col(Approval.id))).all()


def _open_request(act: Act, issue: Issue, by: str) -> Approval:
    """The request that a yes by this person answers.

    Of several people who were asked each answers for themselves. NotWhatWasAsked, AskedOthers.
    """
    waiting = open_requests(act.session, issue)
    if not waiting:
        raise NotWhatWasAsked(issue=issue.id)
    own = [each for each in waiting if same_person(act.settings, by, each.asked or "")]
    if own:
        return own[0]
    others = [each for each in approvals(act.session, issue.id) if each.id != waiting[0].id]
    if len(waiting) > 1 or any(
        each.state is ApprovalState.APPROVED and each.content_hash == issue.content_hash
        for each in others
    ):
        names = _(" und ").join(each.asked or "" for each in waiting)
        raise AskedOthers(who=by, issue=issue.id, names=names, first=waiting[0].asked)
    return waiting[0]


def second_person(settings: Settings, first: str) -> str:
    """An editor who could approve what ``first`` asked for; NAME if the file names nobody else."""
    if settings.approval.people == 1:
        return first
    others = (each.name for each in settings.editors if not same_name(each.name, first))
    return next(others, "NAME")
