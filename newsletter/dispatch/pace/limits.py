"""Limits as they are configured: at most so many in a span of time (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class Rates(Protocol):
    """What may be configured: for all we send, for a relay, for a mailbox provider."""

    @property
    def per_second(self) -> float | None: ...

    @property
    def per_minute(self) -> float | None: ...

    @property
    def per_hour(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` messages in any span of this length."""

    count: int
    span: timedelta

    @property
    def spacing(self) -> timedelta:
        """From one message to the next, if they are evenly spread."""
        return self.span / self.count


def limits_of(rates: Rates) -> tuple[Limit, ...]:
    """The limits that are configured; half a message a second is one in two seconds."""
    configured = (
        (rates.per_second, timedelta(seconds=1)),
        (rates.per_minute, timedelta(minutes=1)),
        (rates.per_hour, timedelta(hours=1)),
    )
    limits = []
    for rate, span in configured:
        if rate is not None:
            count = max(1, int(rate))
            limits.append(Limit(count, span * count / rate))
    return tuple(limits)


def spacing_of(limits: Sequence[Limit]) -> timedelta:
    """From one message to the next so that all limits are kept; zero without limits."""
    return max((limit.spacing for limit in limits), default=timedelta(0))


def duration(count: int, limits: Sequence[Limit]) -> timedelta | None:
    """How long so many messages take at these limits; None: nothing limits them.

    Messages are evenly spread, so the tightest limit alone decides: 4,812 at 30 a minute and
    5 a second take 160 minutes and 24 seconds.
    """
    return max((limit.span * count / limit.count for limit in limits), default=None)


def limits_over(rates: Rates, relays: Sequence[Rates]) -> tuple[Limit, ...]:
    """The limits for all we send, and what several relays together may take."""
    spacings = [spacing_of(limits_of(relay)) for relay in relays]
    if not spacings or not all(spacings):
        return limits_of(rates)
    an_hour = sum(timedelta(hours=1) / spacing for spacing in spacings)
    whole = max(1, int(an_hour))
    return (*limits_of(rates), Limit(whole, timedelta(hours=1) * whole / an_hour))
