"""Beginning an issue: its number, and the texts that its newsletter always opens with."""

import secrets
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlmodel import col

from newsletter import rhythm, texts
from newsletter.errors import Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import NewsletterSettings


class NumberTaken(Refused):
    sentence = N_(
        "Die Ausgabe {issue} gibt es schon. Eine Sonderausgabe heißt zum Beispiel"
        " --number {special}."
    )


class NextWasCancelled(Refused):
    sentence = N_(
        "Die nächste Ausgabe wäre {issue}, sie wurde aber abgesagt. Bitte --number angeben:"
        " {special} als Sonderausgabe oder {later} für die übernächste."
    )


def new(act: Act, slug: str, number: str | None = None) -> Issue:
    """Begin the next issue of a newsletter, or the one with this number.

    Subject, preheader and opening are the newsletter's patterns. Refuses a number that is
    taken; WrongUsage if there is no such newsletter, or it is no number.
    """
    it = act.settings.newsletter(slug)
    taken = _numbers(act, slug)
    number = _wanted(taken, slug, number) if number else _next(act, it, slug, taken)
    issue = Issue(
        id=f"{slug}-{number}",
        newsletter=slug,
        audience=it.audience,
        number=number,
        state=IssueState.DRAFT,
        subject=_filled(it.subject, number, act.settings.language),
        preheader=_filled(it.preheader, number, act.settings.language),
        opening=texts.markdown(_filled(it.opening, number, act.settings.language)),
        read_key=secrets.token_urlsafe(32),
        made_at=act.now,
        made_by=act.actor.name,
    )
    act.session.add(issue)
    act.session.flush()
    act.record("issue", issue.id, "made")
    return issue


def _numbers(act: Act, slug: str) -> dict[str, IssueState]:
    numbers = select(col(Issue.number), col(Issue.state)).where(col(Issue.newsletter) == slug)
    return {row.number: row.state for row in act.session.execute(numbers)}


def _wanted(taken: Mapping[str, IssueState], slug: str, number: str) -> str:
    if not rhythm.is_number(number):
        why = _("„{number}“ ist keine Nummer. Die Form: 2026-12, Sonderausgabe 2026-12-s1.")
        raise WrongUsage(why=why.format(number=number))
    if number in taken:
        raise NumberTaken(issue=f"{slug}-{number}", special=_special(taken, number))
    return number


def _next(act: Act, it: NewsletterSettings, slug: str, taken: Mapping[str, IssueState]) -> str:
    standing = {number for number, state in taken.items() if state is not IssueState.CANCELLED}
    first = rhythm.next_number(standing, it.rhythm, act.now, act.settings.zone)
    free = rhythm.next_number(taken, it.rhythm, act.now, act.settings.zone)
    if first != free:  # an editor must not get January by cancelling December
        raise NextWasCancelled(issue=f"{slug}-{first}", special=_special(taken, first), later=free)
    return free


def _special(taken: Iterable[str], number: str) -> str:
    specials = (f"{number[:7]}-s{count}" for count in range(1, 100))
    return next(special for special in specials if special not in taken)


def _filled(pattern: str, number: str, language: str) -> str:
    month = rhythm.month_name(number, language)
    return pattern.replace("{month}", month).replace("{year}", rhythm.year_of(number))
