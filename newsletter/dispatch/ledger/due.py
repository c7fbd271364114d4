"""What became due: deferred rows, letters to repeat or to give up, rows of stopped issues."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from newsletter.dispatch.pace import GIVE_UP_AFTER
from newsletter.history import Act
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.issue import Issue, IssueState

from .claims import SENDABLE, sendable
from .rows import AT_ONCE, TABLES, Table, count_moved, ids, moving, overdue

_D = DeliveryState
# Longer than any answer takes (final dot: ten minutes), shorter than a person's patience.
REPEAT_LETTER_AFTER = timedelta(minutes=15)


def wake(act: Act) -> int:
    """Queue what is due again, expire what is too old, skip what was stopped; how many rows."""
    moved = _repeat_letters(act)
    for table in TABLES:
        moved += _end(act, table, _D.EXPIRED, "gave_up", [_D.DEFERRED], _too_old(table, act.now))
    expired = col(Letter.expires_at) <= act.now
    moved += _end(act, Letter, _D.EXPIRED, "expired", [_D.QUEUED, _D.DEFERRED], expired)
    moved += skip_stopped(act)
    return moved + sum(_queue_again(act, table) for table in TABLES)


def skip_stopped(act: Act) -> int:
    """Skip rows of issues that somebody stopped; how many, at most ``AT_ONCE``."""
    stopped = col(Delivery.issue_id).in_(_issues(IssueState.STOPPED))
    return _end(act, Delivery, _D.SKIPPED, "stopped", [_D.QUEUED, _D.DEFERRED], stopped)


def _queue_again(act: Act, table: Table) -> int:
    due = ids(table).where(col(table.state) == _D.DEFERRED, overdue(table, act.now))
    picked = list(act.session.scalars(due.limit(AT_ONCE)))
    if not picked:
        return 0
    statement = moving(table, [_D.DEFERRED], _D.QUEUED, known=True)
    return count_moved(act.session, statement.where(col(table.id).in_(picked)))


def _repeat_letters(act: Act) -> int:
    """A letter whose fate is unknown goes once more, with the same Message-ID (DESIGN §3)."""
    return count_moved(
        act.session,
        moving(Letter, [_D.UNKNOWN], _D.QUEUED, resent_at=act.now).where(
            col(Letter.resent_at).is_(None),
            col(Letter.settled_at) <= act.now - REPEAT_LETTER_AFTER,
        ),
    )


def _end(
    act: Act,
    table: Table,
    to: DeliveryState,
    why: str,
    from_: Iterable[DeliveryState],
    which: ColumnElement[bool] | Any,
) -> int:
    states = list(from_)
    picked = list(
        act.session.scalars(ids(table).where(col(table.state).in_(states), which).limit(AT_ONCE))
    )
    if not picked:
        return 0
    statement = moving(table, states, to, known=True, settled_at=act.now, why=why)
    return count_moved(act.session, statement.where(col(table.id).in_(picked)))


def _too_old(table: Table, now: datetime) -> ColumnElement[bool] | Any:
    since = now - GIVE_UP_AFTER
    first: ColumnElement[bool] | Any = col(Letter.posted_at) <= since
    if table is Delivery:
        opened = select(col(Issue.id)).where(col(Issue.opened_at) <= since)
        first = col(Delivery.issue_id).in_(opened)
    resent = col(table.resent_at)
    return first & (resent.is_(None) | (resent <= since))


def _issues(*states: IssueState) -> Select[str]:
    return select(col(Issue.id)).where(col(Issue.state).in_(states))


@dataclass(frozen=True, slots=True)
class Due:
    """When the ledger has to be looked at next, and what for."""

    at: datetime
    what: str  # "letter" or "delivery"


def next_due(session: Session, now: datetime) -> Due | None:
    """The next moment at which a row wants something; ``now`` or earlier: there is work."""
    found = [Due(moment, "letter") for moment in _of_letters(session, now)]
    found += [Due(moment, "delivery") for moment in _of_deliveries(session, now)]
    return min(found, key=lambda due: due.at, default=None)


def _of_letters(session: Session, now: datetime) -> list[datetime]:
    unknown_since = session.scalar(
        select(func.min(col(Letter.settled_at))).where(
            col(Letter.state) == _D.UNKNOWN, col(Letter.resent_at).is_(None)
        )
    )
    repeat = [unknown_since + REPEAT_LETTER_AFTER] if unknown_since else []
    return [*repeat, *_of(session, Letter, now)]


def _of_deliveries(session: Session, now: datetime) -> list[datetime]:
    goes_out = col(Delivery.issue_id).in_(_issues(*SENDABLE))
    to_skip = ids(Delivery).where(
        col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]),
        col(Delivery.issue_id).in_(_issues(IssueState.STOPPED)),
    )
    stopped = [now] if session.scalar(to_skip.limit(1)) is not None else []
    deferred = session.scalar(
        select(func.min(col(Delivery.not_before))).where(
            col(Delivery.state) == _D.DEFERRED, goes_out
        )
    )
    queued = [_of_queue(session, issue_id, now) for issue_id in sendable(session)]
    return stopped + queued + ([deferred] if deferred else [])


def _of_queue(session: Session, issue_id: str, now: datetime) -> datetime:
    """When the first of its queued rows may go; at most two steps into the index."""
    queued = (col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED)
    fresh = select(col(Delivery.id)).where(*queued, col(Delivery.not_before).is_(None)).limit(1)
    if session.scalar(fresh) is not None:
        return now
    return session.scalar(select(func.min(col(Delivery.not_before))).where(*queued)) or now


def _of(
    session: Session, table: Table, now: datetime, *which: ColumnElement[bool]
) -> list[datetime]:
    state = col(table.state)
    queued = ids(table).where(state == _D.QUEUED, overdue(table, now), *which)
    if session.scalar(queued.limit(1)) is not None:
        return [now]
    waiting = state.in_([_D.QUEUED, _D.DEFERRED])
    again = session.scalar(select(func.min(col(table.not_before))).where(waiting, *which))
    return [again] if again else []


def lately(
    session: Session, since: datetime, most: int, relay: str | None = None
) -> list[datetime]:
    """When messages went out (over a relay) since a moment: the newest ``most``, for the pace."""
    went_out = [_D.ACCEPTED, _D.REFUSED, _D.UNKNOWN]
    went: list[datetime] = []
    for table in TABLES:
        settled = col(table.settled_at)
        rows = session.scalars(
            select(settled)
            .where(settled >= since, col(table.state).in_(went_out))
            .where(*([col(table.relay) == relay[:80]] if relay else []))
            .order_by(settled.desc())
            .limit(most)
        )
        went += [moment for moment in rows if moment is not None]
    return sorted(went)[-most:] if most else []
