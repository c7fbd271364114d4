"""What the DNS says of a domain that sends: SPF, DKIM, DMARC (STANDARDS AU-01, AU-08, AU-09)."""

import time
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.resolver import Resolver

_ALTOGETHER = 3.0  # seconds for all questions


class Record(StrEnum):
    """What stands there; of what nobody could tell nothing is said."""

    THERE = "there"
    MISSING = "missing"
    TWICE = "twice"  # receivers then take none of them


class _Unknown(Exception):
    """No resolver answered in time."""


def sender_records(sender: str, envelope: str, server: str | None = None) -> dict[str, Record]:
    """„spf“ of the envelope's domain, „dkim“ and „dmarc“ of the sender's; it never raises.

    Of a domain that does not exist nothing is said: more likely this resolver does not know the
    net, as in many a house behind a proxy. Nobody outside the relay knows the selector of its
    key, so ``dkim`` tells only whether any key is published at all. ``server``: host or
    host:port, else the system's.
    """
    questions = _Questions(server)
    found = {}
    for name, ask, domain in (
        ("spf", questions.spf, envelope),
        ("dkim", questions.dkim, sender),
        ("dmarc", questions.dmarc, sender),
    ):
        try:
            if questions.exists(domain):
                found[name] = ask(domain)
        except _Unknown:
            continue
    return found


class _Questions:
    def __init__(self, server: str | None) -> None:
        self._resolver = _resolver(server)
        self._told: dict[str, list[str] | None] = {}
        self._until = time.monotonic() + _ALTOGETHER

    def exists(self, domain: str) -> bool:
        return self._texts(domain) is not None

    def spf(self, domain: str) -> Record:
        return _how_many(self._texts(domain), "v=spf1")

    def dkim(self, domain: str) -> Record:
        """A name below ``_domainkey`` makes that name exist, though it says nothing itself."""
        there = self._texts(f"_domainkey.{domain}")
        return Record.MISSING if there is None else Record.THERE

    def dmarc(self, domain: str) -> Record:
        """The domain's own, else that of the domain above it, and so on (RFC 9989)."""
        labels = domain.split(".")
        for start in range(len(labels) - 1):
            name = ".".join(["_dmarc", *labels[start:]])
            if (found := _how_many(self._texts(name), "v=dmarc1")) is not Record.MISSING:
                return found
        return Record.MISSING

    def _texts(self, name: str) -> list[str] | None:
        """The TXT records of a name; None: there is no such name."""
        if name not in self._told:
            self._told[name] = self._asked(name)
        return self._told[name]

    def _asked(self, name: str) -> list[str] | None:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        left = self._until - time.monotonic()
        if self._resolver is None or left <= 0:
            raise _Unknown
        try:
            answer = self._resolver.resolve(name, "TXT", lifetime=left, search=False)
        except NXDOMAIN:
            return None
        except NoAnswer:
            return []
        except (DNSException, OSError, ValueError) as exc:
            raise _Unknown from exc
        return [b"".join(each.strings).decode("ascii", "replace") for each in answer]


def _how_many(texts: list[str] | None, beginning: str) -> Record:
    count = sum(text.casefold().startswith(beginning) for text in texts or ())
    if count > 1:
        return Record.TWICE
    return Record.THERE if count else Record.MISSING


def _resolver(server: str | None) -> "Resolver | None":
    """The system's, or the one that is configured; None where there is none."""
    from dns.resolver import NoResolverConfiguration, Resolver

    if server is None:
        try:
            return Resolver()
        except NoResolverConfiguration:
            return None
    host, __, port = server.partition(":")
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port or 53)
    return resolver
