"""What came of a row: settled under its own claim, or recovered after its sender died."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, assert_never

from newsletter.dispatch.pace import retry_at
from newsletter.dispatch.replies import Deferred, Outcome, Receipt, Refused, Unknown
from newsletter.history import Act
from newsletter.models.delivery import IN_HAND, UNFINISHED, Delivery, DeliveryState

from .claims import through
from .rows import (
    TABLES,
    Row,
    Table,
    count_moved,
    moving,
    not_through,
    settling,
    table_of,
    this,
)

_D = DeliveryState
_jitter = Random()  # noqa: S311  (spreads retries, keeps no secret)


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a row; ``again``: when a deferred one comes next, if not at its usual time."""

    row: Row
    outcome: Outcome
    again: datetime | None = None


def settle(
    act: Act,
    row: Row,
    outcome: Outcome,
    *,
    again: datetime | None = None,
    rng: Random = _jitter,
) -> bool:
    """``settle_all`` for one row; False if it is no longer under its claim."""
    return bool(settle_all(act, [Settled(row, outcome, again)], rng))


def settle_all(act: Act, settled: Sequence[Settled], rng: Random = _jitter) -> int:
    """Write what came of rows that were intended, each under its own claim; how many were.

    A late answer counts: a row that was called unknown meanwhile still takes it. To write the
    same twice does no harm.
    """
    alike: defaultdict[tuple[Table, DeliveryState], list[dict[str, Any]]] = defaultdict(list)
    for each in settled:
        to, changes = _written(act, each.row, each.outcome, each.again, rng)
        alike[table_of(each.row), to].append({**this(each.row), **changes})
    moved = 0
    for (table, to), values in alike.items():
        from_ = (_D.SENDING,) if to is _D.UNKNOWN else (_D.SENDING, _D.UNKNOWN)
        statement = settling(table, from_, to)
        moved += int(act.session.connection().execute(statement, values).rowcount)
    return moved


def _written(
    act: Act, row: Row, outcome: Outcome, again: datetime | None, rng: Random
) -> tuple[DeliveryState, dict[str, Any]]:
    known = said(outcome)
    match outcome:
        case Receipt():
            return _D.ACCEPTED, {**known, "settled_at": act.now, "why": None}
        case Deferred():
            # attempts counts this try: the statement that intended it has added it
            usual = retry_at(row.attempts + 1, act.now, rng)
            return _D.DEFERRED, {**known, "not_before": again or usual}
        case Refused():
            return _D.REFUSED, {**known, "settled_at": act.now, "why": outcome.reply}
        case Unknown():
            return _D.UNKNOWN, {**known, "settled_at": act.now, "why": outcome.reply}
        case _:
            assert_never(outcome)


def said(outcome: Outcome) -> dict[str, Any]:
    """What is kept of the relay's words, whatever they mean: columns."""
    return {"relay": outcome.relay[:80], "reply": outcome.reply}


def recover(act: Act, *, same_boot: bool) -> int:
    """After a sender died: what it was sending is unknown, what it had only claimed is queued.

    After a restart of the machine the claims are unknown as well: an intent need not have
    reached the disk. Returns how many rows are unknown.
    """
    unknown = [_D.SENDING] if same_boot else sorted(IN_HAND)
    why = "sender_died" if same_boot else "machine_restarted"
    lost = 0
    for table in TABLES:
        lost += _move(act, table, unknown, _D.UNKNOWN, settled_at=act.now, why=why)
        _move(act, table, [_D.CLAIMED], _D.QUEUED)
    through(act)
    return lost


def _move(
    act: Act, table: Table, from_: Sequence[DeliveryState], to: DeliveryState, **changes: Any
) -> int:
    """All that are in hand; how many."""
    statement = moving(table, from_, to, known=table is Delivery, **changes)
    if table is Delivery:
        statement = statement.where(not_through(act.session))
    return count_moved(act.session, statement)


def adopt(act: Act) -> int:
    """Whatever is not final may have gone out from another home: all of it becomes unknown."""
    lost = sum(
        count_moved(
            act.session,
            moving(table, UNFINISHED, _D.UNKNOWN, settled_at=act.now, why="adopted"),
        )
        for table in TABLES
    )
    through(act)
    return lost
