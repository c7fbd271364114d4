"""A second person's yes to exactly these bytes."""

from collections.abc import Sequence
from datetime import datetime
from shlex import quote
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from newsletter import invalidation, texts
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

from . import accepting, asking, awaiting
from .change import STATE_WORDS
from .contents import Built, build
from .people import approver, same_name, same_person, to_ask
from .register import find
from .sound import NotYet, listed, require_sound

LONGEST_REFERENCE = 200  # characters of a file reference


class WarningsUnanswered(Refused):
    sentence = N_(
        "{issue} hat Warnungen:\n{findings}\nBitte beheben oder begründen:"
        ' newsletter issue request {issue} --accept-warnings "GRUND"'
    )


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


class Request(NamedTuple):
    """What was asked for."""

    issue: Issue
    approval: Approval
    built: Built
    instead_of: str = ""  # whom the asked one stands in for, who is away


def request(
    act: Act,
    key: str,
    accept_warnings: str | None = None,
    to: str | None = None,
    until: datetime | None = None,
    *,
    file_reference: str | None = None,
) -> Request:
    """Build the edition and ask for approval of exactly its bytes.

    Errors refuse. Warnings refuse unless a reason is given for all, or one for their kind
    (``accepting``); without warnings a reason is fine and not kept. A request that is open is
    replaced, if the issue would differ, if it has lapsed, or if an approver ``to`` is named:
    who gets a letter with a link that holds ``until`` then (by default ``asking.deadline``).
    """
    issue = find(act.session, key)
    today = act.now.astimezone(act.settings.zone).date()
    person = to_ask(act.settings, to, today) if to else None
    if person and not _alone(act) and same_person(act.settings, act.actor.name, person.name):
        raise Oneself(name=person.name, who=act.actor.name)
    if issue.state not in {IssueState.DRAFT, IssueState.IN_APPROVAL}:
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=_after(issue))
    built = build(act.session, act.settings, issue, act.now)
    require_sound(issue, built)
    reason = (accept_warnings or "").strip()
    given = accepting.reasons_of(act.session, issue, built)
    unanswered = [each for each in built.warnings if each.check not in given]
    if unanswered and not reason:
        raise WarningsUnanswered(issue=issue.id, findings=listed(unanswered))
    asked = content_hash(editions(built))
    _withdraw_open_request(act, issue, asked, again=person is not None)
    keep(act, issue, editions(built), asked)
    act.move(
        issue,
        ISSUE,
        IssueState.IN_APPROVAL,
        content_hash=asked,
        accepted_warnings=reason if unanswered else None,
        detail={"content_hash": asked, "warnings": [f.check for f in built.warnings]},
    )
    approval = Approval(
        issue_id=issue.id,
        content_hash=asked,
        state=ApprovalState.OPEN,
        requested_by=act.actor.name,
        requested_at=act.now,
        alone=_alone(act),
        file_reference=texts.line(file_reference or "")[:LONGEST_REFERENCE] or None,
        warnings=accepting.with_reasons(built, given, reason, act.actor.name),
    )
    act.session.add(approval)
    act.session.flush()
    if person is not None and built.edition is not None:
        asking.by_letter(act, issue, approval, built, person, until)
    wanted = to if to and person and not same_name(to, person.name) else ""
    return Request(issue, approval, built, wanted)


def _alone(act: Act) -> bool:
    return act.settings.approval.people == 1


def _after(issue: Issue) -> str:
    if issue.state is IssueState.APPROVED:
        mend = _("Nächster Schritt: newsletter issue schedule {issue}")
        return mend.format(issue=issue.id)
    return _("Eine Freigabe lässt sich nur für einen Entwurf anfragen.")


def editions(built: Built) -> tuple[Edition, ...]:
    """All editions of an issue; there is one, the full one, so far."""
    return (built.edition,) if built.edition else ()


def _withdraw_open_request(act: Act, issue: Issue, asked: str, *, again: bool) -> None:
    if issue.state is not IssueState.IN_APPROVAL:
        return
    if issue.content_hash == asked and not again and not _lapsed(act, _open_request(act, issue)):
        second = second_person(act.settings, act.actor.name)
        mend = _(
            "Jetzt ist die zweite Person dran: newsletter --as {second} issue approve {issue}"
        ).format(second=quote(second), issue=issue.id)
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)
    invalidation.take_back(act, issue, N_("neu angefragt"))


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
                made_at=act.now,
            )
        )
    act.session.flush()


def approve(
    act: Act, key: str, how: How = How.COMMAND, *, file_reference: str | None = None
) -> Issue:
    """Say yes to the bytes that were asked for.

    NotAllowed to the person who asked, unless ``approval.people = 1`` is written down.
    Refused if the issue would not be rendered to these bytes any more, or has errors now.
    """
    issue = find(act.session, key)
    _require_asked(issue)
    approval = _open_request(act, issue)
    alone = _alone(act)
    if not alone and same_name(approval.requested_by, act.actor.name):
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
) -> Issue:
    """File an approver's yes that came by e-mail or phone; the actor files, the approver decided.

    NotAllowed to the person who asked, and if the approver is that person. NoEvidence for an
    empty file, or one above ``LARGEST_EVIDENCE`` bytes.
    """
    issue = find(act.session, key)
    _require_asked(issue)
    approval = _open_request(act, issue)
    person = approver(act.settings, received_from)
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
    if _lapsed(act, approval) and approval.until:
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
        alone=_alone(act) and same_name(approval.requested_by, by),
        **facts,
    )
    detail = {"content_hash": approved, "by": by, **({"changed": True} if changed else {})}
    version = issue.version + changed
    act.move(
        issue, ISSUE, IssueState.APPROVED, detail=detail, content_hash=approved, version=version
    )
    return awaiting.fulfil(act, issue, changed=changed)


def _lapsed(act: Act, approval: Approval) -> bool:
    return approval.until is not None and approval.until <= act.now


def _require_asked(issue: Issue) -> None:
    """NotYet unless somebody waits for a yes."""
    if issue.state is not IssueState.IN_APPROVAL:
        mend = _("Zuerst anfragen: newsletter issue request {issue}").format(issue=issue.id)
        if issue.state is not IssueState.DRAFT:
            mend = _("Hier gibt es nichts freizugeben.")
        raise NotYet(issue=issue.id, state=_(STATE_WORDS[issue.state]), mend=mend)


def _open_request(act: Act, issue: Issue) -> Approval:
    asked = select(Approval).where(
        col(Approval.issue_id) == issue.id,
        col(Approval.content_hash) == issue.content_hash,
        col(Approval.state) == ApprovalState.OPEN,
    )
    found = act.session.scalars(asked.order_by(col(Approval.id).desc())).first()
    if found is None:
        raise NotWhatWasAsked(issue=issue.id)
    return found


def second_person(settings: Settings, first: str) -> str:
    """An editor who could approve what ``first`` asked for; NAME if the file names nobody else."""
    if settings.approval.people == 1:
        return first
    others = (each.name for each in settings.editors if not same_name(each.name, first))
    return next(others, "NAME")
