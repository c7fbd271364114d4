"""Claim, intend, release: which rows a sender has in hand, and which may go out now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Update,
    bindparam,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import _
from newsletter.models.delivery import Delivery, DeliveryState, Letter, Sender
from newsletter.models.issue import Issue, IssueState
from subscribers import roster
from subscribers.columns import UtcDateTime
from subscribers.models import Subscriber, Subscription

from .rows import (
    TABLES,
    InHand,
    Keys,
    Row,
    Table,
    count_moved,
    has_rows,
    ids,
    in_hand,
    key_of,
    moving,
    of_table,
    overdue,
    settling,
    table_of,
    this,
    under,
)

_D = DeliveryState
# A row that a person said to resend is claimed although its issue is sent.
SENDABLE = (IssueState.SENDING, IssueState.SENT)


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that are ours, by this number, until they are settled or released."""

    number: int
    rows: tuple[Row, ...]  # letters first


def claim(
    act: Act, most: int, copies: int | None = None, without: Collection[str] = ()
) -> Claim | None:
    """Take up to ``most`` queued rows, letters first; None if there are none.

    ``copies``: at most so many that are not letters; ``without``: none of these newsletters.

    To be committed durably, and its number written to the home's mark, before any of them
    is worked on. It need not wait for its turn: a row that somebody else is changing is passed
    over, and whether its issue still goes out is asked again by ``intend_all``.
    """
    letters = list(act.session.scalars(_claimable(act, Letter).limit(most)))
    rest = most - len(letters)
    at_most = rest if copies is None else min(rest, copies)
    issues = sendable(act.session, without) if at_most else []
    if not letters and not issues:
        return None
    number = _next_number(act.session)
    taken: list[Row] = [*_take_letters(act, letters, number), *_take(act, issues, at_most, number)]
    return Claim(number, tuple(taken)) if taken else None


def _claimable(act: Act, table: Table) -> Any:
    statement = ids(table).where(col(table.state) == _D.QUEUED, overdue(table, act.now))
    if table is Letter:
        expires = col(Letter.expires_at)
        statement = statement.where(or_(expires.is_(None), expires > act.now))
    return statement.with_for_update(skip_locked=True)


def sendable(session: Session, without: Collection[str] = ()) -> list[str]:
    """Issues that go out now and have rows in the queue; the oldest first."""
    queued = has_rows(_D.QUEUED)
    return list(
        session.scalars(
            select(col(Issue.id))
            .where(col(Issue.state).in_(SENDABLE), queued, col(Issue.newsletter).not_in(without))
            .order_by(col(Issue.opened_at), col(Issue.id))
        )
    )


def _next_number(session: Session) -> int:
    number = session.connection().scalar(
        update(Sender)
        .where(col(Sender.id) == 1)
        .values(last_claim=col(Sender.last_claim) + 1)
        .returning(col(Sender.last_claim))
    )
    if number is None:
        raise Refused(why=_("Der Versand wurde noch nicht aufgenommen (Tabelle sender ist leer)."))
    return int(number)


def _take_letters(act: Act, picked: list[int], number: int) -> list[Letter]:
    if not picked:
        return []
    count_moved(act.session, _taking(Letter, picked), _by(act, number))
    return list(
        act.session.scalars(
            select(Letter)
            .where(col(Letter.id).in_(picked), col(Letter.claim) == number)
            .order_by(col(Letter.id))
            .execution_options(populate_existing=True)
        )
    )


def _take(act: Act, issue_ids: Sequence[str], most: int, number: int) -> list[InHand]:
    """One issue after the other, first what is due again, then what has not been tried.

    So each is read along its index, however long it is and however much of it has to wait.
    """
    columns = [getattr(Delivery, each.name) for each in fields(InHand)]
    taken: list[InHand] = []
    for issue_id in issue_ids:
        for which in (col(Delivery.not_before) <= act.now, col(Delivery.not_before).is_(None)):
            if len(taken) < most:
                # not in place: PostgreSQL may run that for each row, and lock others each time
                theirs = _queued(issue_id).where(which).limit(most - len(taken)).cte("theirs")
                rows = act.session.connection().execute(
                    _taking(Delivery, select(theirs.c.id)).returning(*columns), _by(act, number)
                )
                taken += (InHand(*row) for row in rows)
    return sorted(taken, key=attrgetter("id"))


def _queued(issue_id: str) -> Any:
    return (
        select(col(Delivery.id))
        .where(col(Delivery.listed) == _D.QUEUED, col(Delivery.issue_id) == issue_id)
        .order_by(col(Delivery.not_before), col(Delivery.id))
        .with_for_update(skip_locked=True)
    )


def _taking(table: Table, picked: Any) -> Update:
    return moving(
        table,
        [_D.QUEUED],
        _D.CLAIMED,
        known=True,
        claim=bindparam("this_claim"),
        claimed_at=bindparam("this_moment", type_=UtcDateTime),
    ).where(col(table.id).in_(picked))


def _by(act: Act, number: int) -> dict[str, Any]:
    return {"this_claim": number, "this_moment": act.now}


def intend(act: Act, row: Row) -> bool:
    """``intend_all`` for one row."""
    return key_of(row) in intend_all(act, [row])


def intend_all(act: Act, rows: Sequence[Row], *, again: bool = False) -> Keys:
    """claimed -> sending, for those that may still go out at this moment; only they may.

    The statement itself asks whether the issue still goes out and the reader may still be
    written to. A row that may not is skipped with the reason, or goes back to the queue.
    ``again``: the same was tried before, and it may have been committed when the connection
    to the database was lost; then nothing of it has gone out.
    """
    granted: set[tuple[Table, int]] = set()
    for table in TABLES:
        theirs = of_table(table, rows)
        if not theirs:
            continue
        granted |= _intended(act, table, theirs)
        if again:
            granted |= _intended_before(act, table, theirs)
    for row in rows:
        if key_of(row) not in granted:
            _keep_back(act, row)
    return frozenset(granted)


def _intended(act: Act, table: Table, rows: Sequence[Row]) -> set[tuple[Table, int]]:
    values: dict[str, Any] = {"these": [row.id for row in rows], "this_claim": rows[0].claim}
    if table is Letter:
        values["this_moment"] = act.now
    found = act.session.connection().execute(_intending(table), values).scalars()
    return {(table, key) for key in found}


def _intended_before(act: Act, table: Table, rows: Sequence[Row]) -> set[tuple[Table, int]]:
    found = act.session.scalars(
        select(col(table.id)).where(
            col(table.id).in_([row.id for row in rows]),
            under(table, rows[0].claim),
            col(table.state) == _D.SENDING,
        )
    )
    return {(table, key) for key in found if key is not None}


def _keep_back(act: Act, row: Row) -> None:
    reason = _why_skipped(act, row)
    if reason is None:
        count_moved(act.session, settling(table_of(row), (_D.CLAIMED,), _D.QUEUED), this(row))
    else:
        skip(act, row, reason)


@lru_cache(maxsize=2)
def _intending(table: Table) -> Executable:
    return intending(table, bindparam("these", expanding=True))


def intending(table: Table, these: Any, claim: str = "this_claim") -> Update:
    """The statement that asks and says ``sending``; ``these``: ids, all under one claim."""
    return (
        moving(table, [_D.CLAIMED], _D.SENDING, known=True, attempts=col(table.attempts) + 1)
        .where(col(table.id).in_(these), under(table, bindparam(claim)))
        .where(_letter_may_go() if table is Letter else _copy_may_go())
        .returning(col(table.id))
    )


def _letter_may_go() -> ColumnElement[bool]:
    expires = col(Letter.expires_at)
    moment = bindparam("this_moment", type_=UtcDateTime)
    return or_(expires.is_(None), expires > moment) & ~_addressee_is_gone()


def _copy_may_go() -> ColumnElement[bool]:
    going_out = or_(*(col(Issue.state) == state for state in SENDABLE))  # no IN: see Prepared
    newsletter = (
        select(col(Issue.newsletter))
        .where(col(Issue.id) == col(Delivery.issue_id), going_out)
        .correlate(Delivery)
        .scalar_subquery()
    )
    return roster.may_write(col(Delivery.subscriber_id), newsletter)


def _addressee_is_gone() -> ColumnElement[bool]:
    return exists().where(
        col(Subscription.id) == col(Letter.subscription_id),
        col(Subscriber.id) == col(Subscription.subscriber_id),
        col(Subscriber.erased_at).is_not(None),
    )


def _why_skipped(act: Act, row: Row) -> str | None:
    """One word; None: it was only held back (paused, expired, or back in the queue already)."""
    if isinstance(row, Letter):
        gone = act.session.scalar(
            select(col(Letter.id)).where(col(Letter.id) == row.id, _addressee_is_gone())
        )
        return "erased" if gone else None
    issue = act.session.get_one(Issue, row.issue_id, populate_existing=True)
    if issue.state is IssueState.STOPPED:
        return "stopped"
    return roster.why_not(act.session, row.subscriber_id, issue.newsletter)


def skip(act: Act, row: Row, why: str) -> None:
    """claimed -> skipped, for this reason."""
    _end(act, row, _D.SKIPPED, why)


def fail(act: Act, row: Row, why: str) -> None:
    """claimed -> failed: it could not be composed, for this reason."""
    _end(act, row, _D.FAILED, why)


def _end(act: Act, row: Row, to: DeliveryState, why: str) -> None:
    values = {**this(row), "settled_at": act.now, "why": why}
    count_moved(act.session, settling(table_of(row), (_D.CLAIMED,), to), values)


def release(act: Act, number: int) -> int:
    """Give back what was claimed under this number and not sent; how many rows that were."""
    back = sum(
        count_moved(
            act.session,
            moving(table, [_D.CLAIMED], _D.QUEUED, known=table is Delivery).where(
                col(table.claim) == number
            ),
        )
        for table in TABLES
    )
    through(act, number)
    return back


def through(act: Act, number: int | None = None) -> None:
    """Note that no copy of the claims up to this one (or of any) is in hand, if that is so."""
    upto: Any = col(Sender.last_claim) if number is None else literal(number)
    theirs = select(col(Delivery.id)).where(*in_hand(act.session), col(Delivery.claim) <= upto)
    act.session.connection().execute(
        update(Sender)
        .where(col(Sender.through) < upto, ~theirs.correlate(Sender).exists())
        .values(through=upto)
    )
