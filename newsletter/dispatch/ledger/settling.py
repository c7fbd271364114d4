"""What came of a row: settled under its own claim, or recovered after its sender died."""

from datetime import datetime
from random import Random
from typing import Any, assert_never

from newsletter.dispatch.pace import retry_at
from newsletter.dispatch.replies import Deferred, Outcome, Receipt, Refused, Unknown
from newsletter.history import Act
from newsletter.models.delivery import IN_HAND, UNFINISHED, DeliveryState

from .rows import TABLES, Row, count_moved, moving, settling, this

_D = DeliveryState
_jitter = Random()  # noqa: S311  (spreads retries, keeps no secret)


def settle(
    act: Act,
    row: Row,
    outcome: Outcome,
    *,
    again: datetime | None = None,
    rng: Random = _jitter,
) -> bool:
    """Write what came of a row that was intended; False if it is no longer under its claim.

    A late answer counts: a row that was called unknown meanwhile still takes it. ``again``
    is when a deferred row comes next, if it is not to wait its usual time.
    """
    to, changes = _written(act, row, outcome, again, rng)
    from_ = (_D.SENDING,) if to is _D.UNKNOWN else (_D.SENDING, _D.UNKNOWN)
    statement = settling(type(row), from_, to)
    return bool(count_moved(act.session, statement, {**this(row), **changes}))


def _written(
    act: Act, row: Row, outcome: Outcome, again: datetime | None, rng: Random
) -> tuple[DeliveryState, dict[str, Any]]:
    said: dict[str, Any] = {"relay": outcome.relay[:80], "reply": outcome.reply}
    match outcome:
        case Receipt():
            return _D.ACCEPTED, {**said, "settled_at": act.now, "why": None}
        case Deferred():
            # attempts counts this try: the statement that intended it has added it
            usual = retry_at(row.attempts + 1, act.now, rng)
            return _D.DEFERRED, {**said, "not_before": again or usual}
        case Refused():
            return _D.REFUSED, {**said, "settled_at": act.now, "why": outcome.reply}
        case Unknown():
            return _D.UNKNOWN, {**said, "settled_at": act.now, "why": outcome.reply}
        case _:
            assert_never(outcome)


def recover(act: Act, *, same_boot: bool) -> int:
    """After a sender died: what it was sending is unknown, what it had only claimed is queued.

    After a restart of the machine the claims are unknown as well: an intent need not have
    reached the disk. Returns how many rows are unknown.
    """
    unknown = [_D.SENDING] if same_boot else list(IN_HAND)
    why = "sender_died" if same_boot else "machine_restarted"
    lost = 0
    for table in TABLES:
        lost += count_moved(
            act.session, moving(table, unknown, _D.UNKNOWN, settled_at=act.now, why=why)
        )
        count_moved(act.session, moving(table, [_D.CLAIMED], _D.QUEUED))
    return lost


def adopt(act: Act) -> int:
    """Whatever is not final may have gone out from another home: all of it becomes unknown."""
    return sum(
        count_moved(
            act.session,
            moving(table, UNFINISHED, _D.UNKNOWN, settled_at=act.now, why="adopted"),
        )
        for table in TABLES
    )
