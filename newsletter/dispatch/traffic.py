"""The lanes of a run, one for each provider that is limited: what may go of a claim, and what
has to come again.

Their throttles are kept in the database, and what went out lately is in the ledger: a restart
forgets nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from newsletter.history import Clock
from newsletter.models.delivery import Letter
from newsletter.settings import Provider, Sending

from . import pace
from .ledger import Row, key_of
from .mailboxes import Mailboxes
from .replies import Outcome

Lately = Callable[[], Sequence[tuple[datetime, str]]]  # when, and to which address


class Traffic:
    """Sorts rows into lanes; without limits for providers it does nothing and costs nothing."""

    def __init__(
        self,
        sending: Sending,
        clock: Clock,
        lately: Lately,
        throttles: Mapping[str, pace.Throttle],
    ) -> None:
        self.limited = bool(sending.providers)
        self._providers, self._clock = sending.providers, clock
        self._mailboxes = Mailboxes(sending, clock)
        self._lately, self._throttles = lately, dict(throttles)
        self._lanes: dict[str, pace.Lane] | None = None  # until the first claim
        self._booked: dict[object, tuple[str, datetime]] = {}
        self._changed: set[str] = set()
        self.freed = asyncio.Event()

    async def sort(
        self, rows: Sequence[Row], address: Callable[[Row], str | None]
    ) -> tuple[list[Row], list[tuple[Row, datetime]]]:
        """Of a claim, the rows that may go now, and the others with the moment to come again."""
        addressed = [(row, address(row) or "") for row in rows]
        await self._mailboxes.learn(to for __, to in addressed if to)
        await self._remember()
        now = self._clock()
        self._forget_idle(now)
        go: list[Row] = []
        later: list[tuple[Row, datetime]] = []
        for row, to in addressed:
            name = self._mailboxes.of(to) if to else None
            at = None if name is None else self._come_again(name, row, now)
            if at is None:
                go.append(row)
            else:
                later.append((row, at))
        return go, later

    def _come_again(self, name: str, row: Row, now: datetime) -> datetime | None:
        goes, at = self._lane(name).place(now, letter=isinstance(row, Letter))
        if goes:
            self._booked[key_of(row)] = (name, at)
        return None if goes else at

    def _lane(self, name: str) -> pace.Lane:
        assert self._lanes is not None
        if name not in self._lanes:
            self._lanes[name] = pace.Lane(self._provider(name), (), self._throttles.get(name))
        return self._lanes[name]

    def _provider(self, name: str) -> Provider:
        return self._providers.get(name) or self._providers[pace.DEFAULT]

    async def _remember(self) -> None:
        """Once per run: what went out before it began."""
        if self._lanes is not None:
            return
        lately = self._lately()
        await self._mailboxes.learn(to for __, to in lately)
        went: dict[str, list[datetime]] = {}
        for moment, to in lately:
            if name := self._mailboxes.of(to):
                went.setdefault(name, []).append(moment)
        self._lanes = {
            name: pace.Lane(self._provider(name), moments, self._throttles.get(name))
            for name, moments in went.items()
        }

    def _forget_idle(self, now: datetime) -> None:
        """There are as many operators as domains; only those in use are kept in mind."""
        lanes = self._lanes or {}
        for name in [name for name, lane in lanes.items() if lane.idle(now)]:
            if name not in self._changed:
                del lanes[name]

    # -- on their way -----------------------------------------------------------------------

    def begins(self, row: Row) -> bool:
        """It is on its way from now on; False if its provider takes no more connections."""
        booked = self._booked.get(key_of(row))
        if booked is not None:
            lane = self._lane(booked[0])
            if not lane.free:
                return False
            lane.busy += 1
        return True

    def moment(self, row: Row) -> datetime | None:
        """When it may go; None: at any time."""
        booked = self._booked.get(key_of(row))
        return booked[1] if booked else None

    def ends(self, row: Row, outcome: Outcome | None) -> None:
        """What came of it; None: it did not go."""
        booked = self._booked.pop(key_of(row), None)
        if booked is None:
            return
        name, moment = booked
        lane = self._lane(name)
        lane.busy -= 1
        if outcome is None:
            lane.give_back(moment)
        elif lane.went(moment, self._clock(), outcome):
            self._changed.add(name)
        self.freed.set()

    def end(self) -> dict[str, pace.Throttle]:
        """The claim is over: what never began gives its moment back. Throttles that changed."""
        for name, moment in self._booked.values():
            self._lane(name).give_back(moment)
        self._booked.clear()
        changed = {name: self._lane(name).throttle for name in self._changed}
        self._throttles.update(changed)
        self._changed.clear()
        return changed
