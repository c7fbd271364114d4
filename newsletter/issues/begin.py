"""Beginning an issue: its number, and the texts that its newsletter always opens with."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from newsletter import rhythm, texts
from newsletter.errors import Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _, speaking
from newsletter.models.issue import (
    ISSUE,
    Approval,
    ApprovalState,
    Issue,
    IssueState,
    Placement,
)
from newsletter.settings import NewsletterSettings


class NumberTaken(Refused):
    sentence = N_(
        "Die Ausgabe {issue} gibt es schon. Eine Sonderausgabe heißt zum Beispiel"
        " --number {special}."
    )


class WasApproved(Refused):
    sentence = N_(
        "Die Ausgabe {issue} war freigegeben und wurde abgesagt; ihre Nummer bleibt vergeben."
        " Eine Sonderausgabe heißt zum Beispiel --number {special}."
    )


class NextWasCancelled(Refused):
    sentence = N_(
        "Die nächste Ausgabe wäre {issue}, sie wurde aber abgesagt."
        " Doch wieder: newsletter issue new {newsletter} --number {first};"
        " die übernächste: newsletter issue new {newsletter} --number {later}"
    )


class NextIsUsedUp(Refused):
    sentence = N_(
        "Die nächste Ausgabe wäre {issue}, sie wurde aber abgesagt. Bitte --number angeben:"
        " {special} als Sonderausgabe oder {later} für die übernächste."
    )


class DraftIsOpen(Refused):
    sentence = N_(
        "{issue} ist noch ein Entwurf. Weiter daran: newsletter issue fill {issue}."
        " Trotzdem schon die nächste: newsletter issue new {newsletter} --also"
    )


@dataclass(frozen=True, slots=True)
class Words:
    """What an editor says of an issue that is begun; both fill places in the patterns."""

    occasion: str = ""  # a paragraph of the opening, instead of the one configured for the month
    topic: str = ""  # of a special issue


_NO_WORDS = Words()


def new(
    act: Act,
    slug: str,
    number: str | None = None,
    *,
    also: bool = False,
    words: Words = _NO_WORDS,
) -> Issue:
    """Begin the next issue of a newsletter, or the one with this number.

    Subject, preheader and opening are the newsletter's patterns, filled with month, year and
    ``words``; a special issue has its own if any are configured. Without a number or ``also``
    it refuses while another issue is a draft. A number that is taken is refused; what was
    cancelled before anybody approved it is begun anew, empty. WrongUsage if there is no such
    newsletter, or it is no number.
    """
    it = act.settings.newsletter(slug)
    taken = _numbers(act, slug)
    if not number and not also and (draft := open_draft(act.session, slug)):
        raise DraftIsOpen(issue=draft, newsletter=slug)
    number = _wanted(act, taken, slug, number) if number else _next(act, it, slug, taken)
    begun = _begun(act, it.of(number), number, words)
    if number in taken:
        return _anew(act, f"{slug}-{number}", begun)
    issue = Issue(
        id=f"{slug}-{number}", newsletter=slug, number=number, state=IssueState.DRAFT, **begun
    )
    act.session.add(issue)
    act.session.flush()
    act.record("issue", issue.id, "made")
    return issue


def _begun(act: Act, it: NewsletterSettings, number: str, words: Words) -> dict[str, Any]:
    with speaking(act.settings.language):
        filled = {
            "{month}": rhythm.month_name(number),
            "{year}": rhythm.year_of(number),
            "{topic}": texts.line(words.topic) or "{topic}",  # a check names what is left
        }
    occasion = words.occasion or it.occasions.get(rhythm.month_of(number), "")
    opening = _with_occasion(it.opening, occasion)
    subject = it.subject
    if words.topic and "{topic}" not in subject:
        subject = f"{it.name}: {{topic}}"
    return {
        "audience": it.audience,
        "subject": _filled(subject, filled),
        "preheader": _filled(it.preheader, filled),
        "opening": texts.markdown(_filled(opening, filled)),
        "read_key": secrets.token_urlsafe(32),
        "made_at": act.now,
        "made_by": act.actor.name,
    }


def _anew(act: Act, key: str, begun: Mapping[str, Any]) -> Issue:
    """The cancelled issue as a draft, without what stood in it; its history stays."""
    issue = act.session.get_one(Issue, key)
    act.session.execute(delete(Placement).where(col(Placement.issue_id) == key))
    gone = {"content_hash": None, "accepted_warnings": None, "send_at": None, "corrects_id": None}
    version = issue.version + 1
    why = N_("neu begonnen")
    act.move(issue, ISSUE, IssueState.DRAFT, why=why, **begun, **gone, version=version)
    return issue


def open_draft(session: Session, slug: str) -> str | None:
    """The newest regular issue of a newsletter that is a draft, by its id."""
    drafts = select(col(Issue.id), col(Issue.number)).where(
        col(Issue.newsletter) == slug, col(Issue.state) == IssueState.DRAFT
    )
    rows = session.execute(drafts.order_by(col(Issue.number).desc()))
    return next((row.id for row in rows if rhythm.is_regular(row.number)), None)


def _was_approved(act: Act, key: str) -> bool:
    approved = exists().where(
        col(Approval.issue_id) == key,
        col(Approval.decided_at).is_not(None),
        col(Approval.state) != ApprovalState.DECLINED,
    )
    return bool(act.session.scalar(select(approved)))


def _numbers(act: Act, slug: str) -> dict[str, IssueState]:
    numbers = select(col(Issue.number), col(Issue.state)).where(col(Issue.newsletter) == slug)
    return {row.number: row.state for row in act.session.execute(numbers)}


def _wanted(act: Act, taken: Mapping[str, IssueState], slug: str, number: str) -> str:
    if not rhythm.is_number(number):
        why = _("„{number}“ ist keine Nummer. Die Form: 2026-12, Sonderausgabe 2026-12-s1.")
        raise WrongUsage(why=why.format(number=number))
    key = f"{slug}-{number}"
    if taken.get(number, IssueState.CANCELLED) is not IssueState.CANCELLED:
        raise NumberTaken(issue=key, special=_special(taken, number))
    if number in taken and _was_approved(act, key):
        raise WasApproved(issue=key, special=_special(taken, number))
    return number


def _next(act: Act, it: NewsletterSettings, slug: str, taken: Mapping[str, IssueState]) -> str:
    standing = {number for number, state in taken.items() if state is not IssueState.CANCELLED}
    first = rhythm.next_number(standing, it.rhythm, act.now, act.settings.almanac)
    free = rhythm.next_number(taken, it.rhythm, act.now, act.settings.almanac)
    key = f"{slug}-{first}"
    if first == free:
        return free
    if _was_approved(act, key):  # an editor must not get January by cancelling December
        raise NextIsUsedUp(issue=key, special=_special(taken, first), later=free)
    raise NextWasCancelled(issue=key, newsletter=slug, first=first, later=free)


def _special(taken: Iterable[str], number: str) -> str:
    specials = (f"{number[:7]}-s{count}" for count in range(1, 100))
    return next(special for special in specials if special not in taken)


def _filled(pattern: str, slots: Mapping[str, str]) -> str:
    for slot, value in slots.items():
        pattern = pattern.replace(slot, value)
    return pattern


def _with_occasion(opening: str, occasion: str) -> str:
    """The opening with this paragraph at its place; a pattern that names none: before the last."""
    if "{occasion}" in opening:
        return opening.replace("{occasion}", occasion)
    if not occasion:
        return opening
    *before, last = opening.strip().split("\n\n")
    return "\n\n".join([*before, occasion.strip(), last])
