"""Whose mailboxes: the provider behind a domain, by its name or by its mail exchangers (pure).

Providers count what comes to their mail servers, so limits go by operator (BO-12): an
association whose mail lies with Google is Google's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.settings import Provider

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class _Known:
    domains: tuple[str, ...]
    mx: tuple[str, ...]


_KNOWN = {
    "gmail": _Known(("gmail.com", "googlemail.com"), ("google.com", "googlemail.com")),
    "microsoft": _Known(
        (
            "outlook.com",
            "outlook.de",
            "hotmail.com",
            "hotmail.de",
            "live.com",
            "live.de",
            "msn.com",
        ),
        ("outlook.com", "hotmail.com"),
    ),
    "yahoo": _Known(
        ("yahoo.com", "yahoo.de", "ymail.com", "rocketmail.com", "aol.com", "aol.de"),
        ("yahoodns.net",),
    ),
    "united-internet": _Known(
        (
            *("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "gmx.info", "gmx.org"),
            *("web.de", "mail.com", "1und1.de", "online.de"),
        ),
        ("gmx.net", "gmx.com", "web.de", "mail.com", "kundenserver.de", "ionos.de", "1and1.com"),
    ),
    "t-online": _Known(("t-online.de", "magenta.de"), ("t-online.de",)),
}


class Operators:
    """The providers that are limited, and what belongs to them."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._others = DEFAULT in providers
        self._limited = frozenset(providers)
        self._domains: dict[str, str] = {}
        self._mx: dict[str, str] = {}
        for name, known in _KNOWN.items():
            self._learn(name, known.domains, known.mx)
        for name, configured in providers.items():  # they win over what we know
            self._learn(name, configured.domains, configured.mx)

    def _learn(self, name: str, domains: Iterable[str], mx: Iterable[str]) -> None:
        self._domains.update(dict.fromkeys(domains, name))
        self._mx.update(dict.fromkeys(mx, name))

    def knows(self, domain: str) -> bool:
        """Whether the name alone says whose it is."""
        return domain in self._domains

    def named(self, domain: str) -> str | None:
        """The provider that a domain belongs to by its name alone; None: nobody we know."""
        return self._domains.get(domain)

    def limited(self, domain: str, exchangers: Iterable[str] = ()) -> str | None:
        """The limit that an address of this domain falls under; None: under none.

        ``exchangers``: its mail exchangers, the most preferred first. What belongs to nobody
        that we know falls under ``default``, each operator by itself.
        """
        hosts = [host.rstrip(".").lower() for host in exchangers]
        name = self._domains.get(domain) or self._by_exchangers(hosts)
        if name is not None and name in self._limited:
            return name
        operator = name or ".".join((hosts[0] if hosts and hosts[0] else domain).split(".")[-2:])
        return f"{DEFAULT}:{operator}" if self._others else None

    def _by_exchangers(self, hosts: Iterable[str]) -> str | None:
        for host in hosts:
            labels = host.split(".")
            for start in range(len(labels)):
                if name := self._mx.get(".".join(labels[start:])):
                    return name
        return None
