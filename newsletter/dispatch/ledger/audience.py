"""Fixing the audience of an issue: one row per reader, in short transactions.

A crash between two of them loses nothing: the cursor is committed with its rows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    func,
    insert,
    literal,
    select,
    type_coerce,
    update,
)
from sqlmodel import Session, col

from newsletter.content import Variant
from newsletter.database.chance import RandomHex
from newsletter.errors import Overtaken, Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.letters import domain_of
from newsletter.models.correction import Correction
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import ISSUE, EditionRow, Issue, IssueState
from subscribers import roster
from subscribers.columns import EnumText, UtcDateTime
from subscribers.models import EditionChoice

from .rows import AT_ONCE

NO_DATES = "no_dates"  # why a copy was skipped: its reader wants dates, and there are none


class NoEdition(Refused):
    """The approved bytes are not there."""

    sentence = N_(
        "Zur Ausgabe {issue} fehlt die freigegebene Versandfassung; es geht nichts hinaus."
        " Bitte die Freigabe neu anfragen: newsletter issue request {issue}"
    )


def open_issue(act: Act, issue: Issue) -> None:
    """scheduled -> opening: the audience ends at the newest subscription of this moment; that of
    a correction at the last reader in the first issue's account.
    """
    last: Select[Any] = roster.highest(issue.newsletter)
    if issue.corrects_id is not None:
        last = select(func.max(col(Delivery.subscriber_id))).where(_account_of(issue))
    upto = act.session.scalar(last) or 0
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
    theirs = _walked(issue, cursor, upto)
    last = act.session.execute(theirs.offset(at_once - 1).limit(1)).first()
    reached = last[0] if last else upto
    _insert(act, issue, cursor, reached)
    _advance(act, issue, reached)
    return reached < upto


def _account_of(correction: Issue) -> ColumnElement[bool]:
    return col(Delivery.issue_id) == correction.corrects_id


def _walked(issue: Issue, after: int, upto: int) -> Select[Any]:
    """What the cursor walks along: subscriptions; for a correction the first issue's rows by
    reader, so that each step looks at few, however rare those are that are meant.
    """
    if issue.corrects_id is None:
        return roster.audience(issue.newsletter, after, upto)
    reader = col(Delivery.subscriber_id)
    return select(reader).where(_account_of(issue), reader > after, reader <= upto).order_by(reader)


def _meant(session: Session, issue: Issue, after: int, upto: int) -> Select[Any]:
    """Readers to make rows for, each with the edition they chose, or had of the issue that this
    one corrects. Of a correction all who are meant, so that both accounts add
    up: who has left since is skipped by whoever claims the row, which says why (promise 5).
    """
    if issue.corrects_id is None:
        return roster.audience(issue.newsletter, after, upto)
    its = session.get_one(Correction, issue.id)
    reader: Any = col(Delivery.subscriber_id)
    had = case((col(Delivery.why) == NO_DATES, Variant.DATES), else_=col(EditionRow.variant))
    edition = type_coerce(had, EnumText(EditionChoice)).label("edition")
    return (
        select(reader.label("id"), reader.label("subscriber_id"), edition)
        .join(EditionRow, col(EditionRow.id) == col(Delivery.edition_id))
        .where(
            _account_of(issue),
            reader > after,
            reader <= upto,
            col(Delivery.state).in_(its.whom.states),
        )
    )


def listening(session: Session, issue: Issue) -> int:
    """How many would get an issue now, as lists and accounts stand."""
    if issue.corrects_id is None:
        return session.scalar(roster.how_many(issue.newsletter)) or 0
    its = session.get_one(Correction, issue.id)
    meant = select(func.count()).where(
        _account_of(issue),
        col(Delivery.state).in_(its.whom.states),
        roster.may_write(col(Delivery.subscriber_id), issue.newsletter),
    )
    return session.scalar(meant) or 0


def _insert(act: Act, issue: Issue, cursor: int, reached: int) -> None:
    """By the database itself: a million rows that travel there and back take ten times as long.

    The row keeps the edition that its reader chose up to this moment.
    """
    domain = domain_of(act.settings, issue.newsletter)
    # Ordered by time and random behind it: an index of a million of these grows at its end.
    stamp = f"{int(act.now.timestamp() * 1000):012x}"
    readers = _meant(act.session, issue, cursor, reached).subquery()
    values: dict[str, ColumnElement[Any]] = {
        "issue_id": literal(issue.id),
        "subscriber_id": readers.c.subscriber_id,
        "message_id": literal(stamp) + RandomHex() + literal(f"@{domain}"),
        "attempts": literal(0),
        **_chosen(_editions_of(act.session, issue), readers.c.edition, act.now),
    }
    rows = select(*values.values()).select_from(readers).order_by(readers.c.id)
    act.session.connection().execute(insert(Delivery).from_select(list(values), rows))


def _chosen(
    editions: Mapping[str, int], choice: ColumnElement[Any], now: datetime
) -> dict[str, ColumnElement[Any]]:
    """Which edition a row is about, and its state: who wants dates only, of an issue that has
    none, is skipped at once. An issue stored before there was a choice goes out whole to all.
    """
    full, state = editions[Variant.FULL], EnumText(DeliveryState)
    queued = literal(DeliveryState.QUEUED, state)
    if len(editions) == 1:
        return {"edition_id": literal(full), "state": queued}
    other = {each: editions[each] for each in EditionChoice if each in editions}
    edition = case(*((choice == each, number) for each, number in other.items()), else_=full)
    if Variant.DATES in editions:
        return {"edition_id": edition, "state": queued}
    nothing = choice == EditionChoice.DATES
    skipped = literal(DeliveryState.SKIPPED, state)
    return {
        "edition_id": edition,
        "state": case((nothing, skipped), else_=queued),
        "settled_at": case((nothing, literal(now, UtcDateTime()))),
        "why": case((nothing, literal(NO_DATES))),
    }


def _editions_of(session: Session, issue: Issue) -> dict[str, int]:
    """The approved editions' ids, by variant."""
    rows = session.execute(
        select(col(EditionRow.variant), col(EditionRow.id)).where(
            col(EditionRow.issue_id) == issue.id,
            col(EditionRow.content_hash) == issue.content_hash,
        )
    )
    found = {variant: number for variant, number in rows if number is not None}
    if Variant.FULL not in found:
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
