"""How often forms may be sent: by one personal link, and from one address (WB-11).

It holds for this process and forgets at its end: it is there for programs that went wrong, not
for an account. What may be handed in on one day is counted in the database.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import Scope

# A draft is saved every second and a half while somebody types, in two windows at most times.
PER_LINK = 120  # in a minute
PER_ADDRESS = 600  # in a minute: an office has one address
_FORMS = frozenset(
    {"submit", "einreichen", "s", "calls", "upload", "access", "zugang", "preferences"}
)
_MOST = 10_000  # links and addresses remembered
_LONGEST = 300  # characters of a token; a signed one has 200


@dataclass(slots=True)
class Turnstile:
    """Lets so many through in a minute, evenly; each key by itself."""

    clock: Callable[[], float]  # seconds; may be put back
    seen: dict[str, tuple[float, float]] = field(default_factory=dict)  # how many, as of when

    def wait(self, scope: Scope) -> int:
        """Seconds to wait before this request may come again; 0 lets it through.

        Of an address that sends too much nothing else is remembered.
        """
        waits = (self._count(key, most) for key, most in keys(scope))
        return next((seconds for seconds in waits if seconds), 0)

    def _count(self, key: str, most: int) -> int:
        now = self.clock()
        level, then = self.seen.get(key, (0.0, now))
        level = max(0.0, level - max(0.0, now - then) * most / 60)
        if level + 1 > most:
            return 1 + int((level + 1 - most) * 60 / most)
        if len(self.seen) >= _MOST:
            lately = {it: kept for it, kept in self.seen.items() if kept[1] > now - 60}
            self.seen = lately if len(lately) < _MOST else {}  # to sort them each time costs more
        self.seen[key] = (level + 1, now)
        return 0


def keys(scope: Scope) -> list[tuple[str, int]]:
    """What a form is counted by, and how many of it go; nothing for any other request (pure).

    One-click goodbyes are none: providers share addresses (WB-02). This machine itself is none.
    """
    first, _slash, rest = str(scope["path"]).lstrip("/").partition("/")
    if scope["method"] != "POST" or first not in _FORMS:
        return []
    token, whose = rest.partition("/")[0], network(scope)
    found = [(f"from {whose}", PER_ADDRESS)] if whose else []
    return [*found, (f"link {token[:_LONGEST]}", PER_LINK)] if token else found


def network(scope: Scope) -> str:
    """Where a request comes from: an address, of IPv6 a household's; nothing for this machine.

    A proxy on this machine that does not name its clients would make them all one.
    """
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
