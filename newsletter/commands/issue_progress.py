"""How far an issue has come, read from the database; what is to be expected before it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newsletter.commands.context import invocation
from newsletter.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel import Session

    from newsletter.dispatch.progress import Estimate, Progress
    from newsletter.models.correction import Correction
    from newsletter.models.issue import Issue


def expected(session: Session, newsletter: str, count: int) -> Estimate | None:
    """How long so many addresses will take; None if nobody can know."""
    from newsletter.dispatch import expectation

    return expectation.estimate(session, invocation.settings, newsletter, count)


def expected_facts(it: Estimate | None, starts: datetime | None) -> dict[str, Any] | None:
    """For JSON."""
    if it is None:
        return None
    return {
        "recipients": it.count,
        "seconds": round(it.takes.total_seconds()),
        "per_minute": round(it.per_minute, 1),
        "done_at": (starts + it.takes).isoformat() if starts else None,
        "like": it.like,
    }


@dataclass
class Standing:
    """How far an issue is, when it leaves, what keeps it from going on: for ``issue status``."""

    planned: str = ""  # of a scheduled one: when, and what is to be expected
    lines: Sequence[str] = ()
    facts: dict[str, Any] = field(default_factory=dict)  # for JSON

    def told(self, reason: str | None) -> list[str]:
        """All in words; ``reason``: why it is late, held or stopped."""
        if not reason:
            return list(self.lines)
        return [_("Grund: {why}").format(why=reason), *self.lines]


def standing(session: Session, issue: Issue, now: datetime) -> Standing:
    """How an issue stands at this moment."""
    from newsletter.dispatch import accounts, corrected, ledger, obstacles, progress
    from newsletter.models.correction import Correction

    zone = invocation.settings.zone
    it = seen(session, issue, now)
    in_the_way = list(obstacles.told(it, zone))
    planned, takes = "", None
    lines: list[str] = []
    if issue.state == "scheduled" and issue.send_at:
        listening = ledger.listening(session, issue)
        takes = expected(session, issue.newsletter, listening)
        planned = progress.in_words(issue.send_at, listening, takes, zone)
        if it.overdue:  # what was to be expected is over
            planned, in_the_way = in_the_way[0], []
    elif issue.state == "sending":
        lines = [progress.told(it, zone)]
    elif issue.recipients is not None:
        lines = [accounts.sentence(issue.recipients, ledger.by_reason(session, issue))]
    both = corrected.together(session, issue)
    if both is not None:
        lines += corrected.sentences(both)
    elif correction := session.get(Correction, issue.id):
        lines.insert(0, _corrects(issue, correction))
    facts = {
        "corrects": issue.corrects_id,
        **(corrected.facts(both) if both else {}),
        "progress": progress.facts(it) if issue.state == "sending" else None,
        "trouble": " ".join(each.why for each in it.away) or None,
        "estimate": expected_facts(takes, issue.send_at),
        "sender": it.sender,
        "due": bool(issue.send_at and issue.send_at <= now),
    }
    return Standing(planned, [*lines, *in_the_way], facts)


def _corrects(issue: Issue, its: Correction) -> str:
    from newsletter.commands.issue_correct import WHOM

    said = _("Korrektur zu {first}, {whom}: {note}")
    return said.format(first=issue.corrects_id, whom=_(WHOM[its.whom]), note=its.note)


def seen(session: Session, issue: Issue, now: datetime) -> Progress:
    """How far an issue is, without its providers."""
    from newsletter.dispatch import alarms, home_guard, ledger, pace, progress

    going = issue.state in {"opening", "sending"}
    known = [it.name for it in invocation.settings.relays]
    others = [it.name for it in invocation.settings.relays if not it.takes(issue.newsletter)]
    away = alarms.away(session, now, known, others) if going else []
    settings = invocation.settings
    sender = home_guard.at_work(session, settings.home)
    return progress.Progress(
        at=now,
        issue=issue.id,
        state=issue.state,
        recipients=issue.recipients,
        counts=ledger.sums(session, issue.id) if going or not issue.account else issue.account,
        per_minute=ledger.rate(session, issue.id, now) if going and sender is not False else None,
        limits=pace.limits_over(settings.sending, settings.relays),
        starts=issue.send_at,
        sender=sender,
        again=ledger.next_try(session, issue.id) if going else None,
        away=away,
        closed=bool(away) and len(away) >= len(settings.relays) - len(others),
    )
