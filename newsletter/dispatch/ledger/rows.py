"""Moving rows of the ledger: an UPDATE along arrows that the table of moves has.

Rows move in sets and under a condition, so this stands beside ``Act.move``. Which columns a
state empties or fills is written here once (the table in models/delivery).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Update,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from newsletter.errors import ImpossibleMove
from newsletter.models.delivery import (
    DELIVERY,
    FINAL,
    IN_HAND,
    UNFINISHED,
    Delivery,
    DeliveryState,
    Letter,
    Sender,
)
from newsletter.models.issue import Issue


@dataclass(frozen=True, slots=True)
class InHand:
    """A claimed copy: what a sender must know of its row. A model would cost twenty times as
    much to load, and there are thousands of them.
    """

    id: int
    claim: int
    attempts: int
    issue_id: str
    edition_id: int
    subscriber_id: int
    message_id: str


Row = Letter | InHand
Table = type[Letter] | type[Delivery]
Values = Mapping[str, Any]
TABLES: tuple[Table, Table] = (Letter, Delivery)  # letters first
Keys = frozenset[tuple[Table, int]]
AT_ONCE = 500  # rows per transaction: far below 50 ms on SQLite, so other writers barely wait
A_CLAIM_TAKES = timedelta(minutes=5)  # at most, as a rule: it is made to take two seconds
MADE_AT_ONCE = 10_000  # at most, of rows that the database makes by itself; as many as take 30 ms

_D = DeliveryState
WENT_OUT = (_D.ACCEPTED, _D.REFUSED, _D.UNKNOWN)  # a message that the relay has had


def moving(
    table: Table,
    from_: Iterable[DeliveryState],
    to: DeliveryState,
    *,
    known: bool = False,
    **changes: Any,
) -> Update:
    """An UPDATE of rows in one of ``from_``; the caller says which of them.

    ``known``: it names them by id. Then no index on the state may lead to them, which would
    look at a million rows for the sake of a few, but both kinds of database would choose it.
    """
    states = list(from_)
    for state in states:
        if not DELIVERY.allows(state, to):
            raise ImpossibleMove(noun=DELIVERY.word, key="", from_=state.value, to=to.value)
    state_of: Any = col(table.state)
    shown = func.coalesce(state_of, state_of) if known else state_of
    return (
        update(table)
        .where(or_(*(shown == state for state in states)))  # no IN in an executemany
        .values(state=to, **_emptied(table, to), **changes)
        .execution_options(synchronize_session=False)
    )


def _emptied(table: Table, to: DeliveryState) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if to in {_D.QUEUED, _D.DEFERRED}:
        columns = {"claim": None, "claimed_at": None, "settled_at": None, "why": None}
    elif to not in UNFINISHED:
        columns = {"not_before": None}
    if to in FINAL and table is Letter:
        columns |= {"text": "", "html": ""}  # they hold secret links
    return columns


def count_moved(session: Session, statement: Executable, values: Values | None = None) -> int:
    """Run an UPDATE; how many rows it moved. ``values`` name columns and its parameters."""
    return int(session.connection().execute(statement, values or {}).rowcount)


# A statement that runs once per message is built once: building costs more than running it.
@lru_cache(maxsize=64)
def settling(table: Table, from_: tuple[DeliveryState, ...], to: DeliveryState) -> Update:
    """``moving`` one row that is under its claim; see ``this``."""
    return moving(table, from_, to, known=True).where(*the_row(table))


def the_row(table: Table) -> tuple[ColumnElement[bool], ...]:
    """The condition "this row, under this claim"; its values come from ``this``."""
    return (col(table.id) == bindparam("this_id"), under(table, bindparam("this_claim")))


def under(table: Table, claim: Any) -> ColumnElement[bool]:
    """The condition "under this claim", of rows that are named by id: the index on claims leads
    to thousands, and PostgreSQL would choose it.
    """
    claimed: ColumnElement[bool] = func.coalesce(col(table.claim), 0) == claim
    return claimed


def this(row: Row) -> dict[str, Any]:
    """The values that ``the_row`` wants."""
    return {"this_id": row.id, "this_claim": row.claim}


def table_of(row: Row) -> Table:
    """Where it stands."""
    return Letter if isinstance(row, Letter) else Delivery


def key_of(row: Row) -> tuple[Table, int]:
    """Which row it is, for a set."""
    return table_of(row), row.id or 0


def of_table(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Those of one table, in their order."""
    return [row for row in rows if table_of(row) is table]


def ids(table: Table) -> Select[Any]:
    """The ids of some rows, in the order of their making; the caller says which."""
    return select(col(table.id)).order_by(col(table.id))


def overdue(table: Table, now: datetime) -> Any:
    """The condition "may be tried again by now", for queued and deferred rows."""
    return col(table.not_before).is_(None) | (col(table.not_before) <= now)


def not_through(session: Session) -> ColumnElement[bool]:
    """The condition "a copy of a claim that may have some in hand": of two or three at a time."""
    # The number itself: PostgreSQL takes "more than what another query says" for a third of all.
    return col(Delivery.claim) > (session.scalar(select(col(Sender.through))) or 0)


def in_hand(session: Session) -> tuple[ColumnElement[bool], ...]:
    """The condition "a sender has this copy in hand"; no index on the state leads to it."""
    return (not_through(session), col(Delivery.state).in_(sorted(IN_HAND)))


def has_rows(state: DeliveryState) -> ColumnElement[bool]:
    """The condition "this issue has a copy in that state", one that is listed; one step into the
    index for each issue.
    """
    # not EXISTS: PostgreSQL would read all rows of the state for that
    one = (
        select(col(Delivery.id))
        .where(col(Delivery.issue_id) == col(Issue.id), col(Delivery.listed) == state)
        .limit(1)
        .scalar_subquery()
    )
    return one.is_not(None)


def settled_since(table: Table, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition "settled at this moment or later".

    A copy is looked for by the moment of its claim, which lies before by as much as a claim
    takes. One that took longer still (a relay that answers late) is not found: for the pace
    and for estimates only.
    """
    later = col(table.settled_at) >= since
    if table is Letter:
        return (later,)
    return (col(Delivery.claimed_at) >= since - A_CLAIM_TAKES, later)


def first_moment(session: Session, issue_id: str, state: DeliveryState) -> datetime | None:
    """The first at which one of an issue's copies in this (listed) state may go; None: none has
    one.
    """
    # not MIN: without fresh statistics PostgreSQL reads all that have no moment as well
    moment = col(Delivery.not_before)
    theirs = (col(Delivery.issue_id) == issue_id, col(Delivery.listed) == state)
    return session.scalar(
        select(moment).where(*theirs, moment.is_not(None)).order_by(moment).limit(1)
    )
