"""What became due: deferred rows, letters to repeat or to give up, rows of stopped issues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from newsletter.dispatch.pace import GIVE_UP_AFTER
from newsletter.history import Act
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.issue import Issue, IssueState

from .claims import SENDABLE, sendable
from .rows import (
    AT_ONCE,
    TABLES,
    WENT_OUT,
    Table,
    count_moved,
    first_moment,
    has_rows,
    ids,
    moving,
    overdue,
    settled_since,
)

_D = DeliveryState
_WAITING = (_D.QUEUED, _D.DEFERRED)
# Longer than any answer takes (final dot: ten minutes), shorter than a person's patience.
REPEAT_LETTER_AFTER = timedelta(minutes=15)


def wake(act: Act) -> int:
    """Queue what is due again, expire what is too old, skip what was stopped; how many rows."""
    moved = _repeat_letters(act) + _give_up(act)
    late = _letters(act, [_D.QUEUED, _D.DEFERRED], col(Letter.expires_at) <= act.now)
    moved += _move(act, Letter, late, _D.EXPIRED, "expired")
    moved += skip_stopped(act)
    moved += _move(act, Letter, _letters(act, [_D.DEFERRED], _due(Letter, act.now)), _D.QUEUED)
    again = _copies(act, [_D.DEFERRED], None, _due(Delivery, act.now))
    return moved + _move(act, Delivery, again, _D.QUEUED)


def _give_up(act: Act) -> int:
    """What was to go out long ago, or was sent again long ago."""
    since = act.now - GIVE_UP_AFTER
    letters = _letters(
        act, [_D.DEFERRED], col(Letter.posted_at) <= since, _not_resent_after(Letter, since)
    )
    copies = _copies(
        act, [_D.DEFERRED], col(Issue.opened_at) <= since, _not_resent_after(Delivery, since)
    )
    moved = _move(act, Letter, letters, _D.EXPIRED, "gave_up")
    return moved + _move(act, Delivery, copies, _D.EXPIRED, "gave_up")


def skip_stopped(act: Act) -> int:
    """Skip rows of issues that somebody stopped; how many, at most ``AT_ONCE``."""
    stopped = _copies(act, _WAITING, col(Issue.state) == IssueState.STOPPED)
    return _move(act, Delivery, stopped, _D.SKIPPED, "stopped")


def _repeat_letters(act: Act) -> int:
    """A letter whose fate is unknown goes once more, with the same Message-ID (DESIGN §3)."""
    return count_moved(
        act.session,
        moving(Letter, [_D.UNKNOWN], _D.QUEUED, resent_at=act.now).where(
            col(Letter.resent_at).is_(None),
            col(Letter.settled_at) <= act.now - REPEAT_LETTER_AFTER,
        ),
    )


def _letters(act: Act, states: Sequence[DeliveryState], *which: ColumnElement[bool]) -> list[int]:
    theirs = ids(Letter).where(col(Letter.state).in_(states), *which)
    return list(act.session.scalars(theirs.limit(AT_ONCE)))


def _copies(
    act: Act,
    states: Sequence[DeliveryState],
    issues: ColumnElement[bool] | None,
    *which: ColumnElement[bool],
) -> list[int]:
    """Issue by issue along the index. Asked for all at once and in the order of their making,
    PostgreSQL reads every row there is to find that none is meant.
    """
    found: list[int] = []
    for state in states:
        for issue_id in _having(act.session, state, issues):
            theirs = (
                select(col(Delivery.id))
                .where(col(Delivery.listed) == state, col(Delivery.issue_id) == issue_id, *which)
                .order_by(col(Delivery.not_before), col(Delivery.id))
                .limit(AT_ONCE - len(found))
            )
            found += [key for key in act.session.scalars(theirs) if key is not None]
    return found


def _having(
    session: Session, state: DeliveryState, issues: ColumnElement[bool] | None = None
) -> list[str]:
    """Of these issues, those that have rows in a state."""
    which = () if issues is None else (issues,)
    return list(session.scalars(select(col(Issue.id)).where(has_rows(state), *which)))


def _move(
    act: Act, table: Table, picked: Sequence[int], to: DeliveryState, why: str | None = None
) -> int:
    """Those of them that still wait."""
    if not picked:
        return 0
    from_ = _WAITING if why else [_D.DEFERRED]
    ending: dict[str, Any] = {"settled_at": act.now, "why": why} if why else {}
    statement = moving(table, from_, to, known=True, **ending)
    return count_moved(act.session, statement.where(col(table.id).in_(picked)))


def _due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Of deferred rows, which all have their moment."""
    return col(table.not_before) <= now


def _not_resent_after(table: Table, since: datetime) -> ColumnElement[bool]:
    resent = col(table.resent_at)
    return resent.is_(None) | (resent <= since)


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
    stopped = col(Issue.state) == IssueState.STOPPED
    found = [now for state in _WAITING if _having(session, state, stopped)]
    found += [_of_queue(session, issue_id, now) for issue_id in sendable(session)]
    going = col(Issue.state).in_(SENDABLE)
    first = [
        first_moment(session, key, _D.DEFERRED) for key in _having(session, _D.DEFERRED, going)
    ]
    return found + [moment for moment in first if moment is not None]


def _of_queue(session: Session, issue_id: str, now: datetime) -> datetime:
    """When the first of its queued rows may go; at most two steps into the index."""
    queued = (col(Delivery.issue_id) == issue_id, col(Delivery.listed) == _D.QUEUED)
    fresh = select(col(Delivery.id)).where(*queued, col(Delivery.not_before).is_(None)).limit(1)
    if session.scalar(fresh) is not None:
        return now
    return first_moment(session, issue_id, _D.QUEUED) or now


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
    if not most:
        return []
    went: list[datetime] = []
    for table in TABLES:
        settled = col(table.settled_at)
        rows = session.scalars(
            select(settled)
            .where(*settled_since(table, since), col(table.state).in_(WENT_OUT))
            .where(*([col(table.relay) == relay[:80]] if relay else []))
            .order_by(settled.desc())
            .limit(most)
        )
        went += [moment for moment in rows if moment is not None]
    return sorted(went)[-most:]
