"""The short way of what happens once per message: copies that were accepted, and the next ones.

The statements are those of ``settle_all`` and ``intend_all``; only SQLAlchemy's work per run
is left out. What is not usual (another outcome, a letter, a row that may not go out any more)
is left to them.
"""

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Case, Engine, Executable, Update, bindparam, case
from sqlmodel import col

from newsletter import database
from newsletter.dispatch.replies import Receipt
from newsletter.history import Clock
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from subscribers.columns import UtcDateTime

from .claims import intending
from .rows import Keys, Row, moving, under
from .settling import Settled, said

_D = DeliveryState
Thing = TypeVar("Thing")


class Quick:
    """Settles and intends over a connection of its own. DatabaseAway."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._line = database.Line(engine)
        self._ready: dict[tuple[Any, ...], database.Prepared] = {}

    @property
    def instant(self) -> bool:
        """Whether ``write`` waits for nothing."""
        return self._line.instant

    async def write(self, settled: Sequence[Settled], wanted: Sequence[Row]) -> Keys | None:
        """In one transaction: what came of some copies, then which of the next may go out.

        A row that is not in the answer has not been moved. None, with nothing done, if this
        is not for here or somebody else is writing just now.
        """
        if not _usual(settled, wanted):
            return None
        steps = self._steps(_filled_up(settled), _filled_up(wanted))
        rows = await self._line.run(steps) if steps else []
        if rows is None:
            return None
        return frozenset((Delivery, key) for (key,) in rows)

    def _steps(self, settled: Sequence[Settled], wanted: Sequence[Row]) -> list[database.Step]:
        if settled and wanted and not self._line.instant:  # one statement, one way and back
            both = self._prepared(_both, len(settled), len(wanted))
            return [(both, self._said(settled) | _named(wanted))]
        steps: list[database.Step] = []
        if settled:
            steps.append((self._prepared(_settling, len(settled)), self._said(settled)))
        if wanted:
            steps.append((self._prepared(_intending, len(wanted)), _named(wanted)))
        return steps

    def _said(self, settled: Sequence[Settled]) -> dict[str, Any]:
        values = _named([each.row for each in settled], "done") | {"settled_at": self._clock()}
        for place, each in enumerate(settled):
            for column, value in said(each.outcome).items():
                values[f"{column}_{place}"] = value
        return values

    def _prepared(self, building: Callable[..., Executable], *counts: int) -> database.Prepared:
        key = (building, *counts)
        if key not in self._ready:
            self._ready[key] = database.Prepared(building(*counts), self._engine)
        return self._ready[key]

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()


def _usual(settled: Sequence[Settled], wanted: Sequence[Row]) -> bool:
    rows = [each.row for each in settled]
    return all(isinstance(each.outcome, Receipt) for each in settled) and all(
        not isinstance(row, Letter) and row.claim == these[0].claim
        for these in (rows, wanted)
        for row in these
    )


def _filled_up(these: Sequence[Thing]) -> Sequence[Thing]:
    """As many as the next power of two, the last one again and again: to name a row twice changes
    nothing, and each statement more is one to build, to send and to plan.
    """
    missing = (1 << (len(these) - 1).bit_length()) - len(these) if these else 0
    return [*these, *repeat(these[-1], missing)] if missing else these


def _named(rows: Sequence[Row], name: str = "next") -> dict[str, Any]:
    these: dict[str, Any] = {f"{name}_{place}": row.id for place, row in enumerate(rows)}
    return these | {f"{name}_claim": rows[0].claim}


def _these(name: str, count: int) -> list[BindParameter[int]]:
    return [bindparam(f"{name}_{place}", 0, required=True) for place in range(count)]


def _intending(count: int) -> Update:
    return intending(Delivery, _these("next", count), "next_claim")


def _settling(count: int) -> Update:
    these = _these("done", count)
    return moving(
        Delivery,
        (_D.SENDING, _D.UNKNOWN),
        _D.ACCEPTED,
        known=True,
        relay=_each("relay", these),
        reply=_each("reply", these),
        settled_at=bindparam("settled_at", type_=UtcDateTime),
        why=None,
    ).where(col(Delivery.id).in_(these), under(Delivery, bindparam("done_claim")))


def _both(settled: int, wanted: int) -> Executable:
    return _intending(wanted).add_cte(_settling(settled).cte("done"))


def _each(column: str, these: Sequence[BindParameter[int]]) -> Case[str]:
    """Every row's own value."""
    values: dict[Any, Any] = {
        key: bindparam(f"{column}_{place}", "", required=True) for place, key in enumerate(these)
    }
    return case(values, value=col(Delivery.id))
