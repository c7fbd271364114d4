"""How far an issue has come, read from the database; what is to be expected before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.commands.context import invocation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from newsletter.dispatch.progress import Estimate, Progress
    from newsletter.models.issue import Issue


_LAST_WORDS = 10  # lines of history about the sender


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


def trouble(session: Session) -> str:
    """What a mail server said last, if it has taken nothing since; else nothing."""
    from newsletter import history

    lines = history.recorded(session, [("sender", "")], most=_LAST_WORDS)
    said = [line for line in lines if line.what in {"trouble", "well"}]
    return (said[-1].why or "") if said and said[-1].what == "trouble" else ""


def seen(session: Session, issue: Issue, now: datetime) -> Progress:
    """How far an issue is, without its providers."""
    from newsletter.dispatch import ledger, pace, progress

    going = issue.state in {"opening", "sending"}
    return progress.Progress(
        at=now,
        issue=issue.id,
        state=issue.state,
        recipients=issue.recipients,
        counts=ledger.sums(session, issue.id) if going or not issue.account else issue.account,
        per_minute=ledger.rate(session, issue.id, now) if going else None,
        limits=pace.limits_over(invocation.settings.sending, invocation.settings.relays),
        starts=issue.send_at,
    )
