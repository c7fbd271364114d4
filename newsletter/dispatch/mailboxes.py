"""Which provider's limit an address falls under: by its domain, else by asking the DNS for its
mail exchangers (BO-12).

It asks only where providers are limited, each domain once in hours. A DNS that fails or is slow
stops nothing: then the domain's name alone decides.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.history import Clock
from newsletter.settings import Sending

from .pace import Operators

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

_KNOWN_FOR = timedelta(hours=6)
_UNKNOWN_FOR = timedelta(minutes=10)  # the DNS failed, or knows no such domain
_AT_ONCE = 20
_PATIENCE = 2.0  # seconds for one answer
_ALTOGETHER = 4.0  # seconds for one claim's domains
_REST = timedelta(minutes=1)  # for a DNS that answered nothing
_MOST = 20_000  # domains kept in mind


class Mailboxes:
    """Addresses and their limits; ``learn`` before ``of``."""

    def __init__(self, sending: Sending, clock: Clock) -> None:
        self._operators = Operators(sending.providers)
        self._server, self._clock = sending.dns_server, clock
        self._rests_until: datetime | None = None
        self._answered = False
        self._asked: dict[str, tuple[str | None, datetime]] = {}  # the limit, and until when

    def of(self, address: str) -> str | None:
        """The limit that this address falls under; None: under none."""
        domain = _domain(address)
        known = self._asked.get(domain)
        return known[0] if known else self._operators.limited(domain)

    async def learn(self, addresses: Iterable[str]) -> None:
        """Ask the DNS about domains that are new, for a few seconds at most."""
        now = self._clock()
        new = {domain for domain in map(_domain, addresses) if self._is_new(domain, now)}
        if not new or (self._rests_until is not None and now < self._rests_until):
            return
        if len(self._asked) > _MOST:
            self._asked.clear()
        self._answered = False
        gate = asyncio.Semaphore(_AT_ONCE)
        tasks = [asyncio.create_task(self._ask(domain, gate)) for domain in new]
        __, late = await asyncio.wait(tasks, timeout=_ALTOGETHER)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for domain in new - self._asked.keys():  # nobody answered in time
            self._asked[domain] = (self._operators.limited(domain), now + _UNKNOWN_FOR)
        self._rests_until = None if self._answered else self._clock() + _REST

    def _is_new(self, domain: str, now: datetime) -> bool:
        if self._operators.knows(domain):
            return False
        known = self._asked.get(domain)
        return known is None or known[1] <= now

    async def _ask(self, domain: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            hosts = await self._exchangers(domain)
        now = self._clock()
        until = now + (_UNKNOWN_FOR if hosts is None else _KNOWN_FOR)
        self._asked[domain] = (self._operators.limited(domain, hosts or ()), until)

    async def _exchangers(self, domain: str) -> list[str] | None:
        """The most preferred first; None if the DNS does not say."""
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            answer = await self._resolver.resolve(domain, "MX", lifetime=_PATIENCE, search=False)
        except (NXDOMAIN, NoAnswer):
            self._answered = True
            return None
        except (DNSException, OSError, ValueError):
            return None
        self._answered = True
        found = sorted((record.preference, str(record.exchange)) for record in answer)
        return [host for __, host in found]

    @cached_property
    def _resolver(self) -> "Resolver":
        """The system's, or the one that is configured. It costs 50 ms, so only where wanted."""
        from dns.asyncresolver import Resolver

        if self._server is None:
            return Resolver()
        host, __, port = self._server.partition(":")
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = [host], int(port or 53)
        return resolver


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
