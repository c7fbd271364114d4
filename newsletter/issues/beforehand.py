"""What is wrong with items, before they stand in an issue."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from newsletter import checks, queue, submissions
from newsletter.content import Finding, Level
from newsletter.models.submission import Submission
from newsletter.settings import Settings


def found(
    session: Session, settings: Settings, now: datetime, rows: Sequence[Submission]
) -> list[Finding]:
    """Everything, item by item; that the rights are missing as well, without which none appears."""
    today = now.astimezone(settings.zone).date()
    items = submissions.items_of(session, settings, [(it.id or 0, None) for it in rows], today)
    facts = checks.Facts(
        now,
        settings.zone,
        loopback=settings.links.loopback,
        gender=settings.checks.gender_level,
        unusable=queue.without_rights(session, rows),
    )
    return [finding for item in items.values() for finding in checks.check_item(item, facts)]


def before_an_issue(
    session: Session, settings: Settings, now: datetime, rows: Sequence[Submission]
) -> list[Finding]:
    """What an editor should mend before an issue goes out; hints come later."""
    return [it for it in found(session, settings, now, rows) if it.level is not Level.HINT]
