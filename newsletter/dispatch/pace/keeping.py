"""Keeping limits: a moment for each message, evenly spread, with room for letters (pure)."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from .limits import Limit, spacing_of

_NO_TIME = timedelta(0)


class Pace:
    """Keeps every limit over every span, given the moments at which messages went out.

    Several connections share it: each books a moment before it sends, and says when the relay
    has answered, since that is when the relay counted. An issue's copies are evenly spread
    (BO-14), so the next free moment is never far for a letter; letters are not spread.
    """

    def __init__(self, limits: Sequence[Limit], lately: Iterable[datetime] = ()) -> None:
        self.limits = tuple(limits)
        self._longest = max((limit.count for limit in limits), default=0)
        self._spacing = spacing_of(limits)
        self._went = sorted(lately)
        self._last = self._went[-1] if self._went else None  # of those that are spread
        self._now: datetime | None = None  # as it was told last

    def book(self, now: datetime, *, spread: bool = True) -> datetime:
        """The moment at which the next message may go, taken from all others; now or later."""
        if not self.limits:
            return now
        at = now + self.wait(now, spread=spread)
        if spread:
            self._last = at
        self._keep(at)
        return at

    @property
    def moments(self) -> list[datetime]:
        """Those that still count, in order."""
        return list(self._went)

    def give_back(self, booked: datetime) -> None:
        """The message with this moment did not go."""
        place = bisect_left(self._went, booked)
        if self._went[place : place + 1] == [booked]:
            del self._went[place]

    def went(self, booked: datetime, now: datetime) -> None:
        """The relay has just answered for the message with this moment."""
        if self.limits:
            self.give_back(booked)
            self._keep(now)

    def told(self, now: datetime) -> None:
        """The moment by the machine's clock. If it was put back, all moments are with it:
        what went out an hour "ahead" must not hold us up for an hour.
        """
        if self._now is not None and now < self._now:
            back = self._now - now
            self._went = [moment - back for moment in self._went]
            self._last = self._last and self._last - back
        self._now = now

    def wait(self, now: datetime, *, spread: bool = True) -> timedelta:
        """How long the next message has to wait; zero if it may go."""
        frees = [
            self._went[-limit.count] + limit.span
            for limit in self.limits
            if len(self._went) >= limit.count
        ]
        if spread and self._last is not None:
            frees.append(self._last + self._spacing)
        return max([_NO_TIME, *(moment - now for moment in frees)])

    def _keep(self, moment: datetime) -> None:
        insort(self._went, moment)
        del self._went[: -self._longest]


class Booking:
    """One message's moments with several paces; it may go when the last of them allows."""

    def __init__(self, paces: Iterable[Pace], now: datetime, *, spread: bool = True) -> None:
        self._moments: list[tuple[Pace, datetime]] = []
        at = now
        for each in paces:
            if each.limits:
                each.told(now)
                at = each.book(at, spread=spread)
                self._moments.append((each, at))
        self.wait = (at - now).total_seconds() if self._moments else 0.0  # seconds

    def went(self, now: datetime) -> None:
        """The relay has just answered."""
        for each, moment in self._moments:
            each.went(moment, now)

    def give_back(self) -> None:
        """It did not go."""
        for each, moment in self._moments:
            each.give_back(moment)
