"""Reading the issues that went out in a period, and the figures kept of each."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.dispatch.ledger import by_reason
from newsletter.issues import figures
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import GONE_OUT, Issue
from newsletter.settings import Settings

from .counting import Report, Sent, report
from .period import Period


def fetch(session: Session, settings: Settings, period: Period, now: datetime) -> Report:
    """The report about a period: issues whose sending began in it, as clocks show it here.

    Only those whose account is closed are counted; the others are named.
    """
    zone = settings.zone
    issues = session.scalars(
        select(Issue)
        .where(
            col(Issue.state).in_(GONE_OUT),
            col(Issue.opened_at) >= period.begins(zone),
            col(Issue.opened_at) < period.ends(zone),
        )
        .order_by(col(Issue.opened_at), col(Issue.id))
    ).all()
    closed = [issue for issue in issues if issue.closed_at is not None]
    sent = [_sent(session, settings, issue, now) for issue in closed]
    return report(period, now, sent, [it.id for it in issues if it.closed_at is None])


def _sent(session: Session, settings: Settings, issue: Issue, now: datetime) -> Sent:
    account: dict[DeliveryState, int] = {}
    for (state, _why), number in by_reason(session, issue).items():
        account[state] = account.get(state, 0) + number
    kept = figures.figures_of(session, settings, issue, now)
    it = settings.newsletters.get(issue.newsletter)
    accepted = account.pop(DeliveryState.ACCEPTED, 0)
    refused = account.pop(DeliveryState.REFUSED, 0)
    return Sent(
        issue.id,
        it.name if it else issue.newsletter,
        issue.opened_at or now,
        issue.corrects_id is not None,
        len(kept["items"]),
        issue.recipients or 0,
        accepted,
        refused,
        sum(account.values()),
        kept["after"]["bounced"],
        kept["after"]["left"],
        kept,
    )
