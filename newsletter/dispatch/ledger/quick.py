"""The short way of what happens once per message: copies that were accepted, and the next ones.

The statements are those of ``settle_all`` and ``intend_all``; only SQLAlchemy's work per run
is left out. What is not usual (another outcome, a letter, a row that may not go out any more)
is left to them.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import Engine, Executable, bindparam

from newsletter import database
from newsletter.dispatch.replies import Receipt
from newsletter.history import Clock
from newsletter.models.delivery import Delivery, DeliveryState
from subscribers.columns import UtcDateTime

from .claims import intending
from .rows import Keys, Row, settling
from .settling import Settled, accepted

_D = DeliveryState


class Quick:
    """Settles and intends over a connection of its own. DatabaseAway."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._line = database.Line(engine)
        self._settle = database.Prepared(_settling_accepted(), engine)
        self._intend: dict[int, database.Prepared] = {}  # by how many

    @property
    def instant(self) -> bool:
        """Whether ``write`` waits for nothing."""
        return self._line.instant

    def write(self, settled: Sequence[Settled], wanted: Sequence[Row]) -> Keys | None:
        """In one transaction: what came of some copies, then which of the next may go out.

        A row that is not in the answer has not been moved. None, with nothing done, if this
        is not for here or somebody else is writing just now.
        """
        if not _usual(settled, wanted):
            return None
        steps: list[database.line.Step] = []
        if settled:
            now = self._clock()
            steps.append((self._settle, [accepted(each, now) for each in settled]))
        if wanted:
            these = {f"these_{place}": row.id for place, row in enumerate(wanted)}
            steps.append((self._intending(len(wanted)), [{**these, "this_claim": wanted[0].claim}]))
        if not steps:
            return frozenset()
        rows = self._line.run(steps)
        if rows is None:
            return None
        return frozenset((Delivery, key) for (key,) in rows) if wanted else frozenset()

    def _intending(self, count: int) -> database.Prepared:
        if count not in self._intend:
            self._intend[count] = database.Prepared(_intending_these(count), self._engine)
        return self._intend[count]

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()


def _usual(settled: Iterable[Settled], wanted: Sequence[Row]) -> bool:
    return all(
        isinstance(each.outcome, Receipt) and isinstance(each.row, Delivery) for each in settled
    ) and all(isinstance(row, Delivery) and row.claim == wanted[0].claim for row in wanted)


@lru_cache(maxsize=1)
def _settling_accepted() -> Executable:
    """``settling``, with the columns that ``accepted`` fills."""
    return settling(Delivery, (_D.SENDING, _D.UNKNOWN), _D.ACCEPTED).values(
        relay=bindparam("relay"),
        reply=bindparam("reply"),
        settled_at=bindparam("settled_at", type_=UtcDateTime),
        why=bindparam("why"),
    )


@lru_cache(maxsize=100)
def _intending_these(count: int) -> Executable:
    return intending(
        Delivery, [bindparam(f"these_{place}", 0, required=True) for place in range(count)]
    )
