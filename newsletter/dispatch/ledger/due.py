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

from .claims import SENDABLE
from .rows import AT_ONCE, TABLES, Table, count_moved, ids, moving, overdue

_D = DeliveryState
# Longer than any answer takes (final dot: ten minutes), shorter than a person's patience.
REPEAT_LETTER_AFTER = timedelta(minutes=15)


def wake(act: Act) -> None:
    """Queue what is due again, once; expire what is too old; skip what was stopped."""
    _repeat_letters(act)
    for table in TABLES:
        _end(act, table, _D.EXPIRED, "gave_up", [_D.DEFERRED], _too_old(table, act.now))
    expired = col(Letter.expires_at) <= act.now
    _end(act, Letter, _D.EXPIRED, "expired", [_D.QUEUED, _D.DEFERRED], expired)
    stopped = col(Delivery.issue_id).in_(_issues(IssueState.STOPPED))
    _end(act, Delivery, _D.SKIPPED, "stopped", [_D.QUEUED, _D.DEFERRED], stopped)
    for table in TABLES:
        due = ids(table).where(col(table.state) == _D.DEFERRED, overdue(table, act.now))
        picked = list(act.session.scalars(due.limit(AT_ONCE)))
        if picked:
            count_moved(
                act.session,
                moving(table, [_D.DEFERRED], _D.QUEUED).where(col(table.id).in_(picked)),
            )


def _repeat_letters(act: Act) -> None:
    """A letter whose fate is unknown goes once more, with the same Message-ID (DESIGN §3)."""
    count_moved(
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
) -> None:
    states = list(from_)
    picked = list(
        act.session.scalars(ids(table).where(col(table.state).in_(states), which).limit(AT_ONCE))
    )
    if picked:
        statement = moving(table, states, to, settled_at=act.now, why=why)
        count_moved(act.session, statement.where(col(table.id).in_(picked)))


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
    moments: list[tuple[Any, str]] = []
    for table in TABLES:
        what = "letter" if table is Letter else "delivery"
        moments += [(moment, what) for moment in _moments(session, table, now)]
    found = [Due(moment, what) for moment, what in moments if moment is not None]
    return min(found, key=lambda due: due.at, default=None)


def _moments(session: Session, table: Table, now: datetime) -> list[datetime | None]:
    state, not_before = col(table.state), col(table.not_before)
    goes_out: Any = True
    if table is Delivery:
        goes_out = col(Delivery.issue_id).in_(_issues(*SENDABLE, IssueState.STOPPED))
    queued = ids(table).where(state == _D.QUEUED, overdue(table, now), goes_out).limit(1)
    deferred = select(func.min(not_before)).where(state == _D.DEFERRED, goes_out)
    moments = [
        now if session.scalar(queued) is not None else None,
        session.scalar(deferred),
    ]
    if table is Letter:
        first = select(func.min(col(Letter.settled_at))).where(
            state == _D.UNKNOWN, col(Letter.resent_at).is_(None)
        )
        unknown_since = session.scalar(first)
        moments.append(unknown_since and unknown_since + REPEAT_LETTER_AFTER)
    return moments


def lately(session: Session, since: datetime, most: int) -> list[datetime]:
    """When messages went out since a moment: the newest ``most`` of them, for the pace."""
    went: list[datetime] = []
    for table in TABLES:
        settled = col(table.settled_at)
        rows = session.scalars(
            select(settled)
            .where(settled >= since, col(table.state).in_([_D.ACCEPTED, _D.REFUSED, _D.UNKNOWN]))
            .order_by(settled.desc())
            .limit(most)
        )
        went += [moment for moment in rows if moment is not None]
    return sorted(went)[-most:] if most else []
