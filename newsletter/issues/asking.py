"""Asking an approver by letter, and telling the editor who asked what became of it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from newsletter import editors, letters, rendering, rhythm
from newsletter.content import Audience
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, speaking
from newsletter.models.issue import Approval, ApprovalState, Issue
from newsletter.settings import Settings

from . import rewording
from .awaiting import Outcome
from .contents import Built, build
from .neutral import text_of
from .people import NoAddress, Person, UnknownApprover, email_of, reachable
from .returning import since

WORKING_DAYS = 3
EXPRESS = 1  # of a correction: every hour somebody reads what is wrong
BEFORE_SENDING = timedelta(hours=2)  # what is left to the editors after the last yes
TOKEN_BYTES = 16  # 128 bits (DESIGN §6)


class DeadlinePassed(Refused):
    sentence = N_("Die Frist {until} ist schon vorbei.")


class Answer(StrEnum):
    """What became of a request, as letters and pages say it."""

    APPROVE = "approve"
    CHANGES = "changes"
    DECLINE = "decline"
    LAPSED = "lapsed"


class Part(NamedTuple):
    """One of the issues that somebody is asked about."""

    issue: Issue
    approval: Approval
    built: Built


def by_letter(act: Act, parts: Sequence[Part], person: Person, until: datetime | None) -> None:
    """Give requests their link and their deadline, and post both with the issues as text.

    The token leaves in the letter only; its hash is kept. DeadlinePassed.
    """
    until = until or min(deadline(act.settings, part.issue, act.now) for part in parts)
    if until <= act.now:
        raise DeadlinePassed(until=rhythm.in_words(until, act.settings.zone))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    for number, part in enumerate(parts):
        part.approval.asked, part.approval.until = person.name, until
        part.approval.token_sha256 = hash_of(part_of(token, number))
        act.session.add(part.approval)
    act.session.flush()
    with speaking(act.settings.language):  # the facts, too
        told = [_told(act, part) for part in parts]
        letters.post(
            act,
            "approval_request",
            person.email,
            to_name=person.name,
            newsletter=parts[0].issue.newsletter,
            expires_at=until,
            url=act.settings.links.approval(token),
            asked_by=parts[0].approval.requested_by,
            until=rhythm.in_words(until, act.settings.zone),
            parts=told,
            **told[0],
        )


def _told(act: Act, part: Part) -> dict[str, Any]:
    """What the letter says of one issue."""
    issue, approval, edition = part.issue, part.approval, part.built.edition
    its = act.settings.newsletters.get(issue.newsletter)
    return {
        "issue": issue,
        "issue_name": rendering.issue_name(issue.number),
        "newsletter_name": its.name if its else issue.newsletter,
        "text": text_of(edition) if edition else "",
        "warnings": approval.warnings,
        "since": since(act.session, act.settings, issue, approval, edition) if edition else None,
        "members": issue.audience is Audience.MEMBERS,
    }


def once_more(act: Act, issue: Issue, before: Approval, changed: Approval) -> None:
    """Ask somebody again who had said yes: another approver has ``changed`` sentences since, or
    that yes was filed by mistake. Whom the file names no more gets no letter: the editors see
    whose yes is missing, and ask somebody else.
    """
    again = Approval(
        issue_id=issue.id,
        content_hash=changed.content_hash,
        state=ApprovalState.OPEN,
        asked=before.asked,
        until=before.until,
        requested_by=before.requested_by,
        requested_at=act.now,
        alone=before.alone,
        file_reference=before.file_reference,
        warnings=changed.warnings,
    )
    act.session.add(again)
    act.session.flush()
    try:
        person = reachable(act.settings, before.asked or "")
    except (UnknownApprover, NoAddress):
        return
    built = build(act.session, act.settings, issue, act.now)
    by_letter(act, [Part(issue, again, built)], person, before.until)


def part_of(token: str, number: int) -> str:
    """The token of each further issue behind one link, from 0: the link itself is the first."""
    return token if number == 0 else f"{token}-{number + 1}"


def hash_of(token: str) -> str:
    """What of a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def deadline(settings: Settings, issue: Issue, now: datetime) -> datetime:
    """Three working days from now, or two hours before the issue leaves, if that is sooner.

    A correction has one. An issue that should have left by the rhythm already has the three days.
    """
    days = EXPRESS if issue.corrects_id else WORKING_DAYS
    last = working_days_later(now, days, settings)
    it = settings.newsletter(issue.newsletter)
    leaves = issue.send_at or rhythm.planned_time(issue.number, it.rhythm, settings.almanac)
    if leaves is None or leaves - BEFORE_SENDING <= now:
        return last
    return min(last, leaves - BEFORE_SENDING)


def working_days_later(now: datetime, days: int, settings: Settings) -> datetime:
    """The same time of day, so many working days on."""
    moment = now.astimezone(settings.zone)
    while days:
        moment += timedelta(days=1)  # of the clock, whatever daylight saving does
        days -= settings.almanac.works(moment.date())
    return moment


def tell(
    act: Act,
    issue: Issue,
    approval: Approval,
    answer: Answer,
    planned: Outcome | None = None,
    missing: Sequence[str] = (),
    again: Sequence[str] = (),
) -> None:
    """Post the answer to the editor who asked; to all editors if they are none any more, or if
    the approver changed sentences.

    ``planned``: what became of the plan to schedule the issue at once. ``missing``: who has
    still to answer, or has not in time. ``again``: whom to ask again, if not only this one.
    """
    requester = email_of(act.settings, approval.requested_by)
    addresses = [requester] if requester else []
    if not requester or approval.changes:  # what was changed concerns everybody
        addresses += editors.addresses(act.settings, "issues")
    addresses = list({each.casefold(): each for each in addresses}.values())
    with speaking(act.settings.language):  # the facts, too
        for address in addresses:
            letters.post(
                act,
                "approval_answer",
                address,
                newsletter=issue.newsletter,
                issue=issue,
                issue_name=rendering.issue_name(issue.number),
                answer=answer.value,
                by=approval.decided_by,
                again=again or (approval.asked,),
                comment=approval.comment,
                missing=", ".join(missing),
                changes=rewording.told(approval.changes or ()),
                scheduled=rhythm.in_words(planned.at, act.settings.zone)
                if planned and planned.at
                else "",
                until=rhythm.in_words(approval.until, act.settings.zone) if approval.until else "",
                stands_in_for="" if requester else approval.requested_by,
                to_requester=address == requester,
            )
