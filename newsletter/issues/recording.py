"""The Freigabevermerk: who approved which bytes, when, how we know, and what was said about it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import rendering, templating
from newsletter.errors import Refused
from newsletter.history import SSH
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import APPROVAL, Approval, ApprovalState, How, Issue
from newsletter.rhythm import in_words
from newsletter.settings import Settings

from . import rewording
from .change import STATE_WORDS
from .register import approvals, find


class NotApproved(Refused):
    sentence = N_("{issue} ist nicht freigegeben, dazu gibt es noch keinen Vermerk. {mend}")


@dataclass(frozen=True, slots=True)
class Yes:
    """One person's yes, as it is kept."""

    who: str
    when: datetime
    how: How
    known: str  # how we know, as a sentence
    asked_by: str
    asked_at: datetime
    comment: str
    file_reference: str
    content_hash: str
    asked_hash: str  # what they were asked about, if they changed sentences; else ""
    changes: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    warnings: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was answered about an earlier version."""

    who: str
    when: datetime
    declined: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Record:
    """All that a file about the approval of an issue must hold, on one page."""

    issue: Issue
    newsletter: str
    issue_name: str
    state: str
    yes: Sequence[Yes]
    earlier: Sequence[Earlier] = field(default=())
    missing: str = ""  # who was asked, too, and has not answered

    @property
    def file_reference(self) -> str:
        """Under which the approver files it; "" if nobody named one."""
        return next((each.file_reference for each in self.yes if each.file_reference), "")


def record_of(session: Session, settings: Settings, key: str) -> Record:
    """The record of an issue whose bytes are approved. NotFound, NotApproved."""
    issue = find(session, key)
    every = approvals(session, issue.id)
    standing = [
        each
        for each in every
        if each.state is ApprovalState.APPROVED and each.content_hash == issue.content_hash
    ]
    if not standing:
        mend = _("Wie es steht: newsletter issue status {issue}").format(issue=issue.id)
        raise NotApproved(issue=issue.id, mend=mend)
    its = settings.newsletters.get(issue.newsletter)
    return Record(
        issue=issue,
        newsletter=its.name if its else issue.newsletter,
        issue_name=rendering.issue_name(issue.number),
        state=_(STATE_WORDS[issue.state]),
        missing=", ".join(
            each.asked for each in every if each.state is ApprovalState.OPEN and each.asked
        ),
        yes=[_yes(session, settings, each) for each in standing],
        earlier=[
            Earlier(
                each.decided_by,
                each.decided_at,
                each.state is ApprovalState.DECLINED,
                each.comment or "",
            )
            for each in every
            if each not in standing and each.decided_by and each.decided_at
        ],
    )


def _yes(session: Session, settings: Settings, it: Approval) -> Yes:
    return Yes(
        who=it.decided_by or "",
        when=it.decided_at or it.requested_at,
        how=it.how or How.COMMAND,
        known=_known(session, settings, it),
        asked_by=it.requested_by,
        asked_at=it.requested_at,
        comment=it.comment or "",
        file_reference=it.file_reference or "",
        content_hash=it.content_hash,
        asked_hash=it.asked_hash or "",
        changes=rewording.told(it.changes or ()),
        warnings=it.warnings or (),
    )


def _known(session: Session, settings: Settings, it: Approval) -> str:
    """How we know that it was they who said yes."""
    match it.how:
        case How.LINK:
            said = _("Über den persönlichen Link, der am {when} per E-Mail an {asked} ging.")
            when = in_words(it.requested_at, settings.zone)
            return said.format(when=when, asked=it.asked or it.decided_by)
        case How.EVIDENCE:
            said = _("Per E-Mail oder Telefon; abgelegt von {who}: {file} (SHA-256 {hash}).")
            made = hashlib.sha256(it.evidence or b"").hexdigest()
            who = _moved(session, it).actor
            return said.format(who=who, file=it.evidence_name, hash=made)
        case _:
            event = _moved(session, it)
            if event.proven and (event.login or "").startswith(SSH):
                said = _("Als Befehl über ssh, mit dem eigenen Schlüssel {login} (belegt).")
                return said.format(login=(event.login or "").removeprefix(SSH))
            if event.proven:
                said = _("Als Befehl am Rechner, unter dem Konto „{login}“ (belegt).")
            else:
                said = _("Als Befehl am Rechner, unter dem Konto „{login}“ (Name nicht belegt).")
            return said.format(login=event.login or "–")


def _moved(session: Session, it: Approval) -> Event:
    moved = select(Event).where(
        col(Event.noun) == APPROVAL.noun,
        col(Event.key) == str(it.id),
        col(Event.to_state) == ApprovalState.APPROVED.value,
    )
    return session.scalars(moved.order_by(col(Event.id).desc())).one()


def record_page(settings: Settings, record: Record, *, whole: bool = True) -> str:
    """The record as a page to print or file, with its styles in it.

    Unless ``whole`` it names the places of changed sentences, and not their words: who has
    found an old link learns nothing of the issue.
    """
    where = templating.folders(settings.home)
    return templating.rendered(
        where,
        "web/record.html",
        {
            "record": record,
            "whole": whole,
            "in_words": lambda moment: in_words(moment, settings.zone),
        },
    )
