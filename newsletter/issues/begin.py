"""Beginning an issue: its number, and the texts that its newsletter always opens with."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlmodel import Session, col

from newsletter import numbers, rhythm, texts
from newsletter.errors import Refused, WrongUsage
from newsletter.history import SYSTEM, Act
from newsletter.language import N_, _, speaking
from newsletter.models.issue import (
    ISSUE,
    Approval,
    ApprovalState,
    Issue,
    IssueState,
    Placement,
)
from newsletter.numbers import Numbers
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


class IsLeftOut(Refused):
    sentence = N_(
        "{issue} fällt aus: „{why}“. Soll sie doch erscheinen:"
        " newsletter issue unskip {newsletter} {number}"
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
    it refuses while another issue is a draft. A draft that was made by itself and that nobody
    has touched is taken over. A number that is taken or left out is refused; what was cancelled
    before anybody approved it is begun anew, empty. WrongUsage if there is no such newsletter,
    or it is no number.
    """
    it = act.settings.newsletter(slug)
    known = numbers.of(act.session, slug)
    ready = untouched(act.session, slug)
    taken = {each: state for each, state in known.states.items() if each not in ready}
    if not number and not also and (draft := open_draft(act.session, slug)):
        raise DraftIsOpen(issue=draft, newsletter=slug)
    number = (
        _wanted(act, known, taken, slug, number) if number else _next(act, it, slug, known, taken)
    )
    if number in ready:
        return _taken_over(act, slug, number, words)
    if number in taken:
        return anew(act, slug, number, words)
    return make(act, slug, number, words)


def make(
    act: Act, slug: str, number: str, words: Words = _NO_WORDS, why: str | None = None
) -> Issue:
    """Begin an issue whose number is free."""
    begun = _begun(act, slug, number, words)
    issue = Issue(
        id=f"{slug}-{number}", newsletter=slug, number=number, state=IssueState.DRAFT, **begun
    )
    act.session.add(issue)
    act.session.flush()
    act.record("issue", issue.id, "made", why=why)
    return issue


def _taken_over(act: Act, slug: str, number: str, words: Words) -> Issue:
    """The draft that was made by itself, as if it were begun now."""
    issue = act.session.get_one(Issue, f"{slug}-{number}")
    changes = _begun(act, slug, number, words)
    act.session.execute(
        update(Issue).where(col(Issue.id) == issue.id, col(Issue.version) == 1).values(**changes)
    )
    act.session.refresh(issue)
    act.record("issue", issue.id, "taken over")
    return issue


def _begun(act: Act, slug: str, number: str, words: Words) -> dict[str, Any]:
    it = act.settings.newsletter(slug).of(number)
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


def anew(act: Act, slug: str, number: str, words: Words = _NO_WORDS) -> Issue:
    """A cancelled issue as a draft, without what stood in it; its history stays."""
    key, begun = f"{slug}-{number}", _begun(act, slug, number, words)
    issue = act.session.get_one(Issue, key)
    act.session.execute(delete(Placement).where(col(Placement.issue_id) == key))
    gone = {"content_hash": None, "accepted_warnings": None, "send_at": None, "corrects_id": None}
    version = issue.version + 1
    why = N_("neu begonnen")
    act.move(issue, ISSUE, IssueState.DRAFT, why=why, **begun, **gone, version=version)
    return issue


def open_draft(session: Session, slug: str) -> str | None:
    """The newest regular issue of a newsletter that somebody has drafted, by its id."""
    drafts = select(col(Issue.id), col(Issue.number)).where(
        col(Issue.newsletter) == slug, col(Issue.state) == IssueState.DRAFT
    )
    rows = session.execute(drafts.order_by(col(Issue.number).desc()))
    ready = untouched(session, slug)
    regular = (row.id for row in rows if rhythm.is_regular(row.number) and row.number not in ready)
    return next(regular, None)


def untouched(session: Session, slug: str) -> set[str]:
    """The numbers of drafts that were made by themselves and that nobody has touched since."""
    filled = exists().where(col(Placement.issue_id) == col(Issue.id))
    drafts = select(col(Issue.number)).where(
        col(Issue.newsletter) == slug,
        col(Issue.state) == IssueState.DRAFT,
        col(Issue.made_by) == SYSTEM.name,
        col(Issue.version) == 1,
        ~filled,
    )
    return {*session.scalars(drafts)}


def _was_approved(act: Act, key: str) -> bool:
    approved = exists().where(
        col(Approval.issue_id) == key,
        col(Approval.decided_at).is_not(None),
        col(Approval.state) != ApprovalState.DECLINED,
    )
    return bool(act.session.scalar(select(approved)))


def _wanted(
    act: Act, known: Numbers, taken: Mapping[str, IssueState], slug: str, number: str
) -> str:
    if not rhythm.is_number(number):
        why = _("„{number}“ ist keine Nummer. Die Form: 2026-12, Sonderausgabe 2026-12-s1.")
        raise WrongUsage(why=why.format(number=number))
    key = f"{slug}-{number}"
    if number in known.left_out:
        why = known.left_out[number]
        raise IsLeftOut(issue=key, why=why, newsletter=slug, number=number)
    if taken.get(number, IssueState.CANCELLED) is not IssueState.CANCELLED:
        raise NumberTaken(issue=key, special=_special(taken, number))
    if number in taken and _was_approved(act, key):
        raise WasApproved(issue=key, special=_special(taken, number))
    return number


def _next(
    act: Act,
    it: NewsletterSettings,
    slug: str,
    known: Numbers,
    taken: Mapping[str, IssueState],
) -> str:
    out, almanac = {*known.left_out}, act.settings.almanac
    standing = {number for number, state in taken.items() if state is not IssueState.CANCELLED}
    first = rhythm.next_number(standing | out, it.rhythm, act.now, almanac)
    free = rhythm.next_number({*taken} | out, it.rhythm, act.now, almanac)
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
