"""Fixing the audience of an issue: one row per reader, in short transactions.

A crash between two of them loses nothing: the cursor is committed with its rows.
"""

import secrets

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from newsletter.errors import Overtaken, Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.letters import domain_of
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import ISSUE, EditionRow, Issue, IssueState
from subscribers import roster

from .rows import AT_ONCE


class NoEdition(Refused):
    """The approved bytes are not there."""

    sentence = N_(
        "Zur Ausgabe {issue} fehlt die freigegebene Versandfassung; es geht nichts hinaus."
        " Bitte die Freigabe neu anfragen: newsletter issue request {issue}"
    )


def open_issue(act: Act, issue: Issue) -> None:
    """scheduled -> opening: the audience ends at the newest subscription of this moment."""
    upto = act.session.scalar(roster.highest(issue.newsletter)) or 0
    act.move(
        issue,
        ISSUE,
        IssueState.OPENING,
        audience_upto=upto,
        audience_cursor=0,
        opened_at=act.now,
    )


def opening(session: Session) -> list[str]:
    """Issues whose audience is being fixed, or was when somebody pulled the plug."""
    return list(
        session.scalars(
            select(col(Issue.id))
            .where(col(Issue.state) == IssueState.OPENING)
            .order_by(col(Issue.opened_at))
        )
    )


def fill_audience(act: Act, issue_id: str, at_once: int = AT_ONCE) -> bool:
    """Write the rows of the next readers; False when all are there (or the issue was stopped)."""
    issue = act.session.get_one(Issue, issue_id)
    cursor, upto = issue.audience_cursor or 0, issue.audience_upto or 0
    if issue.state is not IssueState.OPENING or cursor >= upto:
        return False
    readers = act.session.execute(
        roster.audience(issue.newsletter, cursor, upto).limit(at_once)
    ).all()
    reached = readers[-1][0] if len(readers) == at_once else upto
    if readers:
        _insert(act, issue, [subscriber_id for _, subscriber_id in readers])
    _advance(act, issue, reached)
    return reached < upto


def _insert(act: Act, issue: Issue, readers: list[int]) -> None:
    edition_id = _edition_of(act.session, issue)
    domain = domain_of(act.settings, issue.newsletter)
    # Ordered by time and random behind it: an index of a million of these grows at its end.
    stamp = f"{int(act.now.timestamp() * 1000):012x}"
    act.session.connection().execute(
        insert(Delivery),
        [
            {
                "issue_id": issue.id,
                "edition_id": edition_id,
                "subscriber_id": reader,
                "state": DeliveryState.QUEUED,
                "message_id": f"{stamp}{secrets.token_hex(10)}@{domain}",
                "attempts": 0,
            }
            for reader in readers
        ],
    )


def _edition_of(session: Session, issue: Issue) -> int:
    found = session.scalar(
        select(col(EditionRow.id)).where(
            col(EditionRow.issue_id) == issue.id,
            col(EditionRow.content_hash) == issue.content_hash,
            col(EditionRow.variant) == "full",
        )
    )
    if found is None:
        raise NoEdition(issue=issue.id)
    return found


def _advance(act: Act, issue: Issue, reached: int) -> None:
    moved = act.session.connection().execute(
        update(Issue)
        .where(
            col(Issue.id) == issue.id,
            col(Issue.state) == IssueState.OPENING,
            col(Issue.audience_cursor) == issue.audience_cursor,
        )
        .values(audience_cursor=reached)
    )
    if moved.rowcount != 1:
        raise Overtaken(noun=ISSUE.word, key=issue.id)
    act.session.refresh(issue)


def recipients_of(session: Session, issue_id: str) -> int:
    """How many readers stand in the ledger for an issue."""
    counted = session.scalar(
        select(func.count()).select_from(Delivery).where(col(Delivery.issue_id) == issue_id)
    )
    return counted or 0


def start_sending(act: Act, issue_id: str, recipients: int) -> None:
    """opening -> sending: the audience is fixed, and its number is kept."""
    issue = act.session.get_one(Issue, issue_id)
    act.move(issue, ISSUE, IssueState.SENDING, recipients=recipients)
