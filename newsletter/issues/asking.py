"""Asking an approver by letter, and telling the editor who asked what became of it."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter import editors, letters, rendering, rhythm
from newsletter.content import Audience
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, speaking
from newsletter.models.issue import Approval, Issue
from newsletter.settings import Settings

from . import rewording
from .awaiting import Outcome
from .contents import Built
from .neutral import text_of
from .people import Person, email_of
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


def by_letter(
    act: Act,
    issue: Issue,
    approval: Approval,
    built: Built,
    person: Person,
    until: datetime | None,
) -> None:
    """Give a request its link and its deadline, and post both with the issue as text.

    The token leaves in the letter only; its hash is kept. DeadlinePassed.
    """
    until = until or deadline(act.settings, issue, act.now)
    if until <= act.now:
        raise DeadlinePassed(until=rhythm.in_words(until, act.settings.zone))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    approval.asked, approval.until, approval.token_sha256 = person.name, until, hash_of(token)
    with speaking(act.settings.language):  # the facts, too
        letters.post(
            act,
            "approval_request",
            person.email,
            to_name=person.name,
            newsletter=issue.newsletter,
            expires_at=until,
            issue=issue,
            issue_name=rendering.issue_name(issue.number),
            text=text_of(built.edition) if built.edition else "",
            url=act.settings.links.approval(token),
            asked_by=approval.requested_by,
            until=rhythm.in_words(until, act.settings.zone),
            warnings=approval.warnings,
            since=since(act.session, act.settings, issue, approval, built.edition)
            if built.edition
            else None,
            members=issue.audience is Audience.MEMBERS,
        )


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
    act: Act, issue: Issue, approval: Approval, answer: Answer, planned: Outcome | None = None
) -> None:
    """Post the answer to the editor who asked; to all editors if they are none any more, or if
    the approver changed sentences.

    ``planned``: what became of the plan to schedule the issue at once.
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
                asked=approval.asked,
                comment=approval.comment,
                changes=rewording.told(approval.changes or ()),
                scheduled=rhythm.in_words(planned.at, act.settings.zone)
                if planned and planned.at
                else "",
                until=rhythm.in_words(approval.until, act.settings.zone) if approval.until else "",
                stands_in_for="" if requester else approval.requested_by,
                to_requester=address == requester,
            )
